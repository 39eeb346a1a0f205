/**
 * One user's story over HTTP. It knows a base URL only, so the same file judges the embedded host, a
 * host given by RELATA_TEST_URL (Core Tools, the real host, Azure), and nothing else.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getHashes, getManifest, postGenerate, waitForJob } from "../support/client.ts";
import { type HostProcess, startHostProcess } from "../support/host-process.ts";
import { tempFolder } from "../support/temp-folder.ts";

const given = process.env.RELATA_TEST_URL;
const folder = tempFolder();
const name = `story-${Date.now().toString(36)}`;

let host: HostProcess | undefined;
let url: string;

beforeAll(async () => {
  if (!given) host = await startHostProcess({ RELATA_HOME: join(folder, "home") });
  url = given ?? (host as HostProcess).url;
  const request = { name, seed: 42, referenceDate: "2026-01-01", load: true };
  const { id } = await postGenerate(url, request);
  await waitForJob(url, id);
});
afterAll(async () => {
  await fetch(`${url}/datasets/${name}`, { method: "DELETE" });
  await host?.stop();
});

async function download(path: string): Promise<Buffer> {
  return Buffer.from(await (await fetch(`${url}${path}`)).arrayBuffer());
}

test("the service says that it is well", async () => {
  expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ status: "ok" });
});

test("the dataset is listed with 70 rows and no flaw", async () => {
  const { value } = (await (await fetch(`${url}/datasets?limit=200`)).json()) as { value: { name: string }[] };
  expect(value.find((dataset) => dataset.name === name)).toMatchObject({ rows: 70 });
  const { checks, tables } = await getManifest(url, name);
  expect(checks).toEqual({ orphans: 0, duplicateKeys: 0, brokenRules: 0 });
  expect(Object.entries(tables).map(([table, { rows }]) => [table, rows])).toEqual([
    ["customers", 20],
    ["products", 20],
    ["orders", 30],
  ]);
});

test("each file is what the manifest says, to the byte", async () => {
  const { tables } = await getManifest(url, name);
  for (const [table, { bytes, sha256 }] of Object.entries(tables)) {
    const file = await download(`/datasets/${name}/${table}.csv`);
    expect([file.length, createHash("sha256").update(file).digest("hex")]).toEqual([bytes, sha256]);
  }
});

test("a range, a condition and HEAD are answered as a file server would", async () => {
  const path = `${url}/datasets/${name}/orders.csv`;
  const whole = await fetch(path);
  const etag = whole.headers.get("etag") as string;
  const bytes = Buffer.from(await whole.arrayBuffer());
  const part = await fetch(path, { headers: { range: "bytes=10-29" } });
  expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes 10-29/${bytes.length}`]);
  expect(Buffer.from(await part.arrayBuffer())).toEqual(bytes.subarray(10, 30));
  expect((await fetch(path, { headers: { "if-none-match": etag } })).status).toBe(304);
  const head = await fetch(path, { method: "HEAD" });
  expect([head.status, head.headers.get("content-length")]).toEqual([200, String(bytes.length)]);
});

test("the whole dataset comes as a zip", async () => {
  const zip = await download(`/datasets/${name}`);
  expect(zip.subarray(0, 4).toString("latin1")).toBe("PK\u0003\u0004");
  for (const file of ["manifest.json", "customers.csv", "products.csv", "orders.csv"])
    expect(zip.includes(file)).toBe(true);
});

test("the same request under another name gives the same files", async () => {
  const twin = `${name}-twin`;
  const { id } = await postGenerate(url, { name: twin, seed: 42, referenceDate: "2026-01-01" });
  await waitForJob(url, id);
  expect(await getHashes(url, twin)).toEqual(await getHashes(url, name));
  expect((await fetch(`${url}/datasets/${twin}`, { method: "DELETE" })).status).toBe(204);
  expect((await fetch(`${url}/datasets/${twin}/orders.csv`)).status).toBe(404);
});

test("loading once more changes nothing and says so", async () => {
  const accepted = await fetch(`${url}/datasets/${name}/load`, { method: "POST" });
  expect(accepted.status).toBe(202);
  const { id } = (await accepted.json()) as { id: string };
  expect(await waitForJob(url, id)).toMatchObject({ kind: "load", result: { alreadyLoaded: true, orphans: 0 } });
});

test("a bad request is told all its faults at once", async () => {
  const body = JSON.stringify({ name: "No!", rows: { orders: -1, nothing: 5 }, referenceDate: "soon" });
  const answer = await fetch(`${url}/generate`, { method: "POST", body });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([422, "application/problem+json"]);
  const { errors } = (await answer.json()) as { errors: { pointer: string }[] };
  expect(errors.map(({ pointer }) => pointer).sort()).toEqual([
    "/name",
    "/referenceDate",
    "/rows/nothing",
    "/rows/orders",
  ]);
});
