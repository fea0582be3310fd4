// Calls in a worker, for engines that cannot suspend a program: the worker blocks on
// shared memory while this side waits by promises.
//
// The worker posts what it waits for; the answer comes back as JSON through a buffer
// that both share, in pieces. Ready, the length of the piece, and whether it is the last
// stand in front.

import type { Func } from "./description.ts";
import { PLAIN, type Program, Run } from "./run.ts";
import { VeraExit, VeraTrap, classify } from "./traps.ts";
import type { TrapKind } from "./generated.ts";
import type { Part, Value } from "./values.ts";
import { type Answer, type Begun, Promises, type Wait, type Waiter } from "./waits.ts";
import { type Options, World } from "./world.ts";

const READY = 0;
const LENGTH = 1;
const LAST = 2;
const HEAD = 12;
const ROOM = 1 << 16;

/** The name by which a worker knows what it is for. */
export const WORKER = "vera-worker";

export interface WorkerCall { program: Program; world: World; options: Options }

/** What the worker is told. */
export interface Order {
  program: Program;
  func: Func;
  args: readonly unknown[];
  stdin: string | readonly string[] | undefined;
  vars: Readonly<Record<string, string>> | undefined;
  words: readonly string[];
  files: Record<string, Uint8Array> | undefined;
  cells: Map<string, Part[]>;
  size: { columns: number; rows: number } | undefined;
  fuel: bigint | number | undefined;
  shared: SharedArrayBuffer;
}

/** What the worker says. */
type Said =
  | { stdout: string } | { stderr: string } | { warning: string }
  | { wait: Wait } | { begin: Wait; number: number } | { finish: number } | { more: true }
  | { end: End; files: Record<string, Uint8Array> | undefined; cells: Map<string, Part[]> };

type End =
  | { value: Value }
  | { exit: bigint }
  | { kind: TrapKind; message: string };

/** A worker, as pages and Node have it. */
interface Threads {
  start(url: string | URL, order: Order, heard: (said: Said, worker: Started) => void, failed: (error: Error) => void): Started;
}

interface Started { post(message: unknown): void; stop(): void }

export function canBlockWorkers(): boolean {
  const isolated = (globalThis as { crossOriginIsolated?: boolean }).crossOriginIsolated;
  return typeof SharedArrayBuffer === "function" && (isNode() || (isolated === true && typeof Worker === "function"));
}

export function isNode(): boolean {
  const { process } = globalThis as { process?: { versions?: { node?: string } } };
  return process?.versions?.node !== undefined;
}

async function threads(): Promise<Threads> {
  if (!isNode()) {
    return {
      start(url, order, heard, failed) {
        const worker = new Worker(url, { type: "module", name: WORKER });
        const started = { post: (message: unknown) => worker.postMessage(message), stop: () => worker.terminate() };
        worker.onmessage = ({ data }) => heard(data as Said, started);
        worker.onerror = (event) => failed(new Error(event.message));
        worker.postMessage(order);
        return started;
      },
    };
  }
  const { Worker: NodeWorker } = await import("node:worker_threads");
  return {
    start(url, order, heard, failed) {
      const worker = new NodeWorker(new URL(url), { workerData: WORKER });
      const started = { post: (message: unknown) => worker.postMessage(message), stop: () => void worker.terminate() };
      worker.on("message", (said: Said) => heard(said, started));
      worker.on("error", failed);
      worker.postMessage(order);
      return started;
    },
  };
}

/** Calls a function in a worker. */
export async function callInWorker({ program, world, options }: WorkerCall, func: Func, args: readonly unknown[]): Promise<Value> {
  const shared = new SharedArrayBuffer(HEAD + ROOM);
  const waiter = new Promises(world);
  const begun = new Map<number, Begun>();
  const rest: { bytes: Uint8Array } = { bytes: new Uint8Array(0) };
  const order: Order = {
    program, func, args, shared,
    stdin: options.stdin, vars: options.env, words: world.args, files: world.files?.all(), cells: world.cells, size: world.terminalSize(), fuel: options.fuel,
  };
  const give = (answer: Answer | { failed: string }) => {
    rest.bytes = new TextEncoder().encode(JSON.stringify(answer ?? null));
    piece(shared, rest);
  };
  const answer = (answer: Answer | Promise<Answer>) =>
    void Promise.resolve(answer).then(give, (error: unknown) => give({ failed: String(error) }));
  const starter = await threads();
  return await new Promise<Value>((done, fail) => {
    const heard = (said: Said, worker: Started) => {
      if ("stdout" in said) world.print(said.stdout);
      else if ("stderr" in said) world.printError(said.stderr);
      else if ("warning" in said) world.warn(said.warning);
      else if ("wait" in said) answer(waiter.wait(said.wait));
      else if ("begin" in said) begun.set(said.number, waiter.begin(said.begin));
      else if ("finish" in said) answer(waiter.finish(begun.get(said.finish) ?? { number: said.finish }));
      else if ("more" in said) piece(shared, rest);
      else {
        worker.stop();
        if (said.files !== undefined) world.replaceFiles(said.files);
        world.cells = said.cells;
        if ("value" in said.end) done(said.end.value);
        else fail("exit" in said.end ? new VeraExit(said.end.exit) : new VeraTrap(said.end.kind, said.end.message));
      }
    };
    starter.start(options.runtimeUrl ?? import.meta.url, order, heard, fail);
  });
}

/** Lays the next piece of an answer down. */
function piece(shared: SharedArrayBuffer, rest: { bytes: Uint8Array }): void {
  const head = new Int32Array(shared, 0, 3);
  const next = rest.bytes.subarray(0, ROOM);
  new Uint8Array(shared, HEAD).set(next);
  rest.bytes = rest.bytes.subarray(ROOM);
  head[LENGTH] = next.length;
  head[LAST] = rest.bytes.length === 0 ? 1 : 0;
  Atomics.store(head, READY, 1);
  Atomics.notify(head, READY);
}

/** Waiting in the worker. */
class Blocked implements Waiter {
  private begun = 0;

  constructor(private readonly post: (said: Said) => void, private readonly shared: SharedArrayBuffer) {}

  wait(wait: Wait): Answer {
    this.post({ wait });
    return this.answer();
  }

  begin(begin: Wait): Begun {
    const number = this.begun++;
    this.post({ begin, number });
    return { number };
  }

  finish(begun: Begun): Answer | Promise<Answer> {
    if (!("number" in begun)) return begun.answer;
    this.post({ finish: begun.number });
    return this.answer();
  }

  private answer(): Answer {
    const head = new Int32Array(this.shared, 0, 3);
    let bytes = new Uint8Array(0);
    for (;;) {
      Atomics.wait(head, READY, 0);
      const piece = new Uint8Array(this.shared, HEAD, head[LENGTH]);
      const longer = new Uint8Array(bytes.length + piece.length);
      longer.set(bytes);
      longer.set(piece, bytes.length);
      bytes = longer;
      Atomics.store(head, READY, 0);
      if (head[LAST] === 1) break;
      this.post({ more: true });
    }
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as Answer | null | { failed: string };
    if (answer !== null && typeof answer === "object" && "failed" in answer) throw new Error(answer.failed);
    return answer ?? undefined;
  }
}

/** What a worker does with its order. */
export function obey(order: Order, post: (said: unknown) => void): void {
  const say = (said: Said) => post(said);
  const options: Options = {
    args: order.words,
    onStdout: (stdout) => say({ stdout }),
    onStderr: (stderr) => say({ stderr }),
    onWarning: (warning) => say({ warning }),
    terminalSize: () => order.size,
    ...(order.fuel === undefined ? {} : { fuel: order.fuel }),
    ...(order.stdin === undefined ? {} : { stdin: order.stdin }),
    ...(order.vars === undefined ? {} : { env: order.vars }),
    ...(order.files === undefined ? {} : { files: order.files }),
  };
  const world = new World(options);
  world.cells = order.cells;
  let end: End;
  try {
    const run = new Run(order.program, world, new Blocked(say, order.shared), PLAIN);
    end = { value: run.call(order.func, order.args) as Value };
  } catch (error) {
    const ended = classify(error);
    end = ended instanceof VeraExit ? { exit: ended.code } : { kind: ended.kind, message: ended.message };
  }
  world.finish();
  say({ end, files: world.files?.all(), cells: world.cells });
}
