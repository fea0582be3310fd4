// What a program reads: bytes that are there, and those still to come.

import { moreInput, type Steps } from "./waits.ts";

const utf8 = new TextEncoder();
const text = new TextDecoder("utf-8", { ignoreBOM: true });

const NEWLINE = 10;
const ESC = 0x1b;

/** Most bytes of a key's code. */
const LONGEST_KEY = 12;

/** How long after an escape the rest of a key's code may come, in milliseconds. */
const ESCAPE = 50;

export class Input {
  private bytes = new Uint8Array(0);
  private ended: boolean;

  /** `given`: all there will be, unless it is absent. */
  constructor(given?: string) {
    this.ended = given !== undefined;
    if (given !== undefined) this.bytes = utf8.encode(given);
  }

  /** Whether nobody is asked for more. */
  get isEnded(): boolean { return this.ended; }

  push(more: string): void {
    const bytes = utf8.encode(more);
    const all = new Uint8Array(this.bytes.length + bytes.length);
    all.set(this.bytes);
    all.set(bytes, this.bytes.length);
    this.bytes = all;
  }

  end(): void { this.ended = true; }

  private take(count: number): Uint8Array {
    const taken = this.bytes.slice(0, count);
    this.bytes = this.bytes.slice(count);
    return taken;
  }

  /** Waits for more; whether anything came. */
  private *more(wanted: "line" | "key", within?: number): Steps<"more" | "end" | "late"> {
    if (this.ended) return "end";
    const more = yield* moreInput(wanted, within);
    if (more === "late") return "late";
    if (more === "end") {
      this.ended = true;
      return "end";
    }
    this.push(more.text);
    return "more";
  }

  /** The next line without its `\n`; `undefined` at the end. */
  *nextLine(): Steps<string | undefined> {
    for (;;) {
      const end = this.bytes.indexOf(NEWLINE);
      if (end >= 0) return text.decode(this.take(end + 1).subarray(0, end));
      if ((yield* this.more("line")) === "end") break;
    }
    return this.bytes.length === 0 ? undefined : text.decode(this.take(this.bytes.length));
  }

  *readAll(): Steps<string> {
    while ((yield* this.more("line")) !== "end");
    return text.decode(this.take(this.bytes.length));
  }

  /** The next character; `undefined` at the end. */
  *char(): Steps<string | undefined> {
    const first = yield* this.byte();
    if (first === undefined) return undefined;
    const bytes = [first];
    const length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xc2 && first < 0xe0 ? 2 : 1;
    while (bytes.length < length) {
      const next = yield* this.byte();
      if (next === undefined) break;
      bytes.push(next);
    }
    return text.decode(new Uint8Array(bytes));
  }

  private *byte(): Steps<number | undefined> {
    while (this.bytes.length === 0) if ((yield* this.more("key")) === "end") return undefined;
    return this.take(1)[0];
  }

  /** Whether a read would not wait for longer than this; also at the end. */
  *isReady(within: number): Steps<boolean> {
    if (this.bytes.length > 0) return true;
    return (yield* this.more("key", within)) !== "late";
  }

  /** The next key: a character, or a name such as `<up>`; `undefined` at the end. */
  *key(): Steps<string | undefined> {
    let code = yield* this.char();
    if (code === String.fromCharCode(ESC)) {
      while (code.length < LONGEST_KEY && !isWhole(code) && (yield* this.isReady(ESCAPE))) {
        const next = yield* this.byte();
        if (next === undefined) break;
        code += String.fromCharCode(next);
      }
    }
    return code === undefined ? undefined : keyName(code);
  }
}

/** Whether the code of a key that begins with an escape is complete (ECMA-48). */
function isWhole(code: string): boolean {
  if (code.length < 2) return false;
  if (code.length === 2) return code[1] !== "[" && code[1] !== "O";
  if (code[1] !== "[") return true;
  const last = code.charCodeAt(code.length - 1);
  return last >= 0x40 && last < 0x7f;
}

const KEYS: Record<string, string> = {
  "\r": "enter", "\n": "enter", "\t": "tab", "\x7f": "backspace", "\b": "backspace", "\x1b": "esc",
  "\x1b[A": "up", "\x1bOA": "up", "\x1b[B": "down", "\x1bOB": "down",
  "\x1b[C": "right", "\x1bOC": "right", "\x1b[D": "left", "\x1bOD": "left",
  "\x1b[H": "home", "\x1bOH": "home", "\x1b[1~": "home", "\x1b[F": "end", "\x1bOF": "end", "\x1b[4~": "end",
  "\x1b[2~": "insert", "\x1b[3~": "delete", "\x1b[5~": "page-up", "\x1b[6~": "page-down", "\x1b[Z": "shift-tab",
  "\x1bOP": "f1", "\x1b[11~": "f1", "\x1bOQ": "f2", "\x1b[12~": "f2", "\x1bOR": "f3", "\x1b[13~": "f3",
  "\x1bOS": "f4", "\x1b[14~": "f4", "\x1b[15~": "f5", "\x1b[17~": "f6", "\x1b[18~": "f7", "\x1b[19~": "f8",
  "\x1b[20~": "f9", "\x1b[21~": "f10", "\x1b[23~": "f11", "\x1b[24~": "f12",
};

/** The name of the key that a terminal sends this code for; a character is its own. */
function keyName(code: string): string {
  const known = KEYS[code];
  if (known !== undefined) return `<${known}>`;
  if (code.charCodeAt(0) === ESC) return code.length === 2 && code >= "\x1b " ? `<alt-${code[1]}>` : "<unknown>";
  const point = code.charCodeAt(0);
  return code.length === 1 && point >= 1 && point <= 26 ? `<ctrl-${String.fromCharCode(96 + point)}>` : code;
}
