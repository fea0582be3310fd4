// The outside world of a program: what its effects reach.

import { Files, type Storage, keep, kept } from "./files.ts";
import { Input } from "./input.ts";
import type { Part } from "./values.ts";
import type { More, Outside } from "./waits.ts";

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

/** Bytes as text, a character of which may come in pieces. */
class Decoder {
  private readonly decoder = new TextDecoder("utf-8", { ignoreBOM: true });

  add(text: string | Uint8Array): string {
    return typeof text === "string" ? this.end() + text : this.decoder.decode(text, { stream: true });
  }

  end(): string { return this.decoder.decode(); }
}

export class World implements Outside {
  readonly args: string[];
  files: Files | undefined;
  input: Input;
  stdout = "";
  stderr = "";
  /** What state cells hold between calls, by the printed form of their types. */
  cells = new Map<string, Part[]>();
  private readonly out = new Decoder();
  private readonly err = new Decoder();
  began = performance.now();
  private wanted: ((more: More) => void)[] = [];
  private typed: More[] = [];

  constructor(readonly options: Options) {
    this.args = [...(options.args ?? [])];
    this.input = new Input(stdinText(options.stdin));
    this.files = this.openFiles();
  }

  /** The files given by the options and those kept, or these. */
  private openFiles(instead?: [string, Uint8Array][]): Files | undefined {
    const { files, persist } = this.options;
    if (files === undefined && persist === undefined) return undefined;
    const given = instead ?? [...Object.entries(files ?? {}), ...this.keptFiles()];
    const opened: Files = new Files(given, () => this.keepFiles(opened));
    return opened;
  }

  private keptFiles(): [string, Uint8Array][] {
    const { persist } = this.options;
    const storage = persist === undefined ? undefined : this.storage();
    if (persist === undefined || storage === undefined) return [];
    try {
      return kept(storage, persist);
    } catch (error) {
      this.warn(`what was kept as \`${persist}\` cannot be read: ${String(error)}`);
      return [];
    }
  }

  private keepFiles(files: Files): void {
    const { persist } = this.options;
    const storage = persist === undefined ? undefined : this.storage();
    if (persist === undefined || storage === undefined) return;
    try {
      keep(storage, persist, files.all());
    } catch (error) {
      this.warn(`the files are not kept: ${String(error)}`);
    }
  }

  private storage(): Storage | undefined {
    try {
      const { localStorage } = globalThis as { localStorage?: Storage };
      if (localStorage !== undefined) return localStorage;
    } catch {
      // A page may be denied its storage.
    }
    this.warn("this host offers no storage, so the files are not kept");
    return undefined;
  }

  /** The files as a worker left them. */
  replaceFiles(files: Record<string, Uint8Array>): void {
    const { persist } = this.options;
    this.files = this.openFiles(Object.entries(files));
    if (persist !== undefined && this.files !== undefined) this.keepFiles(this.files);
  }

  warn(text: string): void { (this.options.onWarning ?? ((text) => console.warn(`vera: ${text}`)))(text); }

  print(text: string | Uint8Array): undefined { this.written(this.out.add(text)); }

  printError(text: string | Uint8Array): undefined { this.writtenError(this.err.add(text)); }

  /** What ends amid a character when a call ends is none. */
  finish(): void {
    this.written(this.out.end());
    this.writtenError(this.err.end());
  }

  private written(text: string): void {
    if (text === "") return;
    this.stdout += text;
    this.options.onStdout?.(text);
  }

  private writtenError(text: string): void {
    if (text === "") return;
    this.stderr += text;
    this.options.onStderr?.(text);
  }

  variable(name: string): string | undefined {
    const env = this.options.env ?? {};
    return Object.hasOwn(env, name) ? env[name] : undefined;
  }

  terminalSize(): { columns: number; rows: number } | undefined { return this.options.terminalSize?.(); }

  /** 64 bits of chance. */
  random64(): bigint { return crypto.getRandomValues(new BigUint64Array(1))[0] as bigint; }

  /** Text that was typed. */
  type(more: More): void {
    const waiting = this.wanted.shift();
    if (waiting === undefined) this.typed.push(more);
    else waiting(more);
  }

  /** The next text that is typed. */
  waitForInput(wanted: "line" | "key", within: number | undefined): Promise<More> {
    const typed = this.typed.shift();
    if (typed !== undefined) return Promise.resolve(typed);
    this.options.onInput?.(wanted);
    return new Promise((done) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const answer = (more: More) => {
        clearTimeout(timer);
        done(more);
      };
      this.wanted.push(answer);
      if (within !== undefined) {
        timer = setTimeout(() => {
          this.wanted = this.wanted.filter((waiting) => waiting !== answer);
          done("late");
        }, within);
      }
    });
  }


  /** What a dialogue of the page yields; without one the input has ended. */
  prompt(): More {
    const typed = this.typed.shift();
    if (typed !== undefined) return typed;
    const { prompt } = globalThis as { prompt?: (text: string) => string | null };
    if (typeof prompt !== "function") return "end";
    return { text: `${prompt("Input:") ?? ""}\n` };
  }

  /** Forgets output, state and input, and begins with the options' input again. */
  reset(): void {
    this.stdout = "";
    this.stderr = "";
    this.typed = [];
    this.cells.clear();
    this.input = new Input(stdinText(this.options.stdin));
  }
}

/** Each line with its end. */
function stdinText(stdin: string | readonly string[] | undefined): string | undefined {
  if (stdin === undefined || typeof stdin === "string") return stdin;
  return stdin.map((line) => `${line}\n`).join("");
}
