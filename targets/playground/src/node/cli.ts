#!/usr/bin/env node
// `npx vera`: the compiler's modules under Node. Commands, flags and JSON are those of the
// native `vera`, of which this is a part: no server, no tests, no project-wide commands.

import { readFile, writeFile } from "node:fs/promises";
import { parse as parsePath } from "node:path";
import { isMainThread, workerData } from "node:worker_threads";
import type { Document } from "../compiler/module.ts";
import { type Runs, prove } from "../compiler/prove.ts";
import { type Made, type Order, play } from "../compiler/play.ts";
import { replay } from "../compiler/replay.ts";
import { COMPILER, type Compilers, serve, start } from "./compiler.ts";
import { run } from "./run.ts";
import { z3 } from "./z3.ts";

const USAGE = `usage: vera COMMAND FILE [options]

  check FILE [--json]                    report mistakes
  verify FILE [--json] [--timeout-ms N]  prove contracts; with Z3 where the package z3-solver is installed
  fmt FILE [--write | --check]           the canonical form
  compile FILE [-o OUT] [--wat]          a WebAssembly module
  run FILE [--fn NAME] [-- ARGUMENT…]    compile and call a function, main unless named
  explain CODE                           what a code means
  version

This is the compiler as WebAssembly; the native vera does more, and proves and runs faster.
`;

/** What the command line asks, beside words. */
interface Flags { json: boolean; wat: boolean; write: boolean; check: boolean; output?: string; fn?: string; timeout?: number; rest: string[] }

/** The command line is none; the text says why. */
class Refused extends Error {}

const FLAGS: Record<string, readonly string[]> = {
  check: ["--json"], verify: ["--json", "--timeout-ms"], fmt: ["--write", "--check"],
  compile: ["-o", "--wat"], run: ["--fn"], explain: ["--json"], version: [],
};

function parse(command: string, words: string[]): { word: string | undefined; flags: Flags } {
  const known = FLAGS[command];
  if (known === undefined) throw new Refused(`there is no command \`${command}\` here\n\n${USAGE}`);
  const flags: Flags = { json: false, wat: false, write: false, check: false, rest: [] };
  const found: string[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "--") { flags.rest = words.slice(at + 1); break; }
    if (!word.startsWith("-") || word === "-") { found.push(word); continue; }
    if (!known.includes(word)) throw new Refused(`\`vera ${command}\` has no option ${word} here\n\n${USAGE}`);
    const value = (): string => {
      const next = words[++at];
      if (next === undefined) throw new Refused(`${word} needs a value`);
      return next;
    };
    if (word === "--json") flags.json = true;
    else if (word === "--wat") flags.wat = true;
    else if (word === "--write") flags.write = true;
    else if (word === "--check") flags.check = true;
    else if (word === "-o") flags.output = value();
    else if (word === "--fn") flags.fn = value();
    else flags.timeout = Number(value());
  }
  if (found.length > 1) throw new Refused(`one file at a time: ${found.join(", ")}`);
  return { word: found[0], flags };
}

async function read(word: string): Promise<string> {
  try {
    return await readFile(word, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Refused(code === "ENOENT" ? `file not found: ${word}` : `cannot read ${word}: ${message}`);
  }
}

/** The envelope alone, as the native command prints it. */
function envelope(document: Document): string {
  const { rendered: _, lines: _lines, questions: _questions, answered: _answered, runs: _runs, text: _text, ...rest } = document;
  return `${JSON.stringify(rest, null, 2)}\n`;
}

function report(document: Document, json: boolean, success: string): number {
  if (json) process.stdout.write(envelope(document));
  else {
    process.stderr.write(document["rendered"] as string);
    if (document["ok"] === true) process.stdout.write(success);
  }
  return document["ok"] === true ? 0 : 1;
}

async function command(name: string, words: string[]): Promise<number> {
  const { word, flags } = parse(name, words);
  const compilers = start();
  try {
    if (name === "version") {
      const { document } = await compilers.compiler("version");
      const solver = await z3();
      process.stdout.write(`vera ${document["version"]} (WebAssembly)\n${solver?.name ?? "no solver; `npm install z3-solver` gets one"}\n`);
      await solver?.end();
      return 0;
    }
    if (word === undefined) throw new Refused(`\`vera ${name}\` needs ${name === "explain" ? "a code" : "a file"}\n\n${USAGE}`);
    if (name === "explain") {
      const { document } = await compilers.compiler("explain", { code: word });
      process.stdout.write(flags.json ? envelope(document) : (document["text"] as string));
      return 0;
    }
    return await onFile(name, word, await read(word), flags, compilers);
  } finally {
    await compilers.end();
  }
}

async function onFile(name: string, file: string, text: string, flags: Flags, compilers: Compilers): Promise<number> {
  const program = { file, text };
  switch (name) {
    case "check": {
      const { document } = await compilers.compiler("check", program);
      return report(document, flags.json, `OK: ${file}\n`);
    }
    case "verify": {
      const solver = await z3();
      const timeout = flags.timeout === undefined ? {} : { timeout_ms: flags.timeout };
      const ask = async (method: string, params: unknown) => (await compilers.compiler(method, params)).document;
      const runs: Runs = (calls) => replay(compilers.compiler, playHere, program, calls);
      const document = await prove(ask, "verify", { ...program, ...timeout }, solver, runs);
      await solver?.end();
      const lines = (document["lines"] as string[] | undefined) ?? [];
      return report(document, flags.json, [`OK: ${file}`, ...lines, ""].join("\n"));
    }
    case "fmt": return await format(file, text, flags, compilers);
    case "compile": {
      const { document, bytes } = await compilers.compiler("compile", program);
      if (document["ok"] !== true) return report(document, false, "");
      process.stderr.write(document["rendered"] as string);
      if (flags.wat) {
        process.stdout.write((await compilers.text("wat", {}, bytes)).document["text"] as string);
        return 0;
      }
      const { dir, name } = parsePath(file);
      const out = flags.output ?? `${dir === "" ? "" : `${dir}/`}${name}.wasm`;
      await writeFile(out, bytes);
      const count = (document["exports"] as string[]).length;
      process.stdout.write(`Compiled: ${out} (${count} ${count === 1 ? "function" : "functions"} exported)\n`);
      return 0;
    }
    default: {
      const { document, bytes } = await compilers.compiler("compile", program);
      if (document["ok"] !== true) return report(document, false, "");
      process.stderr.write(document["rendered"] as string);
      return await run(bytes, flags.fn ?? "main", flags.rest);
    }
  }
}

/** Makes calls in this thread: fuel ends them. */
async function playHere(order: Order): Promise<Made[]> {
  const made: Made[] = [];
  await play(order, (one) => void made.push(one));
  return made;
}

async function format(file: string, text: string, flags: Flags, compilers: Compilers): Promise<number> {
  const { document } = await compilers.compiler("format", { file, text });
  if (document["ok"] !== true) return report(document, false, "");
  const formatted = document["text"] as string;
  if (flags.check) {
    if (formatted !== text) process.stderr.write(`Would reformat: ${file}\n`);
    else process.stdout.write(`OK: ${file}\n`);
    return formatted === text ? 0 : 1;
  }
  if (!flags.write) process.stdout.write(formatted);
  else {
    if (formatted !== text) await writeFile(file, formatted);
    process.stdout.write(`Formatted: ${file}\n`);
  }
  return 0;
}

if (!isMainThread && workerData === COMPILER) {
  serve();
} else {
  const [name, ...words] = process.argv.slice(2);
  if (name === undefined || name === "help" || name === "--help") {
    process.stdout.write(USAGE);
    process.exitCode = name === undefined ? 1 : 0;
  } else {
    try {
      process.exitCode = await command(name === "--version" ? "version" : name, words);
    } catch (error) {
      process.stderr.write(`Error: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  }
}
