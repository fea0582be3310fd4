/** The program's functions. */
export interface Exports {
  [name: string]: (...args: never[]) => unknown;
}

/** A data value: the name of its constructor, and its fields. */
export interface Data { tag: string; fields: Value[] }

/** `Int` and `Nat` are bigints, `Byte` and `Float64` numbers, a tuple is an array. */
export type Value =
  | undefined | bigint | number | boolean | string | Uint8Array
  | Value[] | Map<Value, Value> | Set<Value> | Data;

/** Where a module comes from. */
export type Source = string | URL | Response | BufferSource | WebAssembly.Module;

/** What a program sees of the outside. */
export interface Options {
  /** The whole input: lines, or a text. Without it `call` prompts, and `callAsync` waits for `input`. */
  stdin?: string | readonly string[];
  args?: readonly string[];
  env?: Readonly<Record<string, string>>;
  /** Files in memory by path. Without it operations on files are refused. */
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Keep the files in the browser's storage under this name, and begin with those kept. */
  persist?: string;
  /** Output as it comes. */
  onStdout?: (text: string) => void;
  onStderr?: (text: string) => void;
  /** The program waits for a line, or for a key. */
  onInput?: (wanted: "line" | "key") => void;
  /** What this host cannot do. */
  onWarning?: (text: string) => void;
  /** Character cells of the terminal that shows the output. */
  terminalSize?: () => { columns: number; rows: number } | undefined;
  /** Where the runtime lies, for the worker that `callAsync` needs in some engines. */
  runtimeUrl?: string | URL;
  /** The work that a call may do, in calls and turns of loops, where the module counts it. */
  fuel?: bigint | number;
}

type Name = keyof Exports & string;
type Args<N extends Name> = Parameters<Exports[N]>;
type Result<N extends Name> = ReturnType<Exports[N]>;

/** A program with its outside world. */
export interface Instance {
  /** Calls a function; where it waits, so does the page. `undefined` also after `IO.exit`. */
  call<N extends Name>(name: N, ...args: Args<N>): Result<N>;
  /** Calls a function that may wait while the page goes on. */
  callAsync<N extends Name>(name: N, ...args: Args<N>): Promise<Result<N>>;
  /** Text for a program that waits for input, as if it were typed. */
  input(text: string): void;
  /** Nothing more will be typed. */
  endInput(): void;
  getStdout(): string;
  clearStdout(): void;
  getStderr(): string;
  clearStderr(): void;
  /** The code of the last call's `IO.exit`. */
  getExitCode(): number | null;
  /** What the state cells hold after the last call that returned, by type. */
  getState(): Record<string, Value>;
  /** State cells begin as zero again. */
  resetState(): void;
  getExports(): string[];
  getSignature(name: string): { params: string[]; result: string };
  /** The files in memory as the program left them. */
  getFiles(): Record<string, Uint8Array>;
  /** Forgets output, exit code, state and input. */
  reset(): void;
}

/** A program of its own; any number of them can be on a page. */
export function instantiate(source?: Source, options?: Options): Promise<Instance>;

/** `handle` as what answers requests: for service workers. */
export function fetchHandler(instance: Instance, name?: string): (request: Request) => Promise<Response>;

/** Loads the one program that the functions below speak of; a second call does nothing. */
export function init(source?: Source, options?: Options): Promise<void>;
export default init;
export function initFromBytes(bytes: BufferSource, options?: Options): Promise<void>;
export const call: Instance["call"];
export const callAsync: Instance["callAsync"];
export const input: Instance["input"];
export const endInput: Instance["endInput"];
export const getStdout: Instance["getStdout"];
export const clearStdout: Instance["clearStdout"];
export const getStderr: Instance["getStderr"];
export const clearStderr: Instance["clearStderr"];
export const getExitCode: Instance["getExitCode"];
export const getState: Instance["getState"];
export const resetState: Instance["resetState"];
export const getExports: Instance["getExports"];
export const getSignature: Instance["getSignature"];
export const getFiles: Instance["getFiles"];
export const reset: Instance["reset"];

/** The program called `IO.exit`. */
export class VeraExit extends Error { readonly code: bigint }

/** The program ended abnormally; `fix` says what to change, where the message does not. */
export class VeraTrap extends Error { readonly kind: string; readonly fix: string }
