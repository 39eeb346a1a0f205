/** The service's client side, as a user's script would be: it knows a base URL and nothing else. */
import { setTimeout as delay } from "node:timers/promises";

export interface JobView {
  id: string;
  status: string;
  dataset: string;
  error: { code: string; message: string } | null;
  progress: { phase: string; rowsDone: number; rowsTotal: number };
  result?: unknown;
}

export interface ManifestView {
  tables: Record<string, { rows: number; bytes: number; sha256: string }>;
  checks: Record<string, number>;
  fingerprint: string;
}

/** POSTs a request and returns the accepted job. Throws with the answer's body when it is refused. */
export async function postGenerate(url: string, request: object): Promise<JobView> {
  const answer = await fetch(`${url}/generate`, { method: "POST", body: JSON.stringify(request) });
  if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  return (await answer.json()) as JobView;
}

export async function getJob(url: string, id: string): Promise<JobView> {
  return (await (await fetch(`${url}/jobs/${id}`)).json()) as JobView;
}

/** Polls until `isReached` says so, or throws after `limitMs`; a job that fails meanwhile ends the wait. */
export async function waitForJob(
  url: string,
  id: string,
  isReached: (job: JobView) => boolean = ({ status }) => status === "Succeeded",
  limitMs = 60_000,
): Promise<JobView> {
  const until = Date.now() + limitMs;
  for (;;) {
    const job = await getJob(url, id);
    if (isReached(job)) return job;
    if (job.status === "Failed" || Date.now() > until) throw new Error(`job stands at ${JSON.stringify(job)}`);
    await delay(20);
  }
}

export async function getManifest(url: string, dataset: string): Promise<ManifestView> {
  const answer = await fetch(`${url}/datasets/${dataset}`, { headers: { accept: "application/json" } });
  return (await answer.json()) as ManifestView;
}

/** The hash of each file, by table: equal when every byte is. */
export async function getHashes(url: string, dataset: string): Promise<Record<string, string>> {
  const { tables } = await getManifest(url, dataset);
  return Object.fromEntries(Object.entries(tables).map(([name, { sha256 }]) => [name, sha256]));
}
