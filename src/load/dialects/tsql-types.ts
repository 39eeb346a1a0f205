/**
 * The T-SQL type of every column of a schema.
 *
 * Columns that refer to each other must have one type, length and collation included, so types are
 * decided for whole groups of linked fields, by those among them that refer to nothing. A type follows
 * from the document alone, never from the rows: the same schema always makes the same tables.
 */
import { parseIndexFilter } from "../../dataset/index-filter.ts";
import { type Field, parentName, parentTable, type SchemaDocument, scaleOf, type Table } from "../../dataset/schema.ts";
import type { ColumnShape, StoredColumn } from "../ddl.ts";

/** The longest nvarchar with a length; beyond it is nvarchar(max), which no index can have as a key. */
const MOST_CHARS = 4000;
/** The bytes of a key in a clustered index, and in any other. A character is two. */
const CLUSTERED_BYTES = 900;
const INDEX_BYTES = 1700;
/** Equal only when every character is, as in the generator's keys and in the files. */
const BINARY = "COLLATE Latin1_General_100_BIN2";

/** A field with what its column must suit. */
interface Member {
  readonly table: Table;
  readonly field: Field;
  /** All that are tied to it by foreign keys, itself included; the same set for each of them. */
  group: Set<Member>;
}

type Members = ReadonlyMap<string, Member>;

/** The columns of every table, by its name and in field order. */
export function columnTypes(schema: SchemaDocument): Map<string, StoredColumn[]> {
  const members = linkedMembers(schema);
  const roomOf = keyRooms(schema, members);
  const columns = schema.tables.map((table) =>
    table.fields.map((field) => {
      const { group } = members.get(place(table.name, field.name)) as Member;
      const isKey = [...group].some(isKeyField);
      const shape = shapeOf(field, group, members, roomOf.get(group));
      return {
        name: field.name,
        type: `${typeText(shape)}${isKey && field.type === "string" ? ` ${BINARY}` : ""}`,
        shape,
      };
    }),
  );
  return new Map(schema.tables.map(({ name }, i) => [name, columns[i] as StoredColumn[]]));
}

const place = (table: string, field: string): string => `${table}.${field}`;

function linkedMembers({ tables }: SchemaDocument): Members {
  const members = new Map<string, Member>();
  for (const table of tables) {
    for (const field of table.fields) {
      const member: Member = { table, field, group: new Set() };
      member.group.add(member);
      members.set(place(table.name, field.name), member);
    }
  }
  for (const table of tables) {
    for (const key of table.foreignKeys ?? []) {
      for (const [i, name] of key.fields.entries()) {
        const child = members.get(place(table.name, name)) as Member;
        const parent = members.get(place(parentTable(table, key), key.reference.fields[i] as string)) as Member;
        const group = new Set([...parent.group, ...child.group]);
        for (const member of group) member.group = group;
      }
    }
  }
  return members;
}

const isReference = ({ table, field }: Member): boolean =>
  table.foreignKeys?.some(({ fields }) => fields.includes(field.name)) ?? false;

/** A field of an index without its direction. */
const bare = (name: string): string => name.replace(/ desc$/, "");

const isKeyField = (member: Member): boolean => {
  const { table, field } = member;
  const unique = (table.indexes ?? []).filter((index) => index.unique).map(({ fields }) => fields.map(bare));
  const keys = [table.primaryKey, ...(table.uniqueKeys ?? []), ...unique];
  return Boolean(field.constraints?.unique) || keys.some((key) => key.includes(field.name)) || isReference(member);
};

function shapeOf(field: Field, group: ReadonlySet<Member>, members: Members, room?: number): ColumnShape {
  const deciding = [...group].filter((member) => !isReference(member));
  const fields = deciding.length > 0 ? deciding.map((member) => member.field) : [field];
  const scale = Math.max(...fields.map(scaleOf));
  switch (field.type) {
    case "integer":
      return { base: fields.every(fitsInt) && ![...group].some(isFilteredBeyondInt) ? "int" : "bigint" };
    case "number":
      // Whole units never exceed 2^53, which are 16 digits; 10 to 19 digits take the same 9 bytes.
      return { base: "decimal", precision: 19, scale };
    case "boolean":
      return { base: "bit" };
    case "date":
      return { base: "date" };
    case "datetime":
      return { base: "datetime2", scale };
    case "time":
      return { base: "time", scale };
    case "uuid":
      return { base: "uniqueidentifier" };
    case "string": {
      const longest = Math.max(...deciding.map((member) => longestOf(member, members) ?? MOST_CHARS), 1);
      const length = Math.min(longest, room ?? longest);
      return { base: "nvarchar", length: length > MOST_CHARS ? "max" : length };
    }
  }
}

function typeText(shape: ColumnShape): string {
  switch (shape.base) {
    case "decimal":
      return `decimal(${shape.precision}, ${shape.scale})`;
    case "datetime2":
    case "time":
      return `${shape.base}(${shape.scale})`;
    case "nvarchar":
      return `nvarchar(${shape.length})`;
    default:
      return shape.base;
  }
}

/** The most characters that the strings of a group may have for every key and index they are in. */
function keyRooms({ tables }: SchemaDocument, members: Members): Map<Set<Member>, number> {
  const rooms = new Map<Set<Member>, number>();
  for (const table of tables) {
    for (const { fields, bytes } of keysWithin(table)) {
      const all = fields.map((name) => members.get(place(table.name, name)) as Member);
      const strings = all.filter(({ field }) => field.type === "string");
      if (strings.length === 0) continue;
      const others = all.filter(({ field }) => field.type !== "string");
      const chars = Math.floor((bytes - others.length * LARGEST_BYTES) / 2);
      const lengths = strings.map((member) => {
        const shape = shapeOf(member.field, member.group, members);
        return shape.base === "nvarchar" && shape.length !== "max" ? shape.length : Number.POSITIVE_INFINITY;
      });
      const room = shareOf(chars, lengths);
      for (const { group } of strings) rooms.set(group, Math.min(room, rooms.get(group) ?? room));
    }
  }
  return rooms;
}

/** Bytes of the largest type that is no string: a uniqueidentifier. */
const LARGEST_BYTES = 16;

/** What each may have of `total`, when those that need less than an even share leave the rest to the others. */
function shareOf(total: number, wants: readonly number[]): number {
  const share = Math.floor(total / wants.length);
  const small = wants.filter((want) => want <= share);
  const large = wants.length - small.length;
  return Math.max(1, large === 0 ? share : Math.floor((total - small.reduce((sum, want) => sum + want, 0)) / large));
}

function keysWithin(table: Table): { fields: readonly string[]; bytes: number }[] {
  const others = [
    ...(table.uniqueKeys ?? []),
    ...table.fields.filter(({ constraints }) => constraints?.unique).map(({ name }) => [name]),
    ...(table.foreignKeys ?? []).map(({ fields }) => fields),
    ...(table.indexes ?? []).map(({ fields }) => fields.map(bare)),
  ];
  return [
    { fields: table.primaryKey, bytes: CLUSTERED_BYTES },
    ...others.map((fields) => ({ fields, bytes: INDEX_BYTES })),
  ];
}

/** Whether the document bounds the field on both sides, by constraints, by a list or by the generator's own bounds. */
function fitsInt({ constraints = {}, generator }: Field): boolean {
  const listed = constraints.enum ?? listOf(generator);
  const low = constraints.minimum ?? generator?.min;
  const high = constraints.maximum ?? generator?.max;
  const known = listed ?? (low === undefined || high === undefined ? [] : [low, high]);
  return known.length > 0 && known.every(isInt);
}

const isInt = (value: unknown): boolean => Math.abs(Number(value)) < 2 ** 31;

/** Whether an index is of rows by a larger literal: SQL Server makes none that compares an int with one (error 10611). */
function isFilteredBeyondInt({ table, field }: Member): boolean {
  const conditions = (table.indexes ?? []).flatMap(({ where }) => {
    try {
      return where === undefined ? [] : parseIndexFilter(where, table);
    } catch {
      // Told where the index is written.
      return [];
    }
  });
  return conditions.some((condition) => condition.field === field && !condition.values.every(isInt));
}

/** Characters that the kinds of words from vocabularies never exceed in any locale. */
const WORD_CHARS: Record<string, number> = { person: 100, address: 200, company: 200 };

/** Lookups of lookups that are followed; a document that was never checked may have them in a circle. */
const MOST_HOPS = 10;

/** The most characters the field's text may have, where the document says so. */
function longestOf({ table, field }: Member, members: Members, hops = MOST_HOPS): number | undefined {
  const { constraints = {}, generator } = field;
  if (constraints.maxLength !== undefined) return constraints.maxLength;
  const listed = constraints.enum ?? listOf(generator);
  if (listed) return Math.max(1, ...listed.map((value) => String(value).length));
  if (generator?.kind === "text") return typeof generator.maxChars === "number" ? generator.maxChars : 200;
  if (generator?.kind === "lookup") {
    const source = hops > 0 && lookedUp(table, String(generator.field).split("."), members);
    return source ? longestOf(source, members, hops - 1) : undefined;
  }
  return WORD_CHARS[generator?.kind ?? ""];
}

/** The field at the end of a path through parents. */
function lookedUp(table: Table, [name, ...rest]: readonly string[], members: Members): Member | undefined {
  if (rest.length === 0) return members.get(place(table.name, String(name)));
  const key = table.foreignKeys?.find((candidate) => parentName(candidate) === name);
  if (!key) return undefined;
  const parent = members.get(place(parentTable(table, key), key.reference.fields[0] as string)) as Member;
  return lookedUp(parent.table, rest, members);
}

/** All the values that the generator can give, where they stand in the document. */
function listOf(generator: Field["generator"]): readonly unknown[] | undefined {
  if (generator?.kind === "constant") return [generator.value];
  if (generator?.kind !== "category" && generator?.kind !== "list") return undefined;
  const values = generator.values as readonly unknown[] | Record<string, unknown>;
  const choices = (given: unknown) => (Array.isArray(given) ? given : Object.keys(given as object));
  return generator.by === undefined ? choices(values) : Object.values(values).flatMap(choices);
}
