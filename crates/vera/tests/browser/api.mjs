// node api.mjs RUNTIME MODULE: what a page calls, one line for each thing that holds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const [path, modulePath] = process.argv.slice(2);
const runtime = await import(pathToFileURL(path));
const module = readFileSync(modulePath);
const { instantiate, VeraTrap, fetchHandler } = runtime;
const load = (options) => instantiate(module, options);
const said = [];

async function test(name, run) {
  try {
    await run();
    said.push(`${name}: ok`);
  } catch (error) {
    said.push(`${name}: ${error.stack}`);
  }
}

function trap(run, kind, message) {
  assert.throws(run, (error) => {
    assert(error instanceof VeraTrap, String(error));
    assert.deepEqual([error.kind, error.message], [kind, message]);
    return true;
  });
}

await test("numbers and texts", async () => {
  const program = await load();
  assert.equal(program.call("add", 2n, 40), 42n);
  assert.equal(program.call("greet", "né\0e"), "hello né\0e");
  assert.equal(program.call("drawn") !== program.call("drawn"), true);
});

await test("data", async () => {
  const program = await load();
  const some = (n) => ({ tag: "Some", fields: [n] });
  const none = { tag: "None", fields: [] };
  assert.deepEqual(program.call("same", [some(1), none, { tag: "None" }]), [some(1n), none, none]);
  const red = { tag: "Red", fields: [] };
  const circle = { tag: "Circle", fields: [1.5, red] };
  const named = { tag: "Named", fields: ["all", [circle, { tag: "Nothing", fields: [] }, { tag: "Named", fields: ["", []] }]] };
  assert.deepEqual(program.call("shape", named), named);
  const [map, set, decimal] = program.call("counts", new Map([["a", 1]]), new Set([3n, 4]));
  assert.deepEqual([map, set, decimal], [new Map([["a", 1n], ["new", 7n]]), new Set([3n, 4n, 5n]), "3"]);
  assert.deepEqual(program.call("bytes", [1, 255]), new Uint8Array([1, 255]));
  assert.deepEqual(program.call("bytes", new Uint8Array([7])), new Uint8Array([7]));
  let deep = { tag: "Nothing", fields: [] };
  for (let i = 0; i < 100000; i++) deep = { tag: "Named", fields: ["", [deep]] };
  let depth = 0;
  for (let at = program.call("shape", deep); at.tag === "Named"; at = at.fields[1][0]) depth++;
  assert.equal(depth, 100000);
});

await test("wrong arguments name the parameter", async () => {
  const program = await load();
  trap(() => program.call("add", 1n), "host_error", "'add' takes 2 argument(s) (parameter 1 of type Int, parameter 2 of type Int), but 1 were given");
  trap(() => program.call("add", 1n, "2"), "host_error", "parameter 2 of 'add' has type Int: expected Int, got the string \"2\"");
  trap(() => program.call("add", 1n, 2.5), "host_error", "parameter 2 of 'add' has type Int: expected Int, got the number 2.5");
  trap(() => program.call("add", 1n, 2n ** 63n), "host_error", "parameter 2 of 'add' has type Int: expected Int, got the bigint 9223372036854775808n");
  trap(() => program.call("half", -1n, 1n), "host_error", "parameter 1 of 'half' has type Nat: expected Nat, got the bigint -1n");
  trap(() => program.call("bytes", [1, 256]), "host_error", "parameter 1 of 'bytes' has type Array<Byte>: expected Byte as element 1, got the number 256");
  trap(() => program.call("same", [null]), "host_error", "parameter 1 of 'same' has type Array<Option<Int>>: expected Option<Int> as element 0, got null");
  trap(() => program.call("shape", { tag: "Circle", fields: [1, { tag: "Blue" }] }), "host_error",
    "parameter 1 of 'shape' has type Shape: expected Colour as field 2 of Circle, got a value with the tag \"Blue\"");
  trap(() => program.call("shape", { tag: "Circle", fields: [1] }), "host_error", "parameter 1 of 'shape' has type Shape: expected 2 field(s) of Circle, got 1");
  trap(() => program.call("counts", {}, new Set()), "host_error", "parameter 1 of 'counts' has type Map<String, Nat>: expected Map<String, Nat>, got an object of Object");
  assert.throws(() => program.call("nothing"), { message: "No exported function 'nothing'" });
  assert.throws(() => runtime.call("add"), { message: "Runtime not initialized — call init() first" });
});

await test("traps", async () => {
  const program = await load();
  trap(() => program.call("half", 6n, 0n), "contract_violation", "Precondition violation in half(@Nat, @Nat -> @Nat)\n  requires(@Nat.0 > 0) failed");
  trap(() => program.call("add", 2n ** 63n - 1n, 1n), "overflow", "Integer overflow");
  // What trapped leaves nothing behind.
  assert.equal(program.call("half", 6n, 3n), 2n);
});

await test("exit", async () => {
  const program = await load();
  assert.equal(program.call("leave", 7n), undefined);
  assert.deepEqual([program.getExitCode(), program.getStdout()], [7, "bye"]);
  program.call("add", 1n, 1n);
  assert.equal(program.getExitCode(), null);
});

await test("state", async () => {
  const program = await load();
  assert.deepEqual(program.getState(), {});
  assert.equal(program.call("count", 2n), 2n);
  assert.equal(program.call("count", 40n), 42n);
  assert.equal(program.call("flip"), true);
  assert.deepEqual(program.getState(), { Int: 42n, Bool: true });
  assert.equal(await program.callAsync("count", 1n), 43n);
  // What trapped changed nothing.
  trap(() => program.call("count", 60n), "assertion_failed", "Assertion failed (line 153): assert(@Int.0 < 100)");
  assert.deepEqual(program.getState(), { Int: 43n, Bool: true });
  program.resetState();
  assert.equal(program.call("count", 2n), 2n);
});

await test("streams and instances", async () => {
  const pieces = [];
  const one = await load({ stdin: ["Ada"], onStdout: (text) => pieces.push(text) });
  const other = await load({ stdin: "Bob" });
  assert.equal(one.call("echo"), "Ada");
  assert.equal(other.call("echo"), "Bob");
  assert.deepEqual(pieces, ["name? ", "hi Ada\n"]);
  assert.equal(other.getStdout(), "name? hi Bob\n");
  one.reset();
  assert.equal(one.getStdout(), "");
  assert.equal(one.call("echo"), "Ada");
});

await test("files", async () => {
  const without = await load();
  assert.deepEqual(without.call("keep", "x"), { tag: "Err", fields: ["File I/O not available in browser"] });
  const program = await load({ files: { "notes.txt": "old", "dir/a": "b" } });
  assert.deepEqual(program.call("keep", "new"), { tag: "Ok", fields: ["new"] });
  assert.equal(new TextDecoder().decode(program.getFiles()["notes.txt"]), "new");
  const kept = await load({ files: {} });
  await kept.callAsync("keep", "from a worker");
  assert.equal(new TextDecoder().decode(kept.getFiles()["notes.txt"]), "from a worker");
  // Node has no storage.
  const warnings = [];
  const denied = await load({ persist: "p", onWarning: (text) => warnings.push(text) });
  assert.deepEqual(denied.call("keep", "x"), { tag: "Ok", fields: ["x"] });
  assert.equal(warnings[0], "this host offers no storage, so the files are not kept");
});

await test("the page goes on while a program waits", async () => {
  const program = await load();
  let ticks = 0;
  const timer = setInterval(() => ticks++, 5);
  assert.equal(await program.callAsync("pauses", 60n), 120n);
  clearInterval(timer);
  assert(ticks > 3, `${ticks} ticks`);
});

await test("input comes by events", async () => {
  let ask;
  const asked = new Promise((done) => { ask = done; });
  const program = await load({ onInput: (what) => ask(what) });
  const echo = program.callAsync("echo");
  assert.equal(await asked, "line");
  program.input("Eve\n");
  assert.equal(await echo, "Eve");
  const keys = program.callAsync("keys");
  program.input("\x1b[A");
  program.input("q");
  assert.equal(await keys, "<up> q");
  const ended = program.callAsync("echo");
  program.endInput();
  assert.equal(await ended, "");
});

await test("requests", async () => {
  let here = 0;
  let most = 0;
  const waiting = [];
  const server = createServer((request, response) => {
    most = Math.max(most, ++here);
    if (request.url === "/none") {
      here--;
      return void response.writeHead(404).end();
    }
    const answer = () => {
      here--;
      response.end(request.url);
    };
    // The two of `both` are answered when both are there.
    if (!request.url.startsWith("/meet")) return void answer();
    waiting.push(answer);
    if (waiting.length === 2) waiting.splice(0).forEach((answer) => answer());
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  const base = `http://127.0.0.1:${server.address().port}`;
  const program = await load();
  assert.deepEqual(await program.callAsync("get", `${base}/x`), { tag: "Ok", fields: ["/x"] });
  assert.deepEqual(await program.callAsync("get", `${base}/none`), { tag: "Err", fields: ["HTTP Error 404: Not Found"] });
  assert.deepEqual(await program.callAsync("get", "ftp://x/"), { tag: "Err", fields: ["Http.get: refusing non-HTTP(S) URL; only 'http' and 'https' schemes are permitted"] });
  assert.equal(await program.callAsync("both", `${base}/meet1`, `${base}/meet2`), "/meet1 /meet2");
  assert.equal(most, 2);
  assert.equal(program.call("get", `${base}/x`).tag, "Err");
  server.close();
});

await test("traps in a worker", async () => {
  const program = await load();
  await assert.rejects(program.callAsync("half", 6n, 0n), { kind: "contract_violation" });
  await assert.rejects(program.callAsync("add", 1n), { kind: "host_error" });
  assert.equal(await program.callAsync("leave", 3n), undefined);
  assert.deepEqual([program.getExitCode(), program.getStdout()], [3, "bye"]);
});

await test("an engine that cannot wait says so, and runs the program", async () => {
  const { SharedArrayBuffer } = globalThis;
  delete globalThis.SharedArrayBuffer;
  try {
    const warnings = [];
    const program = await load({ onWarning: (text) => warnings.push(text) });
    assert.equal(await program.callAsync("pauses", 5n), 10n);
    assert.match(warnings[0], /^this engine has neither Promise Integration nor, on this page, SharedArrayBuffer/);
  } finally {
    globalThis.SharedArrayBuffer = SharedArrayBuffer;
  }
});

await test("handle answers requests", async () => {
  const answer = fetchHandler(await load());
  const good = await answer(new Request("http://x/a?b=1", { method: "POST", body: "text" }));
  assert.deepEqual([good.status, good.headers.get("x-method"), await good.text()], [201, "POST", "/a?b=1 text"]);
  const head = await answer(new Request("http://x/a", { method: "HEAD" }));
  assert.equal(await head.text(), "");
  const bad = await answer(new Request("http://x/fail"));
  assert.deepEqual([bad.status, await bad.json()], [500, { error: "the status 99 is not legal", trap_kind: "host_error", frames: [] }]);
});

await test("one program for the loaded runtime", async () => {
  await runtime.init(pathToFileURL(modulePath), { stdin: ["x"] });
  await runtime.default(new ArrayBuffer(0));
  assert.equal(runtime.call("add", 1n, 2n), 3n);
  assert(runtime.getExports().includes("half"));
  assert.deepEqual(runtime.getSignature("half"), { params: ["Nat", "Nat"], result: "Nat" });
});

await test("modules of others", async () => {
  const empty = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]);
  await assert.rejects(instantiate(empty), { message: "the module has no section `vera.interface`: compile it with `vera compile`" });
});

console.log(JSON.stringify(said));
