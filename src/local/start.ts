/** `npm start`: keeps the service up on 127.0.0.1 until Ctrl-C. */
import { whenEnded } from "./ending.ts";
import { type Service, startService } from "./service.ts";

const DEFAULT_PORT = 7071;

let service: Service | undefined;
try {
  service = await startService({ port: readPort(), log: (line) => console.error(line) });
} catch (error) {
  // A settings or port fault is the user's to mend: a sentence helps, a stack trace does not.
  console.error((error as Error).message);
  process.exit(1);
}
console.log(`ready ${service.url}`);

whenEnded(async () => {
  await service?.stop();
  process.exit(0);
});

function readPort(): number {
  const port = Number(process.env.PORT || DEFAULT_PORT);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new Error(`PORT=${process.env.PORT} is not a port: give a whole number from 0 to 65535.`);
}
