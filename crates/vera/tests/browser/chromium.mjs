// node --experimental-websocket chromium.mjs DIRECTORY PAGE [EXPRESSION…]: serves the directory,
// opens the page in headless Chromium, and prints what each expression evaluates to, as
// one array. Driven over the browser's debugging protocol, without a package.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const [dir, page, ...expressions] = process.argv.slice(2);
const TYPES = { ".html": "text/html", ".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json" };

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://localhost");
  try {
    const body = await readFile(join(dir, normalize(pathname)));
    response.writeHead(200, { "content-type": TYPES[extname(pathname)] ?? "application/octet-stream" }).end(body);
  } catch {
    response.writeHead(404).end();
  }
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const base = `http://127.0.0.1:${server.address().port}/`;

const profile = mkdtempSync(join(tmpdir(), "vera-chromium-"));
const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--remote-debugging-port=0", `--user-data-dir=${profile}`];
const chromium = spawn(process.env.CHROMIUM ?? "chromium", [...flags, "about:blank"], { stdio: ["ignore", "ignore", "pipe"] });
const address = await new Promise((done, fail) => {
  let said = "";
  chromium.on("error", fail);
  chromium.on("exit", () => fail(new Error(said)));
  chromium.stderr.on("data", (data) => {
    said += data;
    const found = /DevTools listening on ws:\/\/([^/]+)/.exec(said);
    if (found !== null) done(found[1]);
  });
});
const opened = await fetch(`http://${address}/json/new?about:blank`, { method: "PUT" });
const socket = new WebSocket((await opened.json()).webSocketDebuggerUrl);
await new Promise((done) => { socket.onopen = done; });

let last = 0;
const waiting = new Map();
socket.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  waiting.get(message.id)?.(message);
  waiting.delete(message.id);
};
const ask = (method, params) => new Promise((done) => {
  const id = ++last;
  waiting.set(id, done);
  socket.send(JSON.stringify({ id, method, params }));
});

await ask("Page.enable", {});
await ask("Page.navigate", { url: base + page });
const results = [];
for (const expression of expressions) {
  // `type(text)` and `key(text)` are done by the browser, as a user would.
  const typed = /^(type|press) (.*)$/s.exec(expression);
  if (typed?.[1] === "type") {
    await ask("Input.insertText", { text: typed[2] });
    continue;
  }
  if (typed?.[1] === "press") {
    const key = { key: typed[2], code: typed[2], windowsVirtualKeyCode: { Enter: 13, ArrowUp: 38, Escape: 27 }[typed[2]] ?? typed[2].charCodeAt(0) };
    if (typed[2] === "Enter") key.text = "\r";
    await ask("Input.dispatchKeyEvent", { type: "keyDown", ...key });
    await ask("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    continue;
  }
  for (let left = 600; ; left--) {
    const { result } = await ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    const value = result?.exceptionDetails ? { failed: result.exceptionDetails.exception?.description ?? result.exceptionDetails.text } : result?.result?.value;
    // The page may not be there yet, or not be ready.
    if ((value === undefined || value?.failed) && left > 0) {
      await new Promise((done) => setTimeout(done, 50));
      continue;
    }
    results.push(value ?? null);
    break;
  }
}
console.log(JSON.stringify(results));
chromium.removeAllListeners("exit");
const gone = new Promise((done) => chromium.on("exit", done));
chromium.kill();
await gone;
rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
server.close();
process.exit(0);
