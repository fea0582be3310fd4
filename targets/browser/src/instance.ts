// A program on a page: what its user calls.

import { callInWorker, canBlockWorkers, type WorkerCall } from "./bridge.ts";
import { describe, type Func, typeName } from "./description.ts";
import { PLAIN, type Program, Run, promiseIntegration } from "./run.ts";
import { VeraExit, VeraTrap } from "./traps.ts";
import { type Value, fromParts } from "./values.ts";
import { Blocking, Promises } from "./waits.ts";
import { type Options, World } from "./world.ts";

/** Where a module comes from. */
export type Source = string | URL | Response | BufferSource | WebAssembly.Module;

/**
 * A program with its outside world. Each call runs in a fresh wasm instance, as each
 * `vera run` does: of the program's heap nothing survives a call. Its state cells do,
 * where the call returned.
 */
export class Instance {
  private readonly world: World;
  private exitCode: number | null = null;
  private worker: WorkerCall | undefined;

  private constructor(private readonly program: Program, private readonly options: Options) {
    this.world = new World(options);
  }

  static async create(source: Source, options: Options = {}): Promise<Instance> {
    const module = await compile(source);
    return new Instance({ module, description: describe(module) }, options);
  }

  private func(name: string): Func {
    const func = this.program.description.functions.find((func) => func.name === name);
    if (func === undefined) throw new Error(`No exported function '${name}'`);
    return func;
  }

  /** Calls a function; where it waits, so does the page. */
  call(name: string, ...args: unknown[]): Value {
    const func = this.func(name);
    this.exitCode = null;
    return this.ended(() => new Run(this.program, this.world, new Blocking(this.world), PLAIN).call(func, args) as Value);
  }

  /** Calls a function that may wait while the page goes on. */
  async callAsync(name: string, ...args: unknown[]): Promise<Value> {
    const func = this.func(name);
    this.exitCode = null;
    const engine = promiseIntegration();
    try {
      if (engine !== undefined) {
        return await new Run(this.program, this.world, new Promises(this.world), engine).call(func, args);
      }
      if (canBlockWorkers()) {
        this.worker = { program: this.program, world: this.world, options: this.options };
        return await callInWorker(this.worker, func, args);
      }
      this.world.warn("this engine has neither Promise Integration nor, on this page, SharedArrayBuffer (send the headers Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp): the page stands still while the program runs");
      return new Run(this.program, this.world, new Blocking(this.world), PLAIN).call(func, args);
    } catch (error) {
      return this.exited(error);
    } finally {
      this.world.finish();
    }
  }

  private ended(run: () => Value): Value {
    try {
      return run();
    } catch (error) {
      return this.exited(error);
    } finally {
      this.world.finish();
    }
  }

  private exited(error: unknown): undefined {
    if (!(error instanceof VeraExit)) throw error;
    this.exitCode = Number(error.code);
  }

  /** Text for a program that waits for input, as if it were typed. */
  input(text: string): void { this.world.type({ text }); }

  /** Nothing more will be typed. */
  endInput(): void { this.world.type("end"); }

  getStdout(): string { return this.world.stdout; }
  clearStdout(): void { this.world.stdout = ""; }
  getStderr(): string { return this.world.stderr; }
  clearStderr(): void { this.world.stderr = ""; }

  /** The code of the last call's `IO.exit`. */
  getExitCode(): number | null { return this.exitCode; }

  /** What the state cells hold after the last call that returned, by type. */
  getState(): Record<string, Value> {
    const { description } = this.program;
    const held = description.cells.flatMap(({ name, type }): [string, Value][] => {
      const parts = this.world.cells.get(name);
      const left = parts === undefined ? undefined : [...parts];
      return left === undefined ? [] : [[name, fromParts(description, type, () => left.shift())]];
    });
    return Object.fromEntries(held);
  }

  /** State cells begin as zero again. */
  resetState(): void { this.world.cells.clear(); }

  /** The program's functions. */
  getExports(): string[] { return this.program.description.functions.map((func) => func.name); }

  /** The types of a function's parameters and result, as Vera writes them. */
  getSignature(name: string): { params: string[]; result: string } {
    const { description } = this.program;
    const func = this.func(name);
    return { params: func.params.map((ty) => typeName(description, ty)), result: typeName(description, func.result) };
  }

  /** The files in memory as the program left them. */
  getFiles(): Record<string, Uint8Array> { return this.world.files?.all() ?? {}; }

  /** Forgets output, exit code, state and input. */
  reset(): void {
    this.world.reset();
    this.exitCode = null;
  }
}

/** Compiles a module wherever it comes from. */
async function compile(source: Source): Promise<WebAssembly.Module> {
  if (source instanceof WebAssembly.Module) return source;
  if (source instanceof ArrayBuffer || ArrayBuffer.isView(source)) return await WebAssembly.compile(source as BufferSource);
  const response = source instanceof Response ? source : await fetchModule(source);
  if (!response.ok) throw new Error(`cannot load the module from ${response.url}: HTTP ${response.status}`);
  return await WebAssembly.compile(await response.arrayBuffer());
}

/** Node's `fetch` does not read files. */
async function fetchModule(source: string | URL): Promise<Response> {
  const url = new URL(source, typeof location === "undefined" ? import.meta.url : location.href);
  if (url.protocol !== "file:") return await fetch(url);
  const { readFile } = await import("node:fs/promises");
  return new Response(await readFile(url));
}

export { VeraExit, VeraTrap };
