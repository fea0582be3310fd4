// A program's thread: ended from outside, whatever the program does.

import { shown } from "../compiler/shown.ts";
import type { Instance, Options, VeraTrap } from "../../../browser/src/runtime.d.mts";

export type ToProgram = { start: ArrayBuffer; fuel: number | undefined } | { input: string } | { end: true };

export type FromProgram =
  | { out: { stream: "stdout" | "stderr" | "warning"; text: string }[] }
  | { wants: "line" | "key" }
  | { ended: { kind: "returned"; value: string } | { kind: "exited"; code: number } | { kind: "trapped"; message: string; fix: string } };

interface Runtime { instantiate(source: ArrayBuffer, options: Options): Promise<Instance> }

const scope = globalThis as unknown as { onmessage: unknown; postMessage(said: FromProgram): void };
const runtime = import(new URL("runtime.mjs", location.href).href) as Promise<Runtime>;

/** Output is sent in pieces, so that a program that writes much does not drown the page. */
const PIECE_MS = 30;
const PIECE = 1 << 16;
let piece: { stream: "stdout" | "stderr" | "warning"; text: string }[] = [];
let size = 0;
let sent = performance.now();

function write(stream: "stdout" | "stderr" | "warning", text: string): void {
  const last = piece.at(-1);
  if (last?.stream === stream) last.text += text;
  else piece.push({ stream, text });
  size += text.length;
  if (size > PIECE || performance.now() - sent > PIECE_MS) flush();
}

function flush(): void {
  if (piece.length > 0) scope.postMessage({ out: piece });
  piece = [];
  size = 0;
  sent = performance.now();
}

/** The way out where a run has used up its fuel, which the page gives. */
const MORE_FUEL = "The program made as many calls and turns of loops as \u201cFuel\u201d, beside Stop, allows. Choose more, or look for a recursion or loop that does not end.";

let program: Instance | undefined;
const typed: ToProgram[] = [];

async function start(module: ArrayBuffer, fuel: number | undefined): Promise<void> {
  const timer = setInterval(flush, PIECE_MS);
  try {
    program = await (await runtime).instantiate(module, {
      onStdout: (text) => write("stdout", text),
      onStderr: (text) => write("stderr", text),
      onWarning: (text) => write("warning", text),
      onInput: (wants) => { flush(); scope.postMessage({ wants }); },
      files: {},
      ...(fuel === undefined ? {} : { fuel }),
      runtimeUrl: new URL("runtime.mjs", location.href),
    });
    typed.forEach(heard);
    const value = await program.callAsync("main");
    flush();
    const code = program.getExitCode();
    scope.postMessage({ ended: code === null ? { kind: "returned", value: shown(value, program.getSignature("main").result) } : { kind: "exited", code } });
  } catch (error) {
    flush();
    const { kind, message, fix } = error as VeraTrap;
    scope.postMessage({ ended: { kind: "trapped", message: message ?? String(error), fix: kind === "fuel_exhausted" ? MORE_FUEL : (fix ?? "") } });
  } finally {
    clearInterval(timer);
  }
}

function heard(message: ToProgram): void {
  if ("start" in message) void start(message.start, message.fuel);
  else if (program === undefined) typed.push(message);
  else if ("input" in message) program.input(message.input);
  else program.endInput();
}

scope.onmessage = ({ data }: { data: ToProgram }) => heard(data);
