/**
 * One connection: login, then one request after the other. Rows of a bulk load are read as they come, everything else
 * as a whole message. A stalled statement doesn't stop the reading, for the attention that ends it must be seen; a
 * stalled bulk load does, which is what makes the client wait.
 */
import type { Socket } from "node:net";
import { type BulkReader, bulkReader } from "./bulk.ts";
import { ENCRYPTION_IS, loginAnswer, preloginAnswer, readLogin } from "./login.ts";
import { answerPackets, PACKET, type Packet, packets } from "./packets.ts";
import { type Request, readBatch, readCall, readTransaction } from "./requests.ts";
import { bulkRuleFor, type Entry, type Result, type Rule, ruleFor, type SqlError } from "./script.ts";
import * as tokens from "./tokens.ts";
import type { Value } from "./values.ts";

/** What the connections of one server have in common. */
export interface Shared {
  readonly log: Entry[];
  readonly rules: Rule[];
  readonly loginFailures: { readonly error: SqlError; times: number }[];
  readonly keepRows: number;
  readonly onBulkRow?: ((row: Value[]) => void) | undefined;
  connections: number;
  transactions: number;
}

/** What the driver sends without being told: settings after the login, a sign of life before a connection is lent. */
const DRIVER = /^(?:set ansi_nulls on\n[\s\S]*|SELECT 1;)$/;
const INSERT_BULK = /^insert bulk /i;
const NO_BYTES = Buffer.alloc(0);

/** Serves until the client leaves or a rule cuts the connection. Throws on what is no TDS. */
export async function serve(socket: Socket, shared: Shared): Promise<void> {
  const session = new Session(socket, shared);
  let parts: Buffer[] = [];
  for await (const packet of packets(socket)) {
    if (packet.type === PACKET.bulk) await session.bulkPacket(packet);
    else {
      parts.push(packet.data);
      if (!packet.isLast) continue;
      const message = Buffer.concat(parts);
      parts = [];
      session.message(packet, message);
    }
    if (socket.destroyed) return;
  }
}

class Session {
  private readonly socket: Socket;
  private readonly shared: Shared;
  private readonly connection: number;
  private packetSize = 4096;
  private transaction = 0;
  private insertBulk = "";
  private load: (BulkReader & { readonly entry: Entry }) | undefined;
  private stalled: Entry | undefined;

  constructor(socket: Socket, shared: Shared) {
    this.socket = socket;
    this.shared = shared;
    this.connection = ++shared.connections;
  }

  message({ type, isIgnored }: Packet, message: Buffer): void {
    if (type === PACKET.prelogin) this.send(preloginAnswer(ENCRYPTION_IS.notSupported));
    else if (type === PACKET.login) this.login(message);
    else if (type === PACKET.attention) this.attention();
    else if (type === PACKET.batch) this.statement("batch", readBatch(message), isIgnored);
    else if (type === PACKET.rpc) this.statement("rpc", readCall(message), isIgnored);
    else if (type === PACKET.transaction) this.statement("transaction", readTransaction(message), isIgnored);
    else throw new Error(`a message of type ${type} is not known here`);
  }

  private send(data: Buffer): void {
    if (!this.socket.destroyed) this.socket.write(answerPackets(data, this.packetSize));
  }

  private note(kind: Entry["kind"], request: Partial<Request>, more: Partial<Entry> = {}): Entry {
    const { text = "", transaction = this.transaction, parameters = {}, declared = "" } = request;
    const { connection } = this;
    const entry: Entry = { kind, connection, transaction, text, parameters, declared, status: "answered", ...more };
    this.shared.log.push(entry);
    return entry;
  }

  private login(message: Buffer): void {
    const login = readLogin(message);
    const { user, database, application } = login;
    const entry = this.note("login", { parameters: { user, database, application } });
    const failure = this.shared.loginFailures.find(({ times }) => times > 0);
    if (failure) {
      failure.times--;
      entry.status = "failed";
      this.send(Buffer.concat([tokens.errorToken(failure.error), tokens.doneError()]));
      return;
    }
    this.send(loginAnswer(login));
    this.packetSize = login.packetSize;
  }

  /** Two answers: the end of the request that was stopped, and the receipt. */
  private attention(): void {
    this.note("attention", { text: this.stalled?.text ?? "" });
    if (this.stalled) {
      this.stalled.status = "cancelled";
      this.send(tokens.doneError());
    }
    this.stalled = undefined;
    this.load = undefined;
    this.send(tokens.doneAttention());
  }

  private statement(kind: "batch" | "rpc" | "transaction", request: Request, isIgnored: boolean): void {
    const entry = this.note(DRIVER.test(request.text) ? "driver" : kind, request);
    if (isIgnored) {
      entry.status = "ignored";
      this.send(tokens.doneError());
    } else if (entry.kind === "driver") this.reply(entry, [{}], kind === "rpc");
    else
      this.follow(ruleFor(this.shared.rules, request.text), entry, () =>
        this.reply(entry, this.plan(entry, undefined)),
      );
  }

  /** Does what a rule says; `go` is the answer that a stalled statement gets once it is let go without one. */
  private follow(rule: Rule | undefined, entry: Entry, go: () => void): void {
    if (rule?.does === "cut") this.cut(entry);
    else if (rule?.does === "stall") {
      this.hold(rule, entry, () => this.follow(ruleFor(this.shared.rules, entry.text), entry, go));
    } else if (rule) this.reply(entry, this.plan(entry, rule));
    else go();
  }

  /** Keeps the answer back until the test lets it go, unless an attention was faster. */
  private hold({ reached, held }: Rule & { does: "stall" }, entry: Entry, go: () => void): void {
    entry.status = "stalled";
    this.stalled = entry;
    reached.resolve();
    held.promise.then(() => {
      if (this.stalled !== entry) return;
      this.stalled = undefined;
      entry.status = "answered";
      go();
    });
  }

  private cut(entry: Entry): void {
    entry.status = "cut";
    this.socket.destroy();
  }

  /** The results of a statement: by rule, by protocol, or the error that says that nobody knows it. */
  private plan(entry: Entry, rule: Rule | undefined): readonly Result[] {
    if (rule?.does === "fail") return [{ error: rule.error }];
    if (rule?.does === "answer") {
      const reply = typeof rule.reply === "function" ? rule.reply(entry) : rule.reply;
      return Array.isArray(reply) ? reply : [reply as Result];
    }
    if (entry.kind === "transaction" || (entry.kind === "batch" && INSERT_BULK.test(entry.text))) return [{}];
    entry.status = "unknown";
    return [{ error: { number: 50000, message: `No answer is scripted for: ${entry.text}` } }];
  }

  private reply(entry: Entry, results: readonly Result[], isProcedure = entry.kind === "rpc"): void {
    const error = results.find((result) => result.error)?.error;
    if (error && entry.status === "answered") entry.status = "failed";
    const changes = error ? this.abort(error) : entry.kind === "transaction" ? this.change(entry.text) : NO_BYTES;
    this.insertBulk = !error && INSERT_BULK.test(entry.text) ? entry.text : "";
    this.send(Buffer.concat([changes, tokens.answer(results, isProcedure)]));
  }

  private change(text: string): Buffer {
    if (text === "SAVE TRANSACTION") return NO_BYTES;
    if (text === "BEGIN TRANSACTION") {
      this.transaction = ++this.shared.transactions;
      return tokens.changeBytes(tokens.CHANGE.begin, descriptor(this.transaction), NO_BYTES);
    }
    return this.end(text === "COMMIT TRANSACTION" ? tokens.CHANGE.commit : tokens.CHANGE.rollback);
  }

  private abort({ number, aborts = number === 1205 }: SqlError): Buffer {
    return aborts && this.transaction ? this.end(tokens.CHANGE.rollback) : NO_BYTES;
  }

  private end(change: number): Buffer {
    const ended = descriptor(this.transaction);
    this.transaction = 0;
    return tokens.changeBytes(change, NO_BYTES, ended);
  }

  async bulkPacket({ data, isLast, isIgnored }: Packet): Promise<void> {
    this.load ??= this.startLoad();
    const { entry, bulk } = this.load;
    if (isIgnored) {
      entry.status = "ignored";
      this.load = undefined;
      this.send(tokens.doneError());
      return;
    }
    this.load.push(data);
    const find = (what: Rule["does"]) => bulkRuleFor(this.shared.rules, entry.text, bulk.rowCount, what);
    if (find("cut")) return this.cut(entry);
    const stall = find("stall");
    if (stall?.does === "stall") {
      // With all rows here it is the answer that is missing, and an attention must still be seen.
      if (isLast) return this.hold(stall, entry, () => this.finishLoad());
      entry.status = "stalled";
      stall.reached.resolve();
      await stall.held.promise;
      entry.status = "answered";
    }
    if (isLast) this.finishLoad();
  }

  private startLoad() {
    if (!this.insertBulk) throw new Error("bulk rows came without INSERT BULK before them");
    const reader = bulkReader(this.shared.keepRows, this.shared.onBulkRow);
    const entry = this.note("bulk", { text: this.insertBulk }, { bulk: reader.bulk });
    return { ...reader, entry };
  }

  private finishLoad(): void {
    const { load } = this;
    if (!load) return;
    this.load = undefined;
    this.insertBulk = "";
    const rule = bulkRuleFor(this.shared.rules, load.entry.text, load.bulk.rowCount, "fail");
    const error = load.finish() ?? (rule?.does === "fail" ? rule.error : undefined);
    if (error) load.entry.status = "failed";
    this.send(
      error
        ? Buffer.concat([this.abort(error), tokens.errorToken(error), tokens.doneError()])
        : tokens.doneCount(load.bulk.rowCount),
    );
  }
}

function descriptor(transaction: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(transaction));
  return bytes;
}
