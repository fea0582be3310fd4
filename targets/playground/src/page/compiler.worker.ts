// The thread of a module of the compiler, which is its name: requests are answered in the
// order in which they come.

import { Compiler, type Source, resolve, runtimeFile } from "../compiler/module.ts";
import type { Asked, Said } from "./client.ts";

const scope = globalThis as unknown as { name: string; onmessage: unknown; postMessage(said: Said, transfer?: Transferable[]): void };

async function fetched(name: string): Promise<Response> {
  const response = await fetch(new URL(name, location.href));
  if (!response.ok) throw new Error(`cannot load ${name}: HTTP ${response.status}`);
  return response;
}

/** A page has one text; what is fetched is kept by the service worker. */
const source: Source = {
  file: async () => null,
  runtime: async (name) => new Uint8Array(await (await fetched(runtimeFile(name))).arrayBuffer()),
};

async function load(): Promise<Compiler> {
  const response = await fetched(`${scope.name}.wasm`);
  // A server may not know the type, without which engines do not compile as they load.
  const streams = response.headers.get("content-type") === "application/wasm";
  return new Compiler(await (streams ? WebAssembly.compileStreaming(response) : WebAssembly.compile(await response.arrayBuffer())));
}

const compiler = load();

let last: Promise<unknown> = compiler.catch(() => {});

async function answer({ id, method, params, bytes }: Asked): Promise<void> {
  try {
    const answer = await resolve(await compiler, source, method, params, bytes);
    scope.postMessage({ id, answer }, [answer.bytes.buffer].filter((buffer) => buffer.byteLength > 0));
  } catch (error) {
    scope.postMessage({ id, failed: error instanceof Error ? error.message : String(error) });
  }
}

scope.onmessage = ({ data }: { data: Asked }) => { last = last.then(() => answer(data)); };
