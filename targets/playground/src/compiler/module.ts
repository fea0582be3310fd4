// The compiler as a module, and how it is called: the other side of
// `crates/vera-web/src/boundary.rs`.

/** What a request is answered with; `requests.rs` has the table of methods. */
export interface Document {
  [key: string]: unknown;
  /** Files to hand in before asking again. */
  wanted?: string[];
  /** A linked runtime to hand in before asking again. */
  runtime?: string;
  error?: { code: number; message: string };
}

export interface Answer { document: Document; bytes: Uint8Array<ArrayBuffer> }

interface Exports {
  memory: WebAssembly.Memory;
  vera_room(length: number): number;
  vera_answer(): number;
  vera_answered(): number;
}

/** The compiler itself failed; it has begun anew, with what it had been handed in. */
export class Failed extends Error {}

const utf8 = new TextEncoder();
const text = new TextDecoder();
const NOTHING = new Uint8Array(0);

/** What a compiler is handed in, and must be again where it begins anew. */
const KEPT = ["enter", "file", "runtime"];

export class Compiler {
  private exports: Exports;
  private given = new Map<string, { method: string; params: unknown; bytes: Uint8Array }>();

  constructor(private readonly module: WebAssembly.Module) { this.exports = this.start(); }

  private start(): Exports { return new WebAssembly.Instance(this.module, {}).exports as unknown as Exports; }

  /**
   * Asks once.
   *
   * @throws Failed where the compiler fails: of a program that nests deeper than the
   * engine's stack, or by a bug of its own.
   */
  ask(method: string, params: unknown = {}, bytes: Uint8Array = NOTHING): Answer {
    if (KEPT.includes(method)) this.given.set(`${method} ${JSON.stringify(key(params))}`, { method, params, bytes });
    try {
      return this.exchange(method, params, bytes);
    } catch (error) {
      this.exports = this.start();
      for (const { method, params, bytes } of this.given.values()) this.exchange(method, params, bytes);
      throw new Failed(reason(error), { cause: error });
    }
  }

  private exchange(method: string, params: unknown, bytes: Uint8Array): Answer {
    const asked = utf8.encode(JSON.stringify({ method, params }));
    const length = bytes.length === 0 ? asked.length : asked.length + 1 + bytes.length;
    const at = this.exports.vera_room(length);
    const room = new Uint8Array(this.exports.memory.buffer, at, length);
    room.set(asked);
    if (bytes.length > 0) room.set(bytes, asked.length + 1);
    const size = this.exports.vera_answer();
    const answered = new Uint8Array(this.exports.memory.buffer, this.exports.vera_answered(), size).slice();
    const end = answered.indexOf(0);
    const document = JSON.parse(text.decode(end < 0 ? answered : answered.subarray(0, end))) as Document;
    return { document, bytes: end < 0 ? NOTHING : answered.subarray(end + 1) };
  }
}

/** What a later gift of the same kind takes the place of. */
function key(params: unknown): unknown {
  const { path, name } = params as { path?: string; name?: string };
  return path ?? name;
}

function reason(error: unknown): string {
  // Engines differ in the words for a stack that is too small.
  if (error instanceof RangeError || /stack|recursion/i.test(String(error))) {
    return "this program nests deeper than the stack of this JavaScript engine; the native `vera` has a deeper one";
  }
  return `the compiler failed (${String(error)}): this is a bug in vera, not in the program`;
}

/**
 * The file of a linked runtime. Each holds those before it, so that of markup is that of
 * data, too: what they share is loaded once.
 */
export function runtimeFile(name: string): string {
  return name === "core" ? "runtime-core.wasm" : "runtime-markup.wasm";
}

/** Where files and linked runtimes come from. */
export interface Source {
  /** The text of a file; `null` where there is none. */
  file(path: string): Promise<string | null>;
  runtime(name: string): Promise<Uint8Array>;
}

/** Asks until nothing is wanted any more. */
export async function resolve(compiler: Compiler, source: Source, method: string, params: unknown, bytes?: Uint8Array): Promise<Answer> {
  for (;;) {
    const answer = compiler.ask(method, params, bytes);
    const { wanted, runtime } = answer.document;
    if (wanted !== undefined) {
      for (const path of wanted) compiler.ask("file", { path, text: await source.file(path) });
    } else if (runtime !== undefined) {
      const given = compiler.ask("runtime", { name: runtime }, await source.runtime(runtime));
      if (given.document.error !== undefined) throw new Error(given.document.error.message);
    } else {
      return answer;
    }
  }
}
