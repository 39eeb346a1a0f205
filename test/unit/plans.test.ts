/** How workers come by plans. */
import { expect, test } from "vitest";
import { JobFailure } from "../../src/dataset/errors.ts";
import { PRESETS } from "../../src/dataset/presets.ts";
import type { SchemaDocument } from "../../src/dataset/schema.ts";
import { makePlan } from "../../src/plan/cut.ts";
import { keepPlans } from "../../src/worker/plans.ts";

const plan = makePlan(
  {
    ...{ seed: 1, referenceDate: "2026-01-01", schema: PRESETS.get("ecommerce") as SchemaDocument },
    ...{ csv: { formulaGuard: false }, dataset: "shop", createdAt: "2026-01-01T00:00:00.000Z", load: false },
  },
  [20, 20, 30].map((rows) => ({ rows, bytesPerRow: 100 })),
);

/** Storage that holds this plan for every job, and how often it was read. */
function storage(text: string) {
  const read: string[] = [];
  return {
    read,
    readText: async (blob: string) => {
      read.push(blob);
      return text;
    },
  };
}

test("a job's plan is read and compiled once, however many of its chunks come", async () => {
  const world = storage(JSON.stringify(plan));
  const openPlan = keepPlans(world);
  const opened = await Promise.all([openPlan("a"), openPlan("a"), openPlan("b")]);
  expect(opened.map((one) => one.plan)).toEqual([plan, plan, plan]);
  expect(opened[0]?.engine).toBe(opened[1]?.engine);
  expect(world.read).toEqual(["jobs/a/plan.json", "jobs/b/plan.json"]);
});

test("a plan that could not be read is asked for again", async () => {
  const world = storage(JSON.stringify(plan));
  let isDown = true;
  const openPlan = keepPlans({
    readText: (blob) => (isDown ? Promise.reject(new Error("down")) : world.readText(blob)),
  });
  await expect(openPlan("a")).rejects.toThrow("down");
  isDown = false;
  expect((await openPlan("a")).plan).toEqual(plan);
});

test("only the latest eight jobs are kept, so that a worker's memory does not grow with jobs", async () => {
  const world = storage(JSON.stringify(plan));
  const openPlan = keepPlans(world);
  for (const id of ["1", "2", "3", "4", "5", "6", "7", "8", "9", "9", "1"]) await openPlan(id);
  expect(world.read.length).toBe(10);
});

test("a job of another engine version can't go on, since its bytes would be others", async () => {
  const openPlan = keepPlans(storage(JSON.stringify({ ...plan, engineVersion: 0 })));
  await expect(openPlan("a")).rejects.toThrow(JobFailure);
  await expect(openPlan("a")).rejects.toThrow(
    "The job was accepted by engine version 0, this is 1; send the request again.",
  );
});
