// A directory served, and a page of it in headless Chromium, driven over the browser's
// debugging protocol, without a package.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join, normalize } from "node:path";

const TYPES = { ".html": "text/html", ".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css", ".wasm": "application/wasm", ".json": "application/json" };

async function serve(dir) {
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    try {
      const body = await readFile(join(dir, normalize(pathname), pathname.endsWith("/") ? "index.html" : ""));
      const type = pathname.endsWith("/") ? "text/html" : (TYPES[extname(pathname)] ?? "application/octet-stream");
      response.writeHead(200, { "content-type": type }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

async function start(profile) {
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
  return { chromium, address };
}

/** The directory served, and a blank page in a browser. */
export async function open(dir) {
  const server = await serve(dir);
  const profile = mkdtempSync(join(tmpdir(), "vera-chromium-"));
  const { chromium, address } = await start(profile);
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
  const ask = (method, params = {}) => new Promise((done) => {
    const id = ++last;
    waiting.set(id, done);
    socket.send(JSON.stringify({ id, method, params }));
  });
  await ask("Page.enable");

  return {
    base: `http://127.0.0.1:${server.address().port}/`,
    ask,
    /** What an expression evaluates to, once it is neither undefined nor fails. */
    async evaluate(expression, tries = 600) {
      for (let left = tries; ; left--) {
        const { result } = await ask("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
        const value = result?.exceptionDetails ? { failed: result.exceptionDetails.exception?.description ?? result.exceptionDetails.text } : result?.result?.value;
        // The page may not be there yet, or not be ready.
        if ((value !== undefined && !value?.failed) || left <= 0) return value ?? null;
        await new Promise((done) => setTimeout(done, 50));
      }
    },
    /** Text, as a user types it. */
    type: (text) => ask("Input.insertText", { text }),
    /** A key; `modifiers` as the protocol has them: 1 alt, 2 ctrl, 8 shift. */
    async press(name, modifiers = 0) {
      const key = { key: name, code: name, modifiers, windowsVirtualKeyCode: { Enter: 13, ArrowUp: 38, Escape: 27 }[name] ?? name.charCodeAt(0) };
      if (name === "Enter" && modifiers === 0) key.text = "\r";
      await ask("Input.dispatchKeyEvent", { type: "keyDown", ...key });
      await ask("Input.dispatchKeyEvent", { type: "keyUp", ...key });
    },
    /** No request is answered any more. */
    stopServing: () => new Promise((done) => { server.closeAllConnections(); server.close(done); }),
    async close() {
      chromium.removeAllListeners("exit");
      const gone = new Promise((done) => chromium.on("exit", done));
      chromium.kill();
      await gone;
      rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
      server.close();
    },
  };
}
