/** Saved documents in memory, with the conditions of the real ones: a store that several hosts share. */
import type { Saved, World } from "../../src/dataset/world.ts";

export function makeSaved(): Pick<World, "readSaved" | "writeSaved"> {
  const documents = new Map<string, Saved>();
  let tag = 0;
  return {
    readSaved: async (name) => documents.get(name),
    writeSaved: async (name, text, before) => {
      await Promise.resolve();
      if (documents.get(name)?.tag !== before?.tag) return false;
      documents.set(name, { text, tag: String(++tag) });
      return true;
    },
  };
}
