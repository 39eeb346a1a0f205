/** Every generator kind: adding one is a file in `fields/` and a line here. */
import { address } from "./fields/address.ts";
import { category } from "./fields/category.ts";
import { constant } from "./fields/constant.ts";
import { date } from "./fields/date.ts";
import { expression } from "./fields/expression.ts";
import { fakerKind } from "./fields/faker.ts";
import { lookup } from "./fields/lookup.ts";
import { lognormal, normalKind, uniform } from "./fields/numbers.ts";
import { person } from "./fields/person.ts";
import { sequence } from "./fields/sequence.ts";
import { template } from "./fields/template.ts";
import { text } from "./fields/text.ts";
import type { Kind } from "./kind.ts";

export const KINDS = new Map<string, Kind<unknown>>(
  Object.entries({
    sequence,
    constant,
    category,
    uniform,
    normal: normalKind,
    lognormal,
    date,
    person,
    address,
    faker: fakerKind,
    lookup,
    expression,
    template,
    text,
  }) as [string, Kind<unknown>][],
);
