/** Texts of a preview by the model: asked for at once, for the rows shown, and not kept. */
import { Unprocessable } from "../dataset/errors.ts";
import { ModelFailure } from "../dataset/model.ts";
import type { DraftGroup, Pool } from "../dataset/pool.ts";
import type { World } from "../dataset/world.ts";
import { compileSchema } from "../generate/compile.ts";
import { gather } from "../generate/drafts/gather.ts";
import { draftGroups } from "../generate/drafts/groups.ts";
import { layOut } from "../generate/drafts/lay-out.ts";
import { renderPrompt } from "../generate/drafts/prompt.ts";
import type { Engine } from "../generate/engine.ts";
import { parentsFirst } from "../plan/structure.ts";
import type { Wanted } from "./resolve.ts";

/** Most texts of a preview, and how long it may take: somebody is waiting. */
const MOST_TEXTS = 100;
const WAIT_MS = 60_000;

/** The engine with a model's texts in rows [offset, offset + limit) of each table. Throws Unprocessable when those are too many. */
export async function draftPage(
  world: Pick<World, "complete" | "now">,
  { schema, engine, seed, referenceDate }: Wanted,
  offset: number,
  limit: number,
): Promise<Engine> {
  const shown = engine.tables.map(({ rows }) => Math.max(0, Math.min(limit, rows - offset)));
  const groups = draftGroups(schema, parentsFirst(schema), shown, Number.POSITIVE_INFINITY);
  const texts = groups.reduce((sum, { texts, fields }) => sum + texts * fields.length, 0);
  if (texts > MOST_TEXTS) {
    const message = `The preview has ${texts} texts, a model writes at most ${MOST_TEXTS} of them; lower limit.`;
    throw new Unprocessable([{ pointer: "/text", code: "too-many-texts", message }]);
  }
  const until = new Date(world.now().getTime() + WAIT_MS);
  const pools: Pool[] = [];
  for (const group of groups) {
    const before = compileSchema(schema, seed, referenceDate, pools);
    pools.push(await draftRows(world, before, seed, group, offset, until));
  }
  return compileSchema(schema, seed, referenceDate, pools);
}

async function draftRows(
  world: Pick<World, "complete">,
  engine: Engine,
  seed: number,
  group: DraftGroup,
  offset: number,
  until: Date,
): Promise<Pool> {
  const rows = Array.from({ length: group.texts }, (_, i) => offset + i);
  const draft = layOut(engine, seed, group, rows);
  const gathering = gather(draft);
  for (let calls = 0; gathering.open().length > 0; calls++) {
    const items = gathering.open().slice(0, group.textsPerCall);
    try {
      const completion = await world.complete(renderPrompt(draft, items, calls), { until, calls: 2 });
      gathering.take(
        items.map(({ i }) => i),
        completion,
      );
    } catch (error) {
      if (!(error instanceof ModelFailure)) throw error;
      gathering.giveUp("outage");
    }
  }
  return gathering.pool();
}
