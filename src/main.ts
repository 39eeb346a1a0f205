/** Every trigger of the app, a line each: this file is its table of contents. */
import { app, type HttpMethod } from "@azure/functions";
import packageJson from "../package.json" with { type: "json" };
import { chunkMessage, jobMessage, loadMessage, QUEUES, type QueueName } from "./dataset/job.ts";
import { deleteDataset, getDataset, listDatasets, listLoads, postLoad } from "./http/datasets.ts";
import { postSchemaDraft } from "./http/draft-schema.ts";
import { postGenerate } from "./http/generate.ts";
import { getDocumentSchema, listGenerators } from "./http/generators.ts";
import { getHealth } from "./http/health.ts";
import { getJob, listJobs, postCancel } from "./http/jobs.ts";
import { deleteList, getList, listLists, putList } from "./http/lists.ts";
import { getOpenapi } from "./http/openapi.ts";
import { postPlan } from "./http/plan.ts";
import { postPreview } from "./http/preview.ts";
import { answering } from "./http/problem.ts";
import { CALLS } from "./http/routes.ts";
import { getRows } from "./http/rows.ts";
import { deleteSchema, getSchema, listSchemas, putSchema } from "./http/schemas.ts";
import { getTable } from "./http/tables.ts";
import { demandKnownQuery } from "./http/url.ts";
import { connect } from "./outside.ts";
import { readSettings } from "./settings.ts";
import { makeChunk } from "./worker/chunk.ts";
import { startJob } from "./worker/drafts.ts";
import { endPoisoned, runStep } from "./worker/failure.ts";
import { finishJob } from "./worker/finish.ts";
import { loadJob } from "./worker/load.ts";
import { keepPlans } from "./worker/plans.ts";

const { limits, ...settings } = readSettings();
const outside = connect({ ...settings, limits });
const openPlan = keepPlans(outside);

app.setup({ enableHttpStream: true });
app.hook.appStart(() => outside.prepareStorage());

route("post-generate", "POST", "generate", postGenerate(outside, limits));
route("post-preview", "POST", "preview", postPreview(outside, limits));
route("post-plan", "POST", "plan", postPlan(outside, limits));
route("list-jobs", "GET", "jobs", listJobs(outside));
route("get-job", "GET", "jobs/{id}", getJob(outside));
route("cancel-job", "POST", "jobs/{id}/cancel", postCancel(outside));
route("list-datasets", "GET", "datasets", listDatasets(outside));
route("get-dataset", "GET", "datasets/{name}", getDataset(outside));
route("delete-dataset", "DELETE", "datasets/{name}", deleteDataset(outside));
route("get-table", ["GET", "HEAD"], "datasets/{name}/{table}.csv", getTable(outside));
route("get-rows", "GET", "datasets/{name}/tables/{table}/rows", getRows(outside, openPlan));
route("post-load", "POST", "datasets/{name}/load", postLoad(outside, limits.bodyBytes));
route("list-loads", "GET", "datasets/{name}/loads", listLoads(outside));
route("list-schemas", "GET", "schemas", listSchemas(outside));
route("draft-schema", "POST", "schemas/draft", postSchemaDraft(outside, limits));
route("get-schema", "GET", "schemas/{name}", getSchema(outside));
route("put-schema", "PUT", "schemas/{name}", putSchema(outside, limits));
route("delete-schema", "DELETE", "schemas/{name}", deleteSchema(outside));
route("list-lists", "GET", "lists", listLists(outside));
route("get-list", "GET", "lists/{name}", getList(outside));
route("put-list", "PUT", "lists/{name}", putList(outside, limits.bodyBytes));
route("delete-list", "DELETE", "lists/{name}", deleteList(outside));
route("list-generators", "GET", "generators", listGenerators);
route("get-document-schema", "GET", "schema.json", getDocumentSchema);
route("get-openapi", "GET", "openapi.json", getOpenapi(packageJson.version));
route("get-health", "GET", "health", getHealth(outside, packageJson.version), "anonymous");

queue("start-job", "drafts", jobMessage.parse, ({ job }) => startJob(outside, job, limits));
queue("make-chunk", "chunks", chunkMessage.parse, (message, log) => makeChunk(outside, openPlan, message, log));
queue("finish-job", "finish", jobMessage.parse, ({ job }) => finishJob(outside, openPlan, job));
queue("load-job", "load", loadMessage.parse, (message) => loadJob(outside, message));
for (const name of QUEUES) poisonQueue(name);

function route(
  name: string,
  methods: HttpMethod | HttpMethod[],
  path: string,
  handler: Parameters<typeof answering>[0],
  authLevel: "function" | "anonymous" = "function",
): void {
  const query = Object.keys(CALLS.find((call) => call.name === name)?.query ?? {});
  const knowing: typeof handler = async (request, context) => {
    demandKnownQuery(request, query);
    return handler(request, context);
  };
  app.http(name, { methods: [methods].flat(), route: path, authLevel, handler: answering(knowing) });
}

function queue<M extends { job: string }>(
  name: string,
  queueName: QueueName,
  parse: (message: unknown) => M,
  step: (message: M, log: (text: string) => void) => Promise<void>,
): void {
  app.storageQueue(name, {
    queueName,
    connection: "AzureWebJobsStorage",
    handler: async (given, context) => {
      const message = parse(given);
      await runStep(outside, message.job, () => step(message, (text) => context.debug(text)));
    },
  });
}

function poisonQueue(name: QueueName): void {
  app.storageQueue(`end-poisoned-${name}`, {
    queueName: `${name}-poison`,
    connection: "AzureWebJobsStorage",
    handler: async (given) => {
      const message = jobMessage.loose().safeParse(given);
      // What is no message of ours belongs to no job: there is nobody to tell.
      if (message.success) await endPoisoned(outside, name, message.data.job);
    },
  });
}
