// node --experimental-websocket drive.mjs SITE [SCREENSHOTS]: uses the playground as a person
// would, and prints what was seen, as JSON.
import { writeFileSync } from "node:fs";
import { open } from "../browser/cdp.mjs";

const [site, pictures] = process.argv.slice(2);
const browser = await open(site);
const { evaluate } = browser;
const seen = {};

const go = async (url) => {
  await browser.ask("Page.navigate", { url });
  await evaluate("document.documentElement.dataset.checked");
};
const text = (id) => evaluate(`document.getElementById(${JSON.stringify(id)}).innerText`);
const until = (expression) => evaluate(`(${expression}) || undefined`);
const click = (selector) => until(`(() => { const found = document.querySelector(${JSON.stringify(selector)}); found?.click(); return found !== null; })()`);
/** Selects the whole text, as Ctrl-A does, and types another one. */
const write = async (program) => {
  await evaluate("document.querySelector('.cm-content').focus(), true");
  await browser.press("a", 2);
  await browser.type(program);
};
const program = () => evaluate("[...document.querySelectorAll('.cm-line')].map((line) => line.cloneNode(true)).map((line) => { line.querySelectorAll('.hint').forEach((hint) => hint.remove()); return line.textContent; }).join('\\n')");
const picture = async (name) => {
  if (pictures === undefined) return;
  const { result } = await browser.ask("Page.captureScreenshot", { format: "png" });
  writeFileSync(`${pictures}/${name}.png`, Buffer.from(result.data, "base64"));
};

const BROKEN = `public fn half(@Int -> @Int)
  requires(@Int.0 > 0)
  ensures(@Int.result < @Int.0)
  effects(pure)
{
  @Int.0 / 2
}

public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print("half is \\(haf(10))\\n")
}
`;
const REFUTED = `public fn minus(@Int, @Int -> @Int)
  requires(true)
  ensures(@Int.result > @Int.1)
  effects(pure)
{
  @Int.1 - @Int.0
}
`;
const ASKS = `public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print("Who? ");
  IO.print("Hello, \\(IO.read_line(()))!\\n")
}
`;
const FOREVER = `private fn spin(@Nat -> @Nat)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(@Nat.0)
}

public fn main(@Unit -> @Nat)
  requires(true)
  ensures(true)
  effects(<Diverge>)
{
  spin(1)
}
`;

// The first program runs as it is.
await go(browser.base);
const began = Date.now();
await click("#run");
await until("document.getElementById('ending').textContent !== ''");
seen.firstRunMs = Date.now() - began;
seen.hello = await text("console");
await picture("hello");

// A mistake is shown; its repair makes it go away.
await click("#tab-problems");
await write(BROKEN);
seen.problem = await until("document.querySelector('#problem-list .code')?.textContent");
await picture("problem");
seen.repair = await until("document.querySelector('#problem-list .repair')?.textContent");
await click("#problem-list .repair");
seen.repaired = await until("document.getElementById('problem-list').innerText === 'No problems.'");
seen.names = (await program()).includes("half(10)");

// It is proved, and runs.
await click("#prove");
await until("document.querySelector('#proof-list .function')");
seen.proofs = await evaluate("[...document.querySelectorAll('#proof-list .function summary')].map((one) => one.innerText.trim())");
seen.prover = await evaluate("document.querySelector('.prover').innerText");
await picture("proofs");
await click("#run");
await until("document.getElementById('console').innerText.includes('half is')");
seen.output = await text("console");
await click("#tab-module");
seen.module = await until("document.getElementById('wat').textContent.startsWith('(module')");
await click("#tab-formatted");
seen.formatted = await until("document.getElementById('formatted').textContent.startsWith('public fn half')");

// What an editor shows.
seen.hints = await until("document.querySelector('.hint')?.textContent");

// Refuted claims have values.
await write(REFUTED);
await click("#prove");
seen.counterexample = await until("document.querySelector('.counterexample')?.innerText.startsWith('Fails for @Int')");
await picture("refuted");

// A program waits for input, another one is stopped.
await write(ASKS);
await click("#run");
await until("!document.getElementById('typing').disabled");
await browser.type("Eva");
await browser.press("Enter");
await until("document.getElementById('console').innerText.includes('!')");
seen.answered = await text("console");
await write(FOREVER);
await click("#run");
await until("!document.getElementById('stop').disabled");
await click("#stop");
seen.stopped = await text("ending");

// A link holds the program, and works without a network.
await write(ASKS);
await click("#share");
const link = await until("location.hash.startsWith('#code=') && location.href");
await until("document.documentElement.dataset.offline");
await evaluate("sessionStorage.clear(), true");
await browser.ask("Page.navigate", { url: "about:blank" });
await browser.stopServing();
await go(link);
seen.reloaded = (await program()).trimEnd() === ASKS.trimEnd();
await click("#run");
await until("!document.getElementById('typing').disabled");
seen.offline = true;

// The service worker isolates the page, so Z3 can be had where it was kept; here it is
// only said whether it might.
seen.isolated = await evaluate("crossOriginIsolated");
const nameless = `[...document.querySelectorAll("button, input, select, [role=tabpanel], section")].filter((one) => one.offsetParent !== null && (one.innerText ?? "") === "" && one.getAttribute("aria-label") === null && one.getAttribute("aria-labelledby") === null && (one.labels?.length ?? 0) === 0).map((one) => one.id || one.className)`;
seen.nameless = await evaluate(nameless);

console.log(JSON.stringify(seen));
await browser.close();
process.exit(0);
