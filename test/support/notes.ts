/** A schema with text for a model to write. */

/** A schema of one table with notes on its rows. */
export function notes(rows: number, more: object = {}, generator: object = {}) {
  const size = { name: "size", type: "integer", generator: { kind: "uniform", min: 1, max: 1_000_000 } };
  const colour = {
    name: "colour",
    type: "string",
    generator: { kind: "category", values: { red: 6, green: 3, blue: 1 } },
  };
  const text = { kind: "text", prompt: "On a {{colour}} thing of {{size}}", maxChars: 160, ...generator };
  const note = { name: "note", type: "string", generator: text };
  const id = { name: "id", type: "integer", generator: { kind: "sequence" } };
  return {
    name: "notes",
    tables: [{ name: "things", rows, primaryKey: ["id"], fields: [id, colour, size, note], ...more }],
  };
}
