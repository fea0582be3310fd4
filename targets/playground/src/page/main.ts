// The playground. Where to start reading: `editor` (what the compiler says of the text),
// `prover` (proofs), `run` (programs), `panes`, `client` (the compiler's workers).

import type { Document } from "../compiler/module.ts";
import { Client, FILE } from "./client.ts";
import { Editor } from "./editor.ts";
import { type Doing, type Pane, Tabs, byId, problems, proofs } from "./panes.ts";
import { canHaveZ3, proof } from "./prover.ts";
import { Runner } from "./run.ts";
import { fragment, shared } from "./share.ts";
import type { Report } from "./protocol.ts";

interface Example { name: string; text: string }

const HELLO = "-- Press Run, or Ctrl-Enter.\npublic fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n  effects(<IO>)\n{\n  IO.print(\"Hello, World!\\n\");\n  ()\n}\n";

const TEXT = "vera.text";
const WANTS_Z3 = "vera.z3";

/** What a page may be denied. */
function kept(name: string): string | null {
  try { return sessionStorage.getItem(name); } catch { return null; }
}

function keep(name: string, value: string | null): void {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // Then it is not kept.
  }
}

/** Tells people and screen readers. */
function say(text: string): void { byId("status").textContent = text; }

function failed(error: unknown): void { say(error instanceof Error ? error.message : String(error)); }

const worker = await serviceWorker();
const client = new Client("compiler");
/** Compiles beside the editor, which goes on. */
let codegen: Client | undefined;
/** Shows modules. */
let printer: Client | undefined;
let pane: Pane = "problems";
interface Made { text: string; bytes: ArrayBuffer; document: Document }
/** The module of the text, as `vera compile` makes it, and one that counts its work. */
const modules: { plain?: Made & { wat?: string }; fuelled?: Made } = {};

const tabs = new Tabs((chosen) => {
  pane = chosen;
  void refresh().catch(failed);
});
const runner = new Runner(say);

const doing: Doing = {
  goTo: (line, column) => editor.goTo(line, column),
  apply: (action) => editor.apply(action),
  explain: (code) => void explain(code).catch(failed),
  loadZ3: () => {
    byId<HTMLInputElement>("z3").checked = true;
    wantZ3();
  },
};

const editor = new Editor(byId("editor"), (await shared(location.hash)) ?? kept(TEXT) ?? HELLO, client, {
  reported: (reports, actions) => problems(reports, actions, doing),
  checked(reports, took) {
    const errors = reports.filter((report) => report.severity === 1).length;
    const said = errors === 0 ? "No errors" : `${errors} ${errors === 1 ? "error" : "errors"}`;
    document.documentElement.dataset["checked"] = took.toFixed(1);
    if (!runner.runs) say(`${said} (checked in ${took.toFixed(0)} ms)`);
    void refresh().catch(failed);
    idle();
  },
  failed,
  changed() {
    keep(TEXT, editor.text);
    byId("proof-list").replaceChildren();
  },
  run: () => void run().catch(failed),
  prove: provePane,
});

/** Loads what the first run needs once there is nothing else to do. */
function idle(): void {
  if (codegen !== undefined) return;
  const preload = () => void compiler().ask("version").catch(failed);
  if ("requestIdleCallback" in globalThis) requestIdleCallback(preload, { timeout: 2000 });
  else setTimeout(preload, 500);
}

function compiler(): Client { return (codegen ??= new Client("compiler")); }

/** A module of the text; `undefined` where it has errors. */
async function compiled(kind: keyof typeof modules): Promise<Made | undefined> {
  const { text } = editor;
  const known = modules[kind];
  if (known?.text === text) return known;
  const { document, bytes } = await compiler().answer("compile", { file: FILE, text, fuel: kind === "fuelled" });
  if (document["ok"] !== true) {
    delete modules[kind];
    tabs.show("problems");
    say("The program has errors");
    return undefined;
  }
  const made = { text, bytes: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength), document };
  modules[kind] = made;
  return made;
}

async function run(): Promise<void> {
  const made = await compiled("fuelled");
  if (made === undefined) return;
  tabs.show("output");
  const fuel = byId<HTMLSelectElement>("fuel").value;
  runner.start(made.bytes.slice(0), fuel === "" ? undefined : Number(fuel));
}

/** The module as text, and its size. */
async function showModule(): Promise<void> {
  const made: Made & { wat?: string } | undefined = await compiled("plain");
  if (made === undefined) return;
  const { document } = made;
  byId("size").textContent = `${(document["size"] as number).toLocaleString("en")} bytes; exports: ${(document["exports"] as string[]).join(", ") || "none"}`;
  made.wat ??= (await (printer ??= new Client("text")).answer("wat", {}, new Uint8Array(made.bytes.slice(0)))).document["text"] as string;
  byId("wat").textContent = made.wat;
}

function provePane(): void {
  byId("proof-list").replaceChildren();
  // The pane proves as it is shown.
  tabs.show("proofs");
}

/** Proves the text, with Z3 where that is asked for. */
async function prove(): Promise<void> {
  const withZ3 = byId<HTMLInputElement>("z3").checked;
  const { text } = editor;
  await editor.sync();
  say(withZ3 ? "Proving with Z3" : "Proving");
  const document = await proof(client, compiler(), text, withZ3, (answered) => say(`Proving with Z3: ${answered} queries answered`));
  if (editor.text !== text) return;
  proofs(document, doing);
  await editor.show(document["diagnostics"] as Report[]);
  say((document["lines"] as string[])[0] ?? "Nothing to prove");
}

/** The panes that show something made of the text. */
async function refresh(): Promise<void> {
  const { text } = editor;
  if (pane === "formatted") {
    const document = await client.ask("format", { file: FILE, text });
    byId("formatted").textContent = (document["text"] ?? document["rendered"]) as string;
    byId<HTMLButtonElement>("use-formatted").disabled = document["ok"] !== true;
  } else if (pane === "module") {
    await showModule();
  } else if (pane === "proofs" && byId("proof-list").childElementCount === 0) {
    await prove();
  }
}

async function explain(code: string): Promise<void> {
  const response = await fetch("explanations.json");
  if (!response.ok) throw new Error(`the explanations cannot be loaded: HTTP ${response.status}`);
  const all = (await response.json()) as Record<string, string>;
  byId("explanation-text").textContent = all[code] ?? `There is no code ${code}.`;
  byId<HTMLDialogElement>("explanation").showModal();
}

async function share(): Promise<void> {
  history.replaceState(null, "", await fragment(editor.text));
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link is copied, and in the address bar");
  } catch {
    say("The link is in the address bar");
  }
}

async function examples(): Promise<void> {
  const response = await fetch("examples.json");
  if (!response.ok) return;
  const all = (await response.json()) as Example[];
  const select = byId<HTMLSelectElement>("examples");
  for (const { name } of all) select.add(new Option(name));
  select.onchange = () => {
    const chosen = all.find(({ name }) => name === select.value);
    if (chosen === undefined) return;
    history.replaceState(null, "", location.pathname + location.search);
    editor.replace(chosen.text);
    select.value = "";
    editor.view.focus();
  };
}

/** Z3 needs an isolated page; the service worker makes it one, from its second load on. */
function wantZ3(): void {
  const box = byId<HTMLInputElement>("z3");
  if (box.checked && !canHaveZ3()) {
    box.checked = false;
    if (!worker) return say("Z3 needs a page isolated from other origins, and this browser has no service worker here to make it one");
    keep(TEXT, editor.text);
    keep(WANTS_Z3, "yes");
    location.reload();
    return;
  }
  if (pane === "proofs") void prove().catch((error: unknown) => { box.checked = false; failed(error); });
}

/** Whether a service worker looks after the page, now or from the next load on. */
async function serviceWorker(): Promise<boolean> {
  try {
    await navigator.serviceWorker.register("service.js");
    void navigator.serviceWorker.ready.then(() => { document.documentElement.dataset["offline"] = "ready"; });
    return true;
  } catch {
    return false;
  }
}

byId("run").onclick = () => void run().catch(failed);
byId("prove").onclick = provePane;
byId("format").onclick = () => void editor.format().catch(failed);
byId("share").onclick = () => void share().catch(failed);
byId("use-formatted").onclick = () => editor.replace(byId("formatted").textContent ?? "");
byId("z3").onchange = wantZ3;
addEventListener("hashchange", () => void shared(location.hash).then((text) => { if (text !== undefined) editor.replace(text); }));

if (kept(WANTS_Z3) === "yes") {
  keep(WANTS_Z3, null);
  byId<HTMLInputElement>("z3").checked = canHaveZ3();
  // The pane proves as it is shown.
  if (canHaveZ3()) tabs.show("proofs");
  else say("This browser does not isolate the page, so it cannot run Z3");
}
await examples().catch(failed);
