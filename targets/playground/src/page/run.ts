// Running the program: a worker for each run, its output, its input, and the stop button.

import { type Piece, Painter } from "./ansi.ts";
import { byId } from "./panes.ts";
import { element } from "./markdown.ts";
import type { FromProgram, ToProgram } from "./program.worker.ts";

/** So much of the output is kept on the page, in characters. */
const KEPT = 400_000;

export class Runner {
  private worker: Worker | undefined;
  private length = 0;
  private painter = new Painter();

  constructor(private readonly told: (status: string) => void) {
    byId("stop").onclick = () => this.stop();
    byId<HTMLFormElement>("input").onsubmit = (event) => {
      event.preventDefault();
      const line = byId<HTMLInputElement>("line");
      this.type(`${line.value}\n`);
      line.value = "";
    };
    byId("end-input").onclick = () => {
      this.send({ end: true });
      this.waits(false);
    };
  }

  get runs(): boolean { return this.worker !== undefined; }

  /** @param fuel the calls and turns of loops that the run may make */
  start(module: ArrayBuffer, fuel: number | undefined): void {
    this.end();
    this.clear();
    const worker = new Worker(new URL("program.js", document.baseURI), { type: "module", name: "program" });
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromProgram>) => { if (this.worker === worker) this.heard(data); };
    worker.onerror = (event) => this.ended(event.message || "the program's worker failed", "trap");
    byId<HTMLButtonElement>("stop").disabled = false;
    this.told("Running");
    this.send({ start: module, fuel });
  }

  stop(): void {
    if (!this.runs) return;
    this.ended("Stopped", "note");
  }

  clear(): void {
    byId("console").replaceChildren();
    byId("ending").textContent = "";
    this.length = 0;
    this.painter = new Painter();
  }

  private send(message: ToProgram): void { this.worker?.postMessage(message); }

  private type(text: string): void {
    this.write("typed", text);
    this.waits(false);
    this.send({ input: text });
  }

  private waits(waits: boolean): void {
    byId<HTMLFieldSetElement>("typing").disabled = !waits;
    if (waits) byId("line").focus();
  }

  private heard(said: FromProgram): void {
    if ("out" in said) {
      for (const { stream, text } of said.out) this.write(stream, text);
    } else if ("wants" in said) {
      this.told(said.wants === "key" ? "The program waits for a key" : "The program waits for a line");
      this.waits(true);
    } else if (said.ended.kind === "returned") {
      this.ended(said.ended.value === "" ? "Finished" : `Result: ${said.ended.value}`, "note");
    } else if (said.ended.kind === "exited") {
      this.ended(`Exit code: ${said.ended.code}`, "note");
    } else {
      this.ended([said.ended.message, said.ended.fix].filter((text) => text !== "").join("\n\n"), "trap");
    }
  }

  private write(stream: string, text: string): void {
    const leftOut = this.painter.leftOut;
    const pieces = this.painter.read(text);
    if (this.painter.leftOut && !leftOut) {
      this.note("This page shows colours, and leaves out what moves the cursor of a terminal; a bundle (`vera compile --target browser`) has a terminal.");
    }
    const screen = byId("console");
    for (const piece of pieces) {
      if (this.length > KEPT) break;
      this.length += piece.text.length;
      append(screen, stream, piece);
      if (this.length > KEPT) this.note("The rest of the output is not shown.");
    }
    screen.scrollTop = screen.scrollHeight;
  }

  private note(text: string): void { byId("console").append(element("span", `\n${text}\n`, "note")); }

  private ended(text: string, kind: "note" | "trap"): void {
    this.end();
    const ending = byId("ending");
    ending.textContent = text;
    ending.className = kind;
    this.told(kind === "trap" ? "The program ended abnormally" : text);
  }

  private end(): void {
    this.worker?.terminate();
    this.worker = undefined;
    byId<HTMLButtonElement>("stop").disabled = true;
    this.waits(false);
  }
}

/** Adds a piece of output, to what is before it where both look alike. */
function append(screen: HTMLElement, stream: string, { text, look }: Piece): void {
  const span = element("span", text, [stream, ...look.classes].join(" "));
  if (look.colour !== undefined) span.style.setProperty("--ink", look.colour);
  if (look.ground !== undefined) span.style.setProperty("--paper", look.ground);
  const last = screen.lastElementChild;
  const alike = last instanceof HTMLElement && last.className === span.className && last.style.cssText === span.style.cssText;
  if (alike) last.append(text);
  else screen.append(span);
}
