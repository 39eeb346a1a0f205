import { describe, expect, test } from "vitest";
import { compareRoutes, parseRoute, pathSegments } from "../../src/local/route.ts";

const match = (template: string, path: string) => parseRoute(template).match(pathSegments(path));

describe("a route template", () => {
  test.each([
    ["shop/cart", "/SHOP/Cart", {}],
    ["shop/cart", "/shop/cart/", {}],
    ["shop/cart", "/shop/cart/x", undefined],
    ["shop/{item}", "/shop/a%20b", { item: "a b" }],
    ["shop/{item}", "/shop/a%2Fb", { item: "a%2Fb" }],
    ["shop/{item}", "/shop/%ff", { item: "%ff" }],
    ["shop/{item}", "/shop", undefined],
    ["shop/{item}", "/shop//", undefined],
    ["shop/{item?}", "/shop", {}],
    ["shop/{item?}", "/shop/a", { item: "a" }],
    ["shop/{*rest}", "/shop", {}],
    ["shop/{*rest}", "/shop/a/b/c", { rest: "a/b/c" }],
    ["shop/{**rest}", "/shop/a", { rest: "a" }],
    ["datasets/{name}/{table}.csv", "/datasets/demo/orders.CSV", { name: "demo", table: "orders" }],
    ["datasets/{name}/{table}.csv", "/datasets/demo/.csv", undefined],
    ["{a}-{b}", "/x-y-z", { a: "x-y", b: "z" }],
    ["{{x}}/{a}", "/{x}/1", { a: "1" }],
  ])("%s on %s gives %o", (template, path, expected) => {
    expect(match(template, path)).toEqual(expected);
  });

  test.each([
    ["int", ["1", "-1", "2147483647"], ["2147483648", "1.5", "a"]],
    ["long", ["9223372036854775807"], ["9223372036854775808"]],
    ["guid", ["b33f0a2e-4b6f-4f8e-9d5a-0c1d2e3f4a5b", "b33f0a2e4b6f4f8e9d5a0c1d2e3f4a5b"], ["b33f0a2e-4b6f4f8e-9d5a"]],
    ["alpha", ["abc"], ["ab1"]],
    ["bool", ["true", "False"], ["yes"]],
    ["double", ["1.5", "-2e3"], ["x"]],
    ["length(2)", ["ab"], ["a", "abc"]],
    ["length(2,3)", ["ab", "abc"], ["a", "abcd"]],
    ["minlength(2)", ["ab"], ["a"]],
    ["maxlength(2)", ["ab"], ["abc"]],
    ["min(10)", ["10"], ["9", "x"]],
    ["max(10)", ["10"], ["11"]],
    ["range(1,3)", ["1", "3"], ["0", "4"]],
    ["regex(^\\d{{2}}:[a-z]$)", ["12:a", "12:A"], ["1:a"]],
    ["int:range(1,3)", ["2"], ["4"]],
  ])("with the constraint %s lets in %o and not %o", (constraint, inside, outside) => {
    const fits = (value: string) => match(`{x:${constraint}}`, `/${value}`) !== undefined;
    expect({ inside: inside.filter(fits), outside: outside.filter(fits) }).toEqual({ inside, outside: [] });
  });

  test.each([
    ["{x:datetime}", 'the constraint "datetime" is not supported by the local host'],
    ["{x:min(a)}", '"(a)" must hold 1 whole numbers'],
    ["{x:range(1)}", '"(1)" must hold 2 whole numbers'],
    ["{x=1}", 'can\'t read the parameter "{x=1}"'],
    ["{x", 'can\'t read the part "{x"'],
    ["a//b", 'can\'t read the part ""'],
    ["{*x}/b", "a catch-all parameter must come last"],
    ["{a}.{b?}", '"b" can be optional or catch-all only when it is a whole segment'],
  ])("%s is refused, because %s", (template, message) => {
    expect(() => parseRoute(template)).toThrow(message);
  });

  test("is tried after every more specific one", () => {
    const ordered = ["a", "a/b", "a/{x}.csv", "a/{x:int}", "a/{x}", "a/{x}/c", "a/{x?}", "a/{*x}", "{x}/b", "{*x}"];
    const routes = ordered.map((template) => ({ template, ...parseRoute(template) }));
    expect(routes.toReversed().toSorted(compareRoutes)).toEqual(routes);
  });
});
