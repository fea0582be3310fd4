// Running a compiled program under Node.

import type { Instance, Options, VeraTrap } from "../../../browser/src/runtime.d.mts";
import { shown } from "../compiler/shown.ts";

interface Runtime { instantiate(source: Uint8Array, options: Options): Promise<Instance> }

/** Calls a function of a module; yields the status of the command. */
export async function run(module: Uint8Array, name: string, words: readonly string[]): Promise<number> {
  const runtime = (await import(new URL("runtime.mjs", import.meta.url).href)) as Runtime;
  const env = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  const program = await runtime.instantiate(module, {
    args: words,
    env,
    onStdout: (text) => process.stdout.write(text),
    onStderr: (text) => process.stderr.write(text),
    onInput: listen,
  });
  let listening = false;
  function listen(): void {
    if (listening) return void process.stdin.resume();
    listening = true;
    process.stdin.setEncoding("utf8");
    process.stdin.on("data", (text: string) => program.input(text));
    process.stdin.on("end", () => program.endInput());
  }
  if (!program.getExports().includes(name)) {
    process.stderr.write(`Error: no function \`${name}\` is exported; there are: ${program.getExports().join(", ")}\n`);
    return 1;
  }
  try {
    const value = await program.callAsync(name);
    const said = shown(value, program.getSignature(name).result);
    if (said !== "") process.stdout.write(`${said}\n`);
    return program.getExitCode() ?? 0;
  } catch (error) {
    const { message, fix } = error as VeraTrap;
    process.stderr.write(`Error: ${message}\n${fix ? `\n  Fix: ${fix}\n` : ""}`);
    return 1;
  } finally {
    process.stdin.pause();
  }
}
