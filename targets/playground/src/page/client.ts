// The compiler, as the page asks it: by messages to its workers.

import type { Answer, Document } from "../compiler/module.ts";

export interface Asked { id: number; method: string; params: unknown; bytes?: Uint8Array<ArrayBuffer> }

export type Said = { id: number; answer: Answer } | { id: number; failed: string };

/** The one text of the page. */
export const URI = "file:///main.vera";
export const FILE = "main.vera";

export class Client {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, { done: (answer: Answer) => void; failed: (error: Error) => void }>();
  private last = 0;

  /** A worker with a module of the compiler: all but what is in `text`. */
  constructor(module: "compiler" | "text") {
    this.worker = new Worker(new URL("compiler.js", document.baseURI), { type: "module", name: module });
    this.worker.onmessage = ({ data }: MessageEvent<Said>) => {
      const asked = this.waiting.get(data.id);
      this.waiting.delete(data.id);
      if ("answer" in data) asked?.done(data.answer);
      else asked?.failed(new Error(data.failed));
    };
    this.worker.onerror = (event) => {
      const failed = new Error(event.message || "the compiler cannot be loaded");
      for (const asked of this.waiting.values()) asked.failed(failed);
      this.waiting.clear();
    };
  }

  /** @throws where the compiler fails, or refuses the request */
  async answer(method: string, params: unknown = {}, bytes?: Uint8Array<ArrayBuffer>): Promise<Answer> {
    const id = ++this.last;
    const answer = await new Promise<Answer>((done, failed) => {
      this.waiting.set(id, { done, failed });
      this.worker.postMessage({ id, method, params, ...(bytes === undefined ? {} : { bytes }) } satisfies Asked);
    });
    const { error } = answer.document;
    if (error !== undefined) throw new Error(error.message);
    return answer;
  }

  async ask(method: string, params: unknown = {}): Promise<Document> { return (await this.answer(method, params)).document; }

  /** A request of the language server about the text. */
  async about<T>(method: string, params: object = {}): Promise<T> {
    const document = await this.ask(`textDocument/${method}`, { textDocument: { uri: URI }, ...params });
    return document["result"] as T;
  }
}
