// What an operation may wait for, and the two ways to wait.
//
// An operation is a generator that yields a wait and goes on with the answer. So it is
// written once, whether the engine can suspend the program, a worker blocks for it, or
// nothing can be waited for.

import { hostError } from "./traps.ts";

/** A request of `Http`. */
export interface Ask {
  method: string;
  url: string;
  headers: [string, string][];
  body: string;
  /** Milliseconds; 0 for no limit of the program's. */
  timeout: number;
  /** Redirects are followed; otherwise they are answers. */
  follow: boolean;
}

/** What came back, or why nothing did. */
export type Reply =
  | { status: number; reason: string; headers: [string, string][]; body: string }
  | { error: string };

/** What a program waits for. */
export type Wait =
  | { sleep: number }
  /** More input, for so many milliseconds at most; `line`: a whole line is wanted. */
  | { input: "line" | "key"; within?: number }
  | { ask: Ask };

/** Text that was typed, the end of the input, or neither in time. */
export type More = { text: string } | "end" | "late";

/** The answer to each wait. */
export type Answer = undefined | More | Reply;

/** An operation under way. */
export type Steps<T> = Generator<Wait, T, Answer>;

/** Something begun that will be waited for. */
export type Begun = { answer: Answer | Promise<Answer> } | { number: number };

/** A way to wait. */
export interface Waiter {
  wait(wait: Wait): Answer | Promise<Answer>;
  begin(wait: Wait): Begun;
  finish(begun: Begun): Answer | Promise<Answer>;
}

/** Does the steps to the end: at once where no answer is a promise. */
export function drive<T>(steps: Steps<T>, waiter: Waiter, answer?: Answer): T | Promise<T> {
  let next = answer === undefined ? steps.next() : steps.next(answer);
  while (next.done !== true) {
    const given = waiter.wait(next.value);
    if (given instanceof Promise) return given.then((answer) => drive(steps, waiter, answer));
    next = steps.next(given);
  }
  return next.value;
}

export function* sleep(ms: number): Steps<undefined> {
  yield { sleep: ms };
  return undefined;
}

export function* moreInput(input: "line" | "key", within?: number): Steps<More> {
  return (yield within === undefined ? { input } : { input, within }) as More;
}

export function* askFor(ask: Ask): Steps<Reply> {
  return (yield { ask }) as Reply;
}

/** What outside provides to those who wait. */
export interface Outside {
  waitForInput(wanted: "line" | "key", within: number | undefined): Promise<More>;
  prompt(): More;
}

/** Waiting by promises. */
export class Promises implements Waiter {
  constructor(private readonly outside: Outside) {}

  wait(wait: Wait): Promise<Answer> {
    if ("sleep" in wait) return new Promise((done) => setTimeout(() => done(undefined), wait.sleep));
    if ("ask" in wait) return fetched(wait.ask);
    return this.outside.waitForInput(wait.input, wait.within);
  }

  begin(wait: Wait): Begun { return { answer: this.wait(wait) }; }

  finish(begun: Begun): Answer | Promise<Answer> {
    if ("answer" in begun) return begun.answer;
    throw hostError("nothing with this number was begun");
  }
}

/** Waiting without letting anything else happen. */
export class Blocking implements Waiter {
  constructor(private readonly outside: Outside) {}

  wait(wait: Wait): Answer {
    if ("sleep" in wait) return block(wait.sleep);
    if ("ask" in wait) return fetchedAtOnce(wait.ask);
    if (wait.within !== undefined) return "late";
    return this.outside.prompt();
  }

  begin(wait: Wait): Begun { return { answer: this.wait(wait) }; }

  finish(begun: Begun): Answer | Promise<Answer> {
    if ("answer" in begun) return begun.answer;
    throw hostError("nothing with this number was begun");
  }
}

/** Lets time pass. A page's main thread may not wait, so there it is kept busy. */
function block(ms: number): undefined {
  if (ms <= 0) return;
  try {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  } catch {
    for (const end = performance.now() + ms; performance.now() < end;);
  }
}

async function fetched(ask: Ask): Promise<Reply> {
  const init: RequestInit = { method: ask.method, headers: ask.headers, redirect: ask.follow ? "follow" : "manual" };
  if (ask.body !== "" || sendsBody(ask.method)) init.body = ask.body;
  if (ask.timeout > 0) init.signal = AbortSignal.timeout(ask.timeout);
  try {
    const reply = await fetch(ask.url, init);
    const headers: [string, string][] = [];
    reply.headers.forEach((value, name) => headers.push([name, value]));
    return { status: reply.status, reason: reply.statusText, headers, body: await reply.text() };
  } catch (error) {
    if (error instanceof DOMException && error.name === "TimeoutError") return { error: "timed out" };
    // Engines hide the reason of a failed request from a page; Node gives it as the cause.
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { error: cause instanceof Error ? cause.message : String(cause) };
  }
}

export function sendsBody(method: string): boolean {
  return method === "POST" || method === "PUT" || method === "PATCH";
}

function fetchedAtOnce(ask: Ask): Reply {
  if (typeof XMLHttpRequest === "undefined") {
    return { error: "Unsupported runtime: synchronous HTTP requires XMLHttpRequest (browser only); call the program with `callAsync`" };
  }
  const request = new XMLHttpRequest();
  try {
    request.open(ask.method, ask.url, false);
    for (const [name, value] of ask.headers) request.setRequestHeader(name, value);
    request.send(ask.body === "" && !sendsBody(ask.method) ? null : ask.body);
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
  const lines = request.getAllResponseHeaders().split("\r\n").filter((line) => line !== "");
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(":");
    return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()];
  });
  return { status: request.status, reason: request.statusText, headers, body: request.responseText };
}
