/** A foreign key at work: the parent's row of each row of a block, by the way its plan says. */
import type { Column } from "../column.ts";
import type { CompiledTable, Engine, Link } from "../engine.ts";
import type { Expression } from "../expression/expression.ts";
import { type Block, GeneratorFault } from "../kind.ts";
import { below, makeStream, type Stream, uniform } from "../random.ts";
import { keyOf, parentFinder } from "./find.ts";
import { type Groups, groupingRemedy } from "./groups.ts";
import type { Deal } from "./keys.ts";
import { areApart, type LinkPlan } from "./links.ts";
import { MOST_WEIGHED, makePicker, type Picker } from "./pick.ts";
import type { Spread } from "./spread.ts";
import { cutLevels, type Levels, levelOf, parentInTree } from "./tree.ts";

/** What a link is made from. */
export interface LinkSource {
  readonly tables: readonly CompiledTable[];
  readonly engine: Engine;
  readonly seed: number;
  readonly table: string;
  readonly links: readonly LinkPlan[];
  /** Rows of the table itself, and of a parent. */
  readonly rows: number;
  readonly rowsOf: (place: number) => number;
  readonly owner: { readonly link: number; readonly spread: Spread } | undefined;
  readonly deals: readonly Deal[];
  readonly weight: Expression | undefined;
  /** The parents of a link that picks within a group; undefined where they can't be grouped. */
  readonly groupsOf: (link: number) => Groups | undefined;
  /** Keys of the parent, by field numbers: known before the parent is settled. */
  readonly keysOf: (place: number) => readonly { readonly fields: readonly number[] }[];
}

/** Levels of a tree where none are asked for, and the share of roots. */
const DEPTH = 5;
const ROOTS = 0.1;

/** Makes a link. Throws GeneratorFault for a parent that can't be picked as asked. */
export function makeLink(source: LinkSource, plan: LinkPlan): Link {
  const { parent, fields, parentFields, decides, name, key } = plan;
  const isOwner = source.owner?.link === plan.place;
  const isSelf = key.reference.resource === "";
  const { rowsOf, order } = waysOf(source, plan, isSelf);
  const nullStream = makeStream(source.seed, `${source.table}.${name} null`);
  const rate = isSelf ? 0 : (key.nullRate ?? 0);
  return {
    name,
    table: parent,
    fields,
    parentFields,
    decides,
    key: keyOf(source.keysOf(parent), parentFields),
    mode: isOwner ? "owner" : isSelf ? "self" : "other",
    mayMiss: isSelf || rate > 0 || plan.mode === "follow" || plan.mode === "within",
    order,
    rowsOf: rate > 0 ? (block) => withMissing(rowsOf(block), block, nullStream, rate) : rowsOf,
  };
}

type RowsOf = (block: Block) => Float64Array;

/** As of a link. */
interface Ways {
  readonly rowsOf: RowsOf;
  readonly order?: Link["order"];
}

function waysOf(source: LinkSource, plan: LinkPlan, isSelf: boolean): Ways {
  if (source.owner?.link === plan.place) return { rowsOf: ofOwner(source.owner.spread) };
  if (!isSelf || plan.mode === "follow") return { rowsOf: picking(source, plan) };
  demandEven(plan);
  return plan.mode === "within" ? withinSelf(source, plan) : wholeSelf(source, plan);
}

function ofOwner(spread: Spread): RowsOf {
  return (block) => block.shared("owner", () => spread.locate(block.rows)).parents;
}

function picking(source: LinkSource, plan: LinkPlan): RowsOf {
  const dealt = dealtTo(source.deals, plan.place);
  const other = source.links.find((link) => areApart(link, plan) && decidesFirst(link, plan));
  if (plan.mode !== "free" || dealt || other) demandEven(plan);
  if (plan.mode === "within") return within(source, plan, dealt);
  if (dealt) return dealt;
  if (plan.mode === "follow") return follow(source, plan);
  const stream = streamsOf(source, plan);
  const rows = source.rowsOf(plan.parent);
  if (other) return pickAnother(rows, stream("pick"), other.place);
  if (plan.key.pick?.kind === "weighted" && rows > MOST_WEIGHED) {
    throw new GeneratorFault(
      "too-many-parents",
      `${plan.name}: ${rows} parents can't be weighed, ${MOST_WEIGHED} can; use zipf or uniform.`,
    );
  }
  let picker: Picker | undefined;
  return ({ draws }) => {
    // In a circle of tables the parent's number of rows may be known only now.
    picker ??= makePicker(plan.key.pick, {
      engine: source.engine,
      parent: plan.parent,
      rows: source.rowsOf(plan.parent),
      stream,
      weight: source.weight,
    });
    return picker(draws);
  };
}

/** Throws GeneratorFault for a pick by popularity or weight where other things decide the parent. */
function demandEven({ key, name }: LinkPlan): void {
  if (!key.pick || key.pick.kind === "uniform") return;
  const why =
    "where a key, a group or another foreign key decides the parent, it can't be picked by popularity or weight";
  throw new GeneratorFault("bad-relation", `${name}: ${why}; remove pick.`, "/pick");
}

/** Named by the first field that the link decides, which no other link does: links may share their first fields. */
function streamsOf({ seed, table }: LinkSource, { key, decides }: LinkPlan): (purpose: string) => Stream {
  const field = key.fields[Math.max(0, decides.indexOf(true))];
  return (purpose) => makeStream(seed, `${table}.${field} ${purpose}`);
}

/** Of two foreign keys that must differ, the one whose parent is there when the other's is picked. */
function decidesFirst(link: LinkPlan, plan: LinkPlan): boolean {
  return link.mode === "owner" || (link.mode === "free" && plan.mode === "free" && plan.key.differsFrom === link.name);
}

/** Any parent, each equally likely, but the one that the row has by another foreign key. */
function pickAnother(rows: number, stream: Stream, other: number): RowsOf {
  return (block) => {
    const taken = block.parent(other).rows;
    const missing = block.missing(other);
    return taken.map((row, i) => {
      const draw = block.draws[i] as number;
      if (missing?.[i] === 1) return below(stream, draw, rows);
      const picked = below(stream, draw, rows - 1);
      return picked < row ? picked : picked + 1;
    });
  };
}

/** The numbers dealt to this link's part of a key. */
function dealtTo(deals: readonly Deal[], link: number): RowsOf | undefined {
  for (const deal of deals) {
    const part = deal.parts.findIndex((own) => own.link === link);
    if (part >= 0) return (block) => deal.numbers(block)[part] as Float64Array;
  }
  return undefined;
}

/** The row that has the values which other foreign keys have decided. */
function follow({ tables }: LinkSource, plan: LinkPlan): RowsOf {
  return (block) => {
    const columns = plan.fields.map((field) => block.column(field));
    const find = parentFinder(tables, plan, columns);
    return block.rows.map((_, i) => (columns.some(({ nulls }) => nulls?.[i] === 1) ? -1 : find(i)));
  };
}

/** The columns of the fields that are decided elsewhere. */
function decidedColumns({ fields, decides }: LinkPlan, block: Block): (Column | undefined)[] {
  return fields.map((field, i) => (decides[i] ? undefined : block.column(field)));
}

/** One of the rows that share the decided values, which lie together because they have one ancestor. */
function within(source: LinkSource, plan: LinkPlan, dealt: RowsOf | undefined): RowsOf {
  const groups = demandGroups(source, plan);
  const pick = streamsOf(source, plan)("pick");
  return (block) => {
    const columns = decidedColumns(plan, block);
    const groupOf = groups.finder(columns);
    const places = dealt?.(block);
    return block.rows.map((_, i) => {
      const group = columns.some((column) => column?.nulls?.[i] === 1) ? -1 : groupOf(i);
      const count = group < 0 ? 0 : groups.count(group);
      if (count === 0) return -1;
      return groups.first(group) + (places ? (places[i] as number) : below(pick, block.draws[i] as number, count));
    });
  };
}

/** How the parents are grouped. Throws GeneratorFault where they can't be, or where a group may be empty. */
function demandGroups({ tables, groupsOf }: LinkSource, plan: LinkPlan): Groups {
  const { name, decides, key } = plan;
  const groups = groupsOf(plan.place);
  if (!groups) {
    const remedy = groupingRemedy(tables, plan, key.fields);
    const shared = key.fields.filter((_, i) => !decides[i]).join(", ");
    throw new GeneratorFault(
      "unsupported-key",
      `${name}: parents that share ${shared} with another foreign key don't lie together; ${remedy}.`,
    );
  }
  if (groups.range().least === 0 && !key.nullRate) {
    const where = groups.levels > 1 ? " at each level" : "";
    throw new GeneratorFault(
      "empty-group",
      `${name}: a row may find no parent that shares its values; give every group at least one${where} (range with min 1), or a nullRate.`,
    );
  }
  return groups;
}

/** More than all levels of a table's trees within groups. */
const WHOLE_LEVEL = 2 ** 20;

/** A tree of all rows. A parent within a group lies before its child, and so never on a later level of this one. */
function wholeSelf(source: LinkSource, plan: LinkPlan): Ways {
  const levels = cutLevels(source.rows, plan.key.nullRate ?? ROOTS, plan.key.depth ?? DEPTH);
  const pick = streamsOf(source, plan)("pick");
  return {
    rowsOf: ({ rows, draws }) => {
      let level = 0;
      return rows.map((row, i) => {
        level = levelOf(levels, row, level);
        return parentInTree(levels, pick, level, draws[i] as number);
      });
    },
    order: ({ rows }) => {
      let level = 0;
      return rows.map((row) => {
        level = levelOf(levels, row, level);
        return level * WHOLE_LEVEL;
      });
    },
  };
}

/** A tree among the rows of one owner: as a self reference, by the row's place in its group. */
function withinSelf(source: LinkSource, plan: LinkPlan): Ways {
  const { owner } = source;
  const { key, name, fields, decides } = plan;
  if (!owner || !fields.some((_, i) => !decides[i])) {
    throw new GeneratorFault(
      "unsupported-key",
      `${name}: rows can refer to rows of their own group only where a parent owns them; give that foreign key children.`,
    );
  }
  const pick = streamsOf(source, plan)("pick");
  const known = new Map<number, Levels>();
  const levelsOf = (count: number) => {
    const levels = known.get(count) ?? cutLevels(count, key.nullRate ?? ROOTS, key.depth ?? DEPTH);
    known.set(count, levels);
    return levels;
  };
  const locate = (block: Block) => block.shared("owner", () => owner.spread.locate(block.rows));
  return {
    rowsOf: (block) => {
      const { parents, ordinals } = locate(block);
      return block.rows.map((row, i) => {
        const levels = levelsOf(owner.spread.count(parents[i] as number));
        const level = levelOf(levels, ordinals[i] as number);
        const place = parentInTree(levels, pick, level, block.draws[i] as number);
        return place < 0 ? -1 : row - (ordinals[i] as number) + place;
      });
    },
    order: (block) => {
      const { parents, ordinals } = locate(block);
      return ordinals.map((ordinal, i) => levelOf(levelsOf(owner.spread.count(parents[i] as number)), ordinal));
    },
  };
}

function withMissing(rows: Float64Array, { draws }: Block, stream: Stream, rate: number): Float64Array {
  return rows.map((row, i) => (uniform(stream, draws[i] as number) < rate ? -1 : row));
}
