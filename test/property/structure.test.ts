import fc from "fast-check";
import { expect, test } from "vitest";
import type { Table } from "../../src/dataset/schema.ts";
import { parentsFirst, structureFaults } from "../../src/plan/structure.ts";
import { childOf, tableOf } from "../support/small-tables.ts";

/** Tables 0 to n-1 in some order, and for some pairs that the later refers to the earlier. */
const graph = fc.integer({ min: 2, max: 8 }).chain((n) => {
  const edge = fc.integer({ min: 1, max: n - 1 }).chain((child) => fc.tuple(fc.constant(child), fc.nat(child - 1)));
  return fc.record({
    order: fc.shuffledSubarray([...Array(n).keys()], { minLength: n }),
    edges: fc.uniqueArray(edge, { selector: ([child, parent]) => `${child} ${parent}` }),
  });
});

function tablesOf(order: readonly number[], edges: readonly (readonly [number, number])[]): Table[] {
  return order.map((place) => {
    const parents = edges.filter(([child]) => child === place).map(([, parent]) => childOf(`t${parent}`));
    return tableOf(
      `t${place}`,
      parents.map(({ field }) => field),
      { foreignKeys: parents.map(({ key }) => key) },
    );
  });
}

test("every table comes once, and after all its parents", () => {
  fc.assert(
    fc.property(graph, ({ order, edges }) => {
      const schema = { name: "small", tables: tablesOf(order, edges) };
      expect(structureFaults(schema)).toEqual([]);
      const places = parentsFirst(schema);
      expect([...places].sort()).toEqual([...order.keys()]);
      const rank = (table: number) => places.indexOf(order.indexOf(table));
      expect(edges.filter(([child, parent]) => rank(child) < rank(parent))).toEqual([]);
    }),
  );
});

test("with one reference back from a parent to a child of its own, each circle is told by its way", () => {
  fc.assert(
    fc.property(graph, fc.nat(), ({ order, edges }, pick) => {
      fc.pre(edges.length > 0);
      const [child, parent] = edges[pick % edges.length] as [number, number];
      const faults = structureFaults({ name: "small", tables: tablesOf(order, [...edges, [parent, child]]) });
      const all = [...edges, [parent, child]].map(([from, to]) => `t${from} t${to}`);
      expect(faults.length).toBeGreaterThan(0);
      for (const { code, message } of faults) {
        expect(code).toBe("cycle");
        const way = /circle: (.*)\. Remove/.exec(message)?.[1]?.split(" -> ") ?? [];
        expect(way[0]).toBe(way.at(-1));
        const steps = way.slice(1).map((name, i) => `${way[i]} ${name}`);
        expect(steps.filter((step) => !all.includes(step))).toEqual([]);
        // Every circle goes over the reference back, as there is none without it.
        expect(steps).toContain(`t${parent} t${child}`);
      }
    }),
  );
});
