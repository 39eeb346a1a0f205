/** The stand-in for a server of models, by itself: prints where it listens and serves until it is ended. */
import { startNemotron } from "./server.ts";

const stub = await startNemotron({ latencyMs: 300 });
console.log(stub.url);
