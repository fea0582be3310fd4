// node --experimental-websocket chromium.mjs DIRECTORY PAGE [EXPRESSION…]: serves the directory,
// opens the page in headless Chromium, and prints what each expression evaluates to, as
// one array. `type TEXT` and `press KEY` are done by the browser, as a user would.
import { open } from "./cdp.mjs";

const [dir, page, ...expressions] = process.argv.slice(2);
const browser = await open(dir);
await browser.ask("Page.navigate", { url: browser.base + page });
const results = [];
for (const expression of expressions) {
  const typed = /^(type|press) (.*)$/s.exec(expression);
  if (typed?.[1] === "type") await browser.type(typed[2]);
  else if (typed?.[1] === "press") await browser.press(typed[2]);
  else results.push(await browser.evaluate(expression));
}
console.log(JSON.stringify(results));
await browser.close();
process.exit(0);
