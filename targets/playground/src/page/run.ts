// Running the program: a worker for each run, its output, its input, and the stop button.

import { byId } from "./panes.ts";
import { element } from "./markdown.ts";
import type { FromProgram, ToProgram } from "./program.worker.ts";

/** So much of the output is kept on the page, in characters. */
const KEPT = 400_000;

/** Escape sequences of terminals, which this page does not interpret. */
const ESCAPES = /\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])/g;

export class Runner {
  private worker: Worker | undefined;
  private length = 0;
  private escapes = false;

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

  start(module: ArrayBuffer): void {
    this.end();
    this.clear();
    const worker = new Worker(new URL("program.js", document.baseURI), { type: "module", name: "program" });
    this.worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromProgram>) => { if (this.worker === worker) this.heard(data); };
    worker.onerror = (event) => this.ended(event.message || "the program's worker failed", "trap");
    byId<HTMLButtonElement>("stop").disabled = false;
    this.told("Running");
    this.send({ start: module });
  }

  stop(): void {
    if (!this.runs) return;
    this.ended("Stopped", "note");
  }

  clear(): void {
    byId("console").replaceChildren();
    byId("ending").textContent = "";
    this.length = 0;
    this.escapes = false;
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
    const plain = text.replace(ESCAPES, "");
    if (plain !== text && !this.escapes) {
      this.escapes = true;
      this.note("This page leaves out the control sequences of terminals; a bundle (`vera compile --target browser`) has a terminal.");
    }
    if (plain === "" || this.length > KEPT) return;
    this.length += plain.length;
    const screen = byId("console");
    const last = screen.lastElementChild;
    if (last instanceof HTMLElement && last.className === stream) last.append(plain);
    else screen.append(element("span", plain, stream));
    if (this.length > KEPT) this.note("The rest of the output is not shown.");
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
