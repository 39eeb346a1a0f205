/** Every generator kind: adding one is a file in `fields/` and a line here. */
import { address } from "./fields/address.ts";
import { after } from "./fields/after.ts";
import { aggregate } from "./fields/aggregate.ts";
import { before } from "./fields/before.ts";
import { beta } from "./fields/beta.ts";
import { boolean } from "./fields/boolean.ts";
import { category } from "./fields/category.ts";
import { company } from "./fields/company.ts";
import { constant } from "./fields/constant.ts";
import { binomial, poisson, zipf } from "./fields/counts.ts";
import { date } from "./fields/date.ts";
import { datetime } from "./fields/datetime.ts";
import { duration } from "./fields/duration.ts";
import { expression } from "./fields/expression.ts";
import { fakerKind } from "./fields/faker.ts";
import { exponential, gamma } from "./fields/gamma.ts";
import { list } from "./fields/list.ts";
import { lookup } from "./fields/lookup.ts";
import { mixture } from "./fields/mixture.ts";
import { lognormal, normalKind } from "./fields/normal.ts";
import { pattern } from "./fields/pattern.ts";
import { person } from "./fields/person.ts";
import { sequence } from "./fields/sequence.ts";
import { template } from "./fields/template.ts";
import { text } from "./fields/text.ts";
import { time } from "./fields/time.ts";
import { uniform } from "./fields/uniform.ts";
import { uuid } from "./fields/uuid.ts";
import { when } from "./fields/when.ts";
import type { Kind } from "./kind.ts";

export const KINDS = new Map<string, Kind<unknown>>(
  Object.entries({
    sequence,
    uuid,
    constant,
    category,
    list,
    pattern,
    uniform,
    normal: normalKind,
    lognormal,
    exponential,
    gamma,
    beta,
    poisson,
    binomial,
    zipf,
    boolean,
    date,
    datetime,
    time,
    after,
    before,
    duration,
    person,
    address,
    company,
    faker: fakerKind,
    lookup,
    expression,
    when,
    mixture,
    template,
    text,
    aggregate,
  }) as [string, Kind<unknown>][],
);
