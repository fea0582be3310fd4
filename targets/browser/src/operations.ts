// Operations of effects: what `vera_builtins::EFFECTS` declares, for a program in a page.

import { FileError } from "./files.ts";
import type { Operation } from "./description.ts";
import { VeraExit, hostError } from "./traps.ts";
import type { Data, Value } from "./values.ts";
import { askFor, sendsBody, sleep, type Reply, type Steps } from "./waits.ts";
import type { World } from "./world.ts";

const ok = (value: Value): Data => ({ tag: "Ok", fields: [value] });
const err = (why: string): Data => ({ tag: "Err", fields: [why] });
const some = (value: Value): Data => ({ tag: "Some", fields: [value] });
const none: Data = { tag: "None", fields: [] };
const option = (value: Value): Data => (value === undefined ? none : some(value));

const NO_FILES = "File I/O not available in browser";
const END_OF_INPUT = "EOF";

/** Most bytes that `read_chunk` reads. */
const MAX_CHUNK = 64 << 20;

const utf8 = new TextEncoder();

/** Performs an operation with the arguments of its types. */
export function* perform(world: World, op: Operation, args: Value[]): Steps<Value> {
  switch (op.effect) {
    case "IO": {
      if (isOfFiles(op.name)) return fileOperation(world, op.name, args);
      return yield* consoleOperation(world, op.name, args);
    }
    case "Http": return yield* httpOperation(op.name, args);
    case "Random": return randomOperation(world, op.name, args);
    case "Inference":
      return err(`Inference.${op.name} is not available in a page: its key would be in the hands of every visitor. Ask a server of your own with Http.`);
    case "DB":
      return err(`DB.${op.name} is not available in a page, whose visitors would have the database's password. Ask a server of your own with Http.`);
    case "HttpServer": return err("no response is streamed here");
  }
  throw unknown(op);
}

function unknown(op: { effect: string; name: string }): Error {
  return hostError(`this host does not perform \`${op.effect}.${op.name}\``);
}

function* consoleOperation(world: World, name: string, args: Value[]): Steps<Value> {
  switch (name) {
    case "print": return world.print(args[0] as string);
    case "stderr": return world.printError(args[0] as string);
    case "args": return world.args;
    case "exit": throw new VeraExit(args[0] as bigint);
    case "get_env": return option(world.variable(args[0] as string));
    case "time": return BigInt(Date.now());
    case "clock": return BigInt(Math.round((performance.now() - world.began) * 1e6));
    case "sleep": return yield* pause(args[0] as bigint);
    case "read_line": return (yield* world.input.nextLine()) ?? "";
    case "next_line": return option(yield* world.input.nextLine());
    case "read_all": return yield* world.input.readAll();
    case "read_char": return read(yield* world.input.char());
    case "read_key": return read(yield* world.input.key());
    case "read_char_timeout": {
      if (!(yield* world.input.isReady(Number(args[0])))) return ok(none);
      const char = yield* world.input.char();
      return char === undefined ? err(END_OF_INPUT) : ok(some(char));
    }
    case "terminal_size": {
      const size = world.terminalSize();
      return size === undefined ? none : some([BigInt(size.columns), BigInt(size.rows)]);
    }
  }
  throw unknown({ effect: "IO", name });
}

/** Waits; most engines know no longer waits than 2³¹ − 1 milliseconds. */
export function* pause(millis: bigint): Steps<undefined> {
  for (let left = millis; left > 0n; left -= 0x7fff_ffffn) {
    yield* sleep(Number(left < 0x7fff_ffffn ? left : 0x7fff_ffffn));
  }
  return undefined;
}

function read(text: string | undefined): Data { return text === undefined ? err(END_OF_INPUT) : ok(text); }

const FILES = new Set([
  "append_bytes", "append_file", "create_dir", "delete", "exists", "file_size", "is_dir", "list_dir", "read_bytes",
  "read_chunk", "read_file", "rename", "temp_dir", "temp_file", "write_bytes", "write_file",
]);

function isOfFiles(name: string): boolean { return FILES.has(name); }

/** An operation on the files in memory. */
export function fileOperation(world: World, name: string, args: Value[]): Value {
  const { files } = world;
  const path = String(args[0] ?? "");
  if (files === undefined) return name === "exists" || name === "is_dir" ? false : err(NO_FILES);
  const bytes = () => (typeof args[1] === "string" ? utf8.encode(args[1]) : (args[1] as Uint8Array));
  try {
    switch (name) {
      case "exists": return files.exists(path);
      case "is_dir": return files.isDir(path);
      case "append_bytes": case "append_file": return ok(files.write(path, bytes(), true) as undefined);
      case "write_bytes": case "write_file": return ok(files.write(path, bytes(), false) as undefined);
      case "create_dir": return ok(files.createDir(path) as undefined);
      case "delete": return ok(files.delete(path) as undefined);
      case "rename": return ok(files.rename(path, args[1] as string) as undefined);
      case "file_size": return ok(BigInt(files.size(path)));
      case "list_dir": return ok(files.list(path));
      case "read_bytes": return ok(files.read(path));
      case "read_file": return textOf(files.read(path), path);
      case "read_chunk": {
        const [from, length] = [Number(args[1]), Math.min(Number(args[2]), MAX_CHUNK)];
        return ok(files.read(path).slice(from, from + length));
      }
      case "temp_dir": case "temp_file": return ok(files.temp(name === "temp_dir"));
    }
  } catch (error) {
    if (error instanceof FileError) return err(error.message);
    throw error;
  }
  throw unknown({ effect: "IO", name });
}

function textOf(bytes: Uint8Array, path: string): Data {
  try {
    return ok(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return err(`not valid UTF-8: ${path}`);
  }
}

export function randomOperation(world: World, name: string, args: Value[]): Value {
  switch (name) {
    case "random_bool": return (world.random64() & 1n) === 1n;
    case "random_float": return Number(world.random64() >> 11n) / 2 ** 53;
    case "random_int": return randomInt(world, args[0] as bigint, args[1] as bigint);
  }
  throw unknown({ effect: "Random", name });
}

/** Uniform, both ends included: draws that would favour some numbers are thrown away. */
export function randomInt(world: World, low: bigint, high: bigint): bigint {
  if (low > high) throw hostError("an empty range of random numbers");
  const span = high - low + 1n;
  const limit = (2n ** 64n / span) * span;
  for (;;) {
    const drawn = world.random64();
    if (drawn < limit) return low + (drawn % span);
  }
}

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"];

/** Headers that a page may not set; the engine knows how long a body is. */
const OWN = new Set(["content-length", "transfer-encoding"]);

function* httpOperation(name: string, args: Value[]): Steps<Value> {
  if (name === "request") return yield* request(args);
  const [url, body] = [args[0] as string, (args[1] as string | undefined) ?? ""];
  if (!isWeb(url)) return refused(name);
  const method = name.toUpperCase();
  const headers: [string, string][] = sendsBody(method) ? [["content-type", "application/json"]] : [];
  const reply = yield* askFor({ method, url, headers, body, timeout: 0, follow: true });
  if ("error" in reply) return err(reply.error);
  if (reply.status >= 200 && reply.status < 300) return ok(reply.body);
  return err(`HTTP Error ${reply.status}: ${reply.reason === "" ? (REASONS[reply.status] ?? "") : reply.reason}`);
}

function* request(args: Value[]): Steps<Value> {
  const [method, url, given, body, millis] = args as [string, string, Map<string, string>, string, bigint];
  if (!METHODS.includes(method)) return err(`Http.request: unsupported method '${method}'`);
  if (!isWeb(url)) return refused("request");
  const headers: [string, string][] = [];
  for (const [name, value] of given) {
    if (!isLegal(name, value)) return err(`Http.request: invalid header '${name}'`);
    if (!OWN.has(name.toLowerCase())) headers.push([name, value]);
  }
  if (sendsBody(method) && !headers.some(([name]) => name.toLowerCase() === "content-type")) {
    headers.push(["content-type", "application/json"]);
  }
  const reply: Reply = yield* askFor({ method, url, headers, body, timeout: Number(millis), follow: false });
  if ("error" in reply) return err(reply.error);
  return ok({ tag: "HttpReply", fields: [BigInt(reply.status), new Map(reply.headers), reply.body] });
}

function isLegal(name: string, value: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name) && /^[\t\x20-\x7e\x80-\xff]*$/.test(value);
}

/** A URL with a scheme and a host that are allowed; in a page also one relative to it. */
function isWeb(url: string): boolean {
  try {
    const base = typeof location === "undefined" ? undefined : location.href;
    return /^https?:$/.test(new URL(url, base).protocol) && !/^https?:\/*$/i.test(url);
  } catch {
    return false;
  }
}

function refused(name: string): Data {
  return err(`Http.${name}: refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted`);
}

/** What HTTP/2 and 3 leave out (RFC 9110). */
const REASONS: Record<number, string> = {
  400: "Bad Request", 401: "Unauthorized", 402: "Payment Required", 403: "Forbidden", 404: "Not Found",
  405: "Method Not Allowed", 406: "Not Acceptable", 408: "Request Timeout", 409: "Conflict", 410: "Gone",
  413: "Payload Too Large", 415: "Unsupported Media Type", 418: "I'm a teapot", 422: "Unprocessable Entity",
  429: "Too Many Requests", 500: "Internal Server Error", 501: "Not Implemented", 502: "Bad Gateway",
  503: "Service Unavailable", 504: "Gateway Timeout",
};
