// One run: a fresh wasm instance, what it imports, and the call of one function.

import { type Cell, type Description, type Func, type Operation, typeName } from "./description.ts";
import type { HostFunctions } from "./generated.ts";
import { fileOperation, pause, perform, randomInt, randomOperation } from "./operations.ts";
import { VeraExit, VeraTrap, classify, hostError, trapOf } from "./traps.ts";
import { Broken, type Data, Mismatch, type Part, type Value, fromParts, toParts } from "./values.ts";
import { type Answer, type Begun, type Steps, type Waiter, drive } from "./waits.ts";
import type { World } from "./world.ts";

/** A compiled program. */
export interface Program { module: WebAssembly.Module; description: Description }

/** How functions that may wait, and calls of the program, are handed to the engine. */
export interface Engine {
  /** An import that may yield a promise, for which the program is suspended. */
  suspending<F extends (...args: never[]) => unknown>(func: F): F;
  /** A call that the program may be suspended in. */
  promising(func: Function): (...args: unknown[]) => unknown;
  /** Whether instances can run while others are suspended. */
  overlaps: boolean;
}

/** An engine that cannot suspend. */
export const PLAIN: Engine = {
  suspending: (func) => func,
  promising: (func) => (...args) => func(...args),
  overlaps: false,
};

interface Suspending { Suspending?: new (f: Function) => Function; promising?: (f: Function) => Function }

/** JavaScript Promise Integration, where the engine has it. */
export function promiseIntegration(): Engine | undefined {
  const { Suspending, promising } = WebAssembly as unknown as Suspending;
  if (Suspending === undefined || promising === undefined) return undefined;
  return {
    suspending: <F extends (...args: never[]) => unknown>(func: F) => new Suspending(func) as unknown as F,
    promising: (func) => promising.call(WebAssembly, func) as (...args: unknown[]) => unknown,
    overlaps: true,
  };
}

/** Parts under way. */
class Queue {
  private parts: (Part | undefined)[] = [];
  private first = 0;

  push(part: Part): void { this.parts.push(part); }

  takeAll(): Part[] {
    const left: Part[] = [];
    for (let part = this.take(); part !== undefined; part = this.take()) left.push(part);
    return left;
  }

  take(): Part | undefined {
    if (this.first >= this.parts.length) return undefined;
    const part = this.parts[this.first];
    this.parts[this.first++] = undefined;
    if (this.first >= this.parts.length) {
      this.parts = [];
      this.first = 0;
    }
    return part;
  }
}

/** Something that the program began, and how its end becomes parts. */
interface Task { finish: () => Part[] | Promise<Part[]> }

const utf8 = new TextEncoder();
const lossy = new TextDecoder();

export class Run {
  private readonly instance: WebAssembly.Instance;
  private pending: Uint8Array = new Uint8Array(0);
  private readonly toProgram = new Queue();
  private readonly fromProgram = new Queue();
  private begun: Task[] = [];
  private entry = "";
  /** The arguments of the call met its precondition. */
  admitted = false;
  /** So many state cells of the call's row have begun. */
  cellsStarted = 0;

  constructor(
    private readonly program: Program,
    private readonly world: World,
    private readonly waiter: Waiter,
    private readonly engine: Engine,
    private readonly isTask = false,
  ) {
    this.instance = new WebAssembly.Instance(program.module, { vera: this.imports() as unknown as WebAssembly.ModuleImports });
    const { fuel } = world.options;
    const left = this.instance.exports["vera.fuel"];
    if (fuel !== undefined && left instanceof WebAssembly.Global) left.value = BigInt(fuel);
  }

  private get memory(): Uint8Array {
    const memory = this.instance.exports["vera.memory"];
    if (!(memory instanceof WebAssembly.Memory)) throw hostError("the module lacks a memory");
    return new Uint8Array(memory.buffer);
  }

  private bytes(at: number, length: number): Uint8Array {
    // A module that hands nothing over may be without a memory.
    if (length === 0) return new Uint8Array(0);
    return this.memory.slice(at >>> 0, (at >>> 0) + (length >>> 0));
  }

  private text(at: number, length: number): string { return lossy.decode(this.bytes(at, length)); }

  /** Leaves bytes for the program to fetch. */
  private hold(text: string | Uint8Array | undefined): void {
    this.pending = typeof text === "string" ? utf8.encode(text) : (text ?? new Uint8Array(0));
  }

  /** Leaves what a `Result` holds; 1 when it is an error text. */
  private answer(value: Value): number {
    const { tag, fields } = value as Data;
    this.hold(fields[0] as string | Uint8Array | undefined);
    return tag === "Err" ? 1 : 0;
  }

  private drive<T, R>(steps: Steps<T>, then: (value: T) => R): R | Promise<R> {
    const driven = drive(steps, this.waiter);
    return driven instanceof Promise ? driven.then(then) : then(driven);
  }

  private operation(number: number): Operation {
    const operation = this.program.description.operations[number];
    if (operation === undefined) throw hostError(`there is no operation ${number}`);
    return operation;
  }

  private cell(number: number): Cell {
    const cell = this.program.description.cells[number];
    if (cell === undefined) throw hostError(`there is no cell ${number}`);
    return cell;
  }

  private receive(types: Operation["params"]): Value[] {
    return types.map((ty) => fromParts(this.program.description, ty, () => this.fromProgram.take()));
  }

  private parts(ty: Operation["result"], value: Value): Part[] {
    try {
      return toParts(this.program.description, ty, value);
    } catch (error) {
      throw error instanceof Mismatch ? hostError(error.message) : error;
    }
  }

  private imports(): HostFunctions {
    const { world } = this;
    const { suspending } = this.engine;
    const file = (name: string, ...args: Value[]) => this.answer(fileOperation(world, name, args));
    const read = (name: string): Steps<Value> => perform(world, { effect: "IO", name, params: [], result: "Unit" }, []);
    return {
      trap: (kind, at, length) => { throw trapOf(kind, this.text(at, length)); },
      uncaught: (effectAt, effectLength, at, length) => {
        throw new VeraTrap("uncaught_exception", this.uncaught(this.text(effectAt, effectLength), this.text(at, length)));
      },
      print: (at, length) => world.print(this.bytes(at, length)),
      stderr: (at, length) => world.printError(this.bytes(at, length)),
      read_line: suspending(() => this.drive(world.input.nextLine(), (line) => this.hold(line ?? "")) as void),
      read_char: suspending(() => this.drive(read("read_char"), (char) => this.answer(char)) as number),
      read_file: (at, length) => file("read_file", this.text(at, length)),
      read_bytes: (at, length) => file("read_bytes", this.text(at, length)),
      write_file: (path, pathLength, at, length) => file("write_file", this.text(path, pathLength), this.bytes(at, length)),
      write_bytes: (path, pathLength, at, length) => file("write_bytes", this.text(path, pathLength), this.bytes(at, length)),
      arg_count: () => world.args.length,
      arg: (index) => this.hold(world.args[index] ?? ""),
      exit: (code) => { throw new VeraExit(code); },
      get_env: (at, length) => {
        const value = world.variable(this.text(at, length));
        this.hold(value);
        return value === undefined ? 0 : 1;
      },
      sleep: suspending((millis: bigint) => this.drive(pause(millis), () => undefined) as void),
      time: () => BigInt(Date.now()),
      random_int: (low, high) => randomInt(world, low, high),
      random_float: () => randomOperation(world, "random_float", []) as number,
      random_bool: () => (randomOperation(world, "random_bool", []) === true ? 1 : 0),
      hash_key: () => BigInt.asIntN(64, world.random64()),
      put_word: (word) => this.fromProgram.push(word),
      put_float: (float) => this.fromProgram.push(float),
      put_bytes: (at, length) => this.fromProgram.push(this.bytes(at, length)),
      take_word: () => {
        const part = this.toProgram.take();
        if (typeof part !== "bigint") throw new Broken();
        return part;
      },
      take_float: () => {
        const part = this.toProgram.take();
        if (typeof part !== "number") throw new Broken();
        return part;
      },
      take_bytes: () => {
        const part = this.toProgram.take();
        if (!(part instanceof Uint8Array)) throw new Broken();
        this.hold(part);
      },
      perform: suspending((number: number) => {
        const op = this.operation(number);
        const steps = perform(world, op, this.receive(op.params));
        return this.drive(steps, (value) => this.send(this.parts(op.result, value))) as void;
      }),
      start: (number) => this.start(number),
      may_begin: () => (this.engine.overlaps && !this.isTask ? 1 : 0),
      begin: (number) => this.beginTask(number),
      finish: suspending((number: number) => {
        const task = this.begun[number];
        if (task === undefined) throw hostError(`nothing with number ${number} was begun`);
        const parts = task.finish();
        return (parts instanceof Promise ? parts.then((parts) => this.send(parts)) : this.send(parts)) as void;
      }),
      cell_begins: (number) => {
        const kept = this.world.cells.get(this.cell(number).name);
        if (kept !== undefined) this.send(kept);
        return kept === undefined ? 0 : 1;
      },
      cell_ends: (number) => void this.world.cells.set(this.cell(number).name, this.fromProgram.takeAll()),
      cell_starts: () => void this.cellsStarted++,
      arguments_admitted: () => { this.admitted = true; },
      result_len: () => this.pending.length,
      result_copy: (at) => {
        this.memory.set(this.pending, at >>> 0);
        this.pending = new Uint8Array(0);
      },
    };
  }

  private send(parts: Part[]): void { for (const part of parts) this.toProgram.push(part); }

  private uncaught(effect: string, value: string): string {
    const thrown = value === "" ? "." : `, and the value thrown was ${value}`;
    return `An \`${effect}\` escaped \`${this.entry}\`: no \`handle[${effect}]\` caught it before the call returned${thrown}`;
  }

  /** Begins an operation: what it first waits for is under way when this returns. */
  private start(number: number): number {
    const op = this.operation(number);
    const steps = perform(this.world, op, this.receive(op.params));
    const first = steps.next();
    if (first.done === true) return this.remember({ finish: () => this.parts(op.result, first.value) });
    const begun: Begun = this.waiter.begin(first.value);
    const rest = (answer: Answer) => {
      const value = drive(steps, this.waiter, answer);
      return value instanceof Promise ? value.then((v) => this.parts(op.result, v)) : this.parts(op.result, value);
    };
    return this.remember({
      finish: () => {
        const answer = this.waiter.finish(begun);
        return answer instanceof Promise ? answer.then(rest) : rest(answer);
      },
    });
  }

  /** Begins a task, in an instance of its own. */
  private beginTask(number: number): number {
    const { description } = this.program;
    const task = description.tasks[number];
    if (task === undefined) throw hostError(`there is no task ${number}`);
    const args = this.receive(task.params);
    const run = new Run(this.program, this.world, this.waiter, this.engine, true);
    const func: Func = { name: task.export, export: task.export, params: task.params, result: task.result, in_parts: true };
    // Nobody may wait for it; it is no fault then that it failed.
    const ended = Promise.resolve(run.call(func, args)).then((value) => ({ value }), (error: unknown) => ({ error }));
    return this.remember({
      finish: () => ended.then((end) => {
        if ("error" in end) throw end.error;
        return this.parts(task.result, end.value);
      }),
    });
  }

  private remember(task: Task): number { return this.begun.push(task) - 1; }

  /**
   * Calls a function with a value for each parameter.
   *
   * @throws {VeraTrap} also when an argument is none of its parameter's type, and
   * {@link VeraExit}; as a rejection where the engine suspends.
   */
  call(func: Func, args: readonly unknown[]): Value | Promise<Value> {
    this.entry = (func.name.split("$")[0] ?? func.name);
    try {
      const params = this.lower(func, args);
      const called = this.engine.promising(this.exported(func.export))(...params);
      if (called instanceof Promise) {
        return called.then((result) => this.lift(func, result), (error: unknown) => { throw classify(error); });
      }
      return this.lift(func, called);
    } catch (error) {
      throw classify(error);
    }
  }

  private exported(name: string): Function {
    const func = this.instance.exports[name];
    if (typeof func !== "function") throw hostError(`the module lacks ${name}`);
    return func;
  }

  /** The wasm arguments; what crosses in parts is left for the program to take. */
  private lower(func: Func, args: readonly unknown[]): unknown[] {
    const { description } = this.program;
    const wanted = func.params.filter((ty) => ty !== "Unit");
    const given = args.length === func.params.length ? args.filter((_, i) => func.params[i] !== "Unit") : args;
    if (given.length !== wanted.length) {
      const params = wanted.map((ty, i) => `parameter ${i + 1} of type ${typeName(description, ty)}`);
      throw hostError(`'${func.name}' takes ${wanted.length} argument(s)${params.length === 0 ? "" : ` (${params.join(", ")})`}, but ${given.length} were given`);
    }
    const lowered: unknown[] = [];
    wanted.forEach((ty, i) => {
      let parts: Part[];
      try {
        if (typeof ty === "object") throw new Mismatch("a type whose values cross", "an argument", "");
        parts = toParts(description, ty, given[i]);
      } catch (error) {
        if (!(error instanceof Mismatch)) throw error;
        throw hostError(`parameter ${i + 1} of '${func.name}' has type ${typeName(description, ty)}: ${error.message}`);
      }
      if (func.in_parts) return void this.send(parts);
      const [part] = parts;
      if (part instanceof Uint8Array) lowered.push(this.put(part), part.length);
      else lowered.push(ty === "Bool" || ty === "Byte" ? Number(part) : part);
    });
    return lowered;
  }

  /** Copies bytes into the program's memory. */
  private put(bytes: Uint8Array): number {
    const address = this.exported("vera.alloc")(bytes.length) as number;
    this.memory.set(bytes, address >>> 0);
    return address;
  }

  private lift(func: Func, result: unknown): Value {
    const { description } = this.program;
    if (func.in_parts) return fromParts(description, func.result, () => this.fromProgram.take());
    switch (func.result) {
      case "Unit": return undefined;
      case "Byte": return (result as number) & 255;
      case "Bool": return result !== 0;
      case "String": {
        const [at, length] = result as [number, number];
        return lossy.decode(this.bytes(at, length));
      }
      case "Int": case "Nat": case "Float64": return result as bigint | number;
      default: return undefined;
    }
  }
}
