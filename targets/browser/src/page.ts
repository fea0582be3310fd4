// The page of a bundle: a terminal that shows what `main` writes and takes what is typed.

import { FitAddon } from "@xterm/addon-fit";
import { Terminal } from "@xterm/xterm";
import type { Data, Instance, Options, Value } from "./runtime.d.mts";

/** What the page needs of `runtime.mjs`. */
interface Runtime {
  instantiate(source: string | BufferSource, options: Options): Promise<Instance>;
}

const CARRIAGE_RETURN = "\r";
const CTRL_C = "\x03";
const CTRL_D = "\x04";
const BACKSPACE = "\x7f";

/** What is typed while a program reads lines: echoed, and handed over at the end of the line. */
class LineEditor {
  private line = "";

  constructor(private readonly terminal: Terminal, private readonly instance: Instance) {}

  type(data: string): void {
    for (const char of data) {
      if (char === CARRIAGE_RETURN || char === "\n") {
        this.terminal.write("\r\n");
        this.instance.input(`${this.line}\n`);
        this.line = "";
      } else if (char === CTRL_D && this.line === "") {
        this.instance.endInput();
      } else if (char === BACKSPACE) {
        if (this.line === "") continue;
        this.line = [...this.line].slice(0, -1).join("");
        this.terminal.write("\b \b");
      } else if (char >= " ") {
        this.line += char;
        this.terminal.write(char);
      }
    }
  }
}

/** Runs the program's `main` and shows how it ends. */
export async function start(runtime: Runtime, source: string | BufferSource, runtimeUrl?: string): Promise<void> {
  const status = element("status");
  const terminal = new Terminal({ convertEol: true, cursorBlink: true });
  const fit = new FitAddon();
  terminal.loadAddon(fit);
  terminal.open(element("terminal"));
  fit.fit();
  addEventListener("resize", () => fit.fit());
  // With it, text that comes from no keyboard is not taken, so it is a choice.
  const reader = element("reader") as HTMLInputElement;
  reader.onchange = () => { terminal.options.screenReaderMode = reader.checked; };

  let printed = false;
  let wanted: "line" | "key" = "line";
  const show = (text: string) => {
    printed ||= text !== "";
    terminal.write(text);
  };
  try {
    const instance = await runtime.instantiate(source, {
      onStdout: show,
      onStderr: show,
      onInput: (now) => { wanted = now; },
      onWarning: (text) => { element("warning").textContent = text; },
      terminalSize: () => ({ columns: terminal.cols, rows: terminal.rows }),
      ...(runtimeUrl === undefined ? {} : { runtimeUrl }),
    });
    const editor = new LineEditor(terminal, instance);
    terminal.onData((data) => {
      // A browser offers no interrupt; the page is left instead.
      if (data === CTRL_C) return;
      if (wanted === "key") instance.input(data);
      else editor.type(data);
    });
    status.textContent = "";
    terminal.focus();
    const value = (await instance.callAsync("main")) as Value;
    if (value !== undefined && !printed) show(literal(value));
    const code = instance.getExitCode();
    const end = code !== null ? `Exit code: ${code}` : printed ? "Finished" : "(no output)";
    status.textContent = [end, ...state(instance)].join("\n");
  } catch (error) {
    const { message, fix } = error as { message: string; fix?: string };
    status.textContent = `Error: ${message}${fix === undefined || fix === "" ? "" : `\nFix: ${fix}`}`;
    status.className = "error";
  }
  document.documentElement.dataset["state"] = status.className === "error" ? "failed" : "finished";
}

/** What state cells hold, if there are any. */
function state(instance: Instance): string[] {
  const held = Object.entries(instance.getState());
  return held.length === 0 ? [] : [`State: {${held.map(([name, value]) => `${name}: ${literal(value)}`).join(", ")}}`];
}

/** A value as Vera writes it. */
function literal(value: Value): string {
  if (Array.isArray(value)) return `[${value.map(literal).join(", ")}]`;
  if (value instanceof Uint8Array) return `[${[...value].join(", ")}]`;
  if (value instanceof Map) return `{${[...value].map(([k, v]) => `${literal(k)}: ${literal(v)}`).join(", ")}}`;
  if (value instanceof Set) return `{${[...value].map(literal).join(", ")}}`;
  if (typeof value === "object") {
    const { tag, fields } = value as Data;
    return fields.length === 0 ? tag : `${tag}(${fields.map(literal).join(", ")})`;
  }
  return String(value);
}

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks #${id}`);
  return found;
}
