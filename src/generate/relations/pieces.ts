/** The children of some rows, made in pieces of bounded size however many there are. */
import type { CompiledTable, Engine } from "../engine.ts";
import type { Block } from "../kind.ts";
import type { Spread } from "./spread.ts";

/** Child rows made at a time. */
const PIECE_ROWS = 65_536;

/** Of table number `child`: the rows that these rows own. `owners` are places in the block, ascending. */
export function* childPieces(
  engine: Engine,
  child: number,
  { rows }: Block,
): IterableIterator<{ block: Block; owners: Uint32Array }> {
  const { spread } = engine.tables[child] as CompiledTable & { spread: Spread };
  let children = new Float64Array(PIECE_ROWS);
  let owners = new Uint32Array(PIECE_ROWS);
  let length = 0;
  for (let i = 0; i < rows.length; i++) {
    const first = spread.first(rows[i] as number);
    const count = spread.count(rows[i] as number);
    for (let k = 0; k < count; k++) {
      children[length] = first + k;
      owners[length++] = i;
      if (length < PIECE_ROWS) continue;
      yield { block: engine.blockOf(child, children), owners };
      children = new Float64Array(PIECE_ROWS);
      owners = new Uint32Array(PIECE_ROWS);
      length = 0;
    }
  }
  if (length > 0)
    yield { block: engine.blockOf(child, children.subarray(0, length)), owners: owners.subarray(0, length) };
}
