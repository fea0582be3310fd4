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
const COLOURS = `public fn main(@Unit -> @Unit)
  requires(true)
  ensures(true)
  effects(<IO>)
{
  IO.print("\\u{1b}[1;31mred\\u{1b}[0m plain \\u{1b}[2J\\u{1b}[38;5;214mamber\\u{1b}[0m\\n")
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
await click("#problem-list .code");
seen.explained = await until("document.getElementById('explanation-text').textContent.split(' ')[0]");
await click("#explanation button");
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

// A hover tells of what is under the pointer, and completion offers what fits.
await write(BROKEN.replace("haf(", "half("));
const over = await until(`(() => {
  const line = [...document.querySelectorAll(".cm-line")].find((line) => line.textContent.includes("fn half("));
  const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const at = node.data.indexOf("half");
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(node, at);
    range.setEnd(node, at + 4);
    const { x, y, width, height } = range.getBoundingClientRect();
    return { x: x + width / 2, y: y + height / 2 };
  }
})()`);
// Only a pointer that moves there, and rests, asks.
await browser.ask("Input.dispatchMouseEvent", { type: "mouseMoved", x: over.x - 3, y: over.y });
await browser.ask("Input.dispatchMouseEvent", { type: "mouseMoved", ...over });
seen.hover = (await until("document.querySelector('.cm-tooltip-hover .markdown')?.innerText")).split("\n")[0];
await picture("hover");
await browser.ask("Input.dispatchMouseEvent", { type: "mouseMoved", x: 5, y: 5 });
await evaluate("document.querySelector('.cm-content').focus(), true");
await write("public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n{\n  array_len");
seen.completion = await until("[...document.querySelectorAll('.cm-tooltip-autocomplete .cm-completionLabel')].map((one) => one.innerText).find((one) => one === 'array_length')");
await picture("completion");
// The editor takes no answer until the list has been there for a moment.
await new Promise((done) => setTimeout(done, 200));
await browser.press("Enter");
seen.completed = await until("[...document.querySelectorAll('.cm-line')].some((line) => line.textContent.includes('array_length'))");

// Refuted claims have values, and a run that shows it.
await write(REFUTED);
await click("#prove");
seen.counterexample = await until("document.querySelector('.counterexample')?.innerText.startsWith('Fails for @Int')");
seen.run = await until("document.querySelector('.run')?.innerText");
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
await evaluate("document.getElementById('fuel').value = '10000000', true");
await click("#run");
seen.fuel = await until("document.getElementById('ending').textContent.startsWith('The fuel') && document.getElementById('ending').textContent.split('\\n')[0]");
await picture("fuel");

// Output has its colours.
await write(COLOURS);
await click("#run");
await until("document.getElementById('ending').textContent === 'Finished'");
seen.colours = await evaluate("[...document.querySelectorAll('#console > span')].map((span) => [span.className, span.style.getPropertyValue('--ink'), span.textContent.trim().slice(0, 15)])");
await picture("colours");

// Z3 is fetched when it is asked for. The page is isolated from other origins once its
// service worker looks after it, so it loads itself anew.
await write(BROKEN.replace("haf(", "half("));
await until("document.documentElement.dataset.offline");
await click("#prove");
await click("#load-z3");
seen.z3 = await until("/^Prover: the built-in simplifier, and Z3 [\\d.]+ for \\d+ quer/.test(document.querySelector('.prover')?.innerText) || undefined");
seen.proved = await evaluate("[...document.querySelectorAll('#proof-list .function summary')].map((one) => one.innerText.trim())");
await picture("z3");

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

seen.isolated = await evaluate("crossOriginIsolated");
const nameless = `[...document.querySelectorAll("button, input, select, [role=tabpanel], section")].filter((one) => one.offsetParent !== null && (one.innerText ?? "") === "" && one.getAttribute("aria-label") === null && one.getAttribute("aria-labelledby") === null && (one.labels?.length ?? 0) === 0).map((one) => one.id || one.className)`;
seen.nameless = await evaluate(nameless);

console.log(JSON.stringify(seen));
await browser.close();
process.exit(0);
