// The panes beside the editor: tabs, by the ARIA pattern, and what each shows.

import type { Document } from "../compiler/module.ts";
import { element } from "./markdown.ts";
import type { Action, Report } from "./protocol.ts";
import { isFor } from "./editor.ts";

export const PANES = ["problems", "proofs", "output", "formatted", "module"] as const;
export type Pane = (typeof PANES)[number];

export const byId = <T extends HTMLElement = HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`the page lacks #${id}`);
  return found as T;
};

/** Tabs by click, arrow keys, Home and End. */
export class Tabs {
  constructor(private readonly chosen: (pane: Pane) => void) {
    for (const pane of PANES) {
      const tab = byId(`tab-${pane}`);
      tab.onclick = () => this.show(pane);
      tab.onkeydown = (event) => {
        const at = PANES.indexOf(pane);
        const to = { ArrowRight: at + 1, ArrowLeft: at - 1 + PANES.length, Home: 0, End: PANES.length - 1 }[event.key];
        if (to === undefined) return;
        event.preventDefault();
        const next = PANES[to % PANES.length] as Pane;
        this.show(next);
        byId(`tab-${next}`).focus();
      };
    }
  }

  show(pane: Pane): void {
    for (const each of PANES) {
      const tab = byId(`tab-${each}`);
      tab.setAttribute("aria-selected", String(each === pane));
      tab.tabIndex = each === pane ? 0 : -1;
      byId(`pane-${each}`).hidden = each !== pane;
    }
    this.chosen(pane);
  }
}

/** A place in the text, as a button that leads there. */
function place(line: number, column: number, goTo: (line: number, column: number) => void): HTMLButtonElement {
  const button = element("button", `${line}:${column}`, "place");
  button.setAttribute("aria-label", `Go to line ${line}, column ${column}`);
  button.onclick = () => goTo(line, column);
  return button;
}

export interface Doing {
  goTo(line: number, column: number): void;
  apply(action: Action): void;
  explain(code: string): void;
  /** Has Z3 loaded, and the text proved with it. */
  loadZ3(): void;
}

export function problems(reports: readonly Report[], actions: readonly Action[], doing: Doing): void {
  const shown = reports.filter((report) => report.severity < 3);
  const list = element("ul", "", "problems");
  for (const report of shown) {
    const item = element("li", "", report.severity === 1 ? "error" : "warning");
    const head = element("p", "", "head");
    head.append(element("strong", report.severity === 1 ? "Error" : "Warning"), " ");
    if (report.code !== undefined) {
      const { code } = report;
      const button = element("button", code, "code");
      button.setAttribute("aria-label", `Explain ${code}`);
      button.onclick = () => doing.explain(code);
      head.append(button, " ");
    }
    head.append(place(report.range.start.line + 1, report.range.start.character + 1, doing.goTo));
    item.append(head, element("p", report.message, "message"));
    for (const action of actions.filter((action) => isFor(action, report))) {
      const button = element("button", action.title, "repair");
      button.onclick = () => doing.apply(action);
      item.append(button);
    }
    list.append(item);
  }
  byId("problem-list").replaceChildren(shown.length === 0 ? element("p", "No problems.", "quiet") : list);
  byId("count-problems").textContent = shown.length === 0 ? "" : String(shown.length);
}

interface Obligation {
  kind: string; status: string; text: string; code: string | null; line: number; column: number; here: boolean;
  counterexample: { slot: string; value: string }[]; inputs: { slot: string; value: string }[];
  /** A run of the counterexample. */
  run: { call: string; end: { returned: string } | { exited: number } | { trapped: string } | "unmet"; breaks: boolean } | null;
  /** The simplifier leaves it open, and no solver was asked, or it had no answer. */
  exhausted: boolean;
}

interface Func { name: string; proof: string | null; line: number; obligations: Obligation[] }

/** What only a solver decides, where there is none. */
const NEEDS_Z3 = "needs Z3";

/** What each status means, for people. */
const STATUSES: Record<string, string> = {
  verified: "proved", tier3: "checked at run time", timeout: "no answer in time, checked at run time",
  tier3_unguarded: "neither proved nor checked", violated: "refuted",
};

export function proofs(document: Document, doing: Doing): void {
  const out: HTMLElement[] = [];
  for (const line of document["lines"] as string[]) out.push(element("p", line, "summary"));
  out.push(element("p", document["prover"] as string, "prover"));
  const unsolved = document["unsolved"] as number;
  if (unsolved > 0) out.push(needs(unsolved, doing));
  for (const func of document["functions"] as Func[]) {
    const details = element("details", "", "function");
    const left = func.obligations.filter((each) => each.status !== "verified");
    details.open = left.length > 0;
    const title = element("summary");
    const waits = unsolved > 0 && left.length > 0 && left.every((each) => each.exhausted);
    const proof = waits ? NEEDS_Z3 : (func.proof ?? "");
    title.append(element("code", func.name), " ", element("span", proof, `proof ${proof.replaceAll(" ", "-")}`));
    const list = element("ul");
    for (const each of func.obligations) list.append(obligation(each, unsolved > 0, doing));
    details.append(title, list);
    out.push(details);
  }
  if ((document["functions"] as Func[]).length === 0) out.push(element("p", "Nothing to prove.", "quiet"));
  byId("proof-list").replaceChildren(...out);
}

/** How many claims wait for Z3, and the way to it. */
function needs(unsolved: number, doing: Doing): HTMLElement {
  const out = element("p", `${unsolved} ${unsolved === 1 ? "claim needs" : "claims need"} Z3, which is not loaded. `, "needs");
  const button = element("button", "Load Z3 and prove");
  button.id = "load-z3";
  button.onclick = () => doing.loadZ3();
  out.append(button);
  return out;
}

function obligation(each: Obligation, alone: boolean, doing: Doing): HTMLElement {
  const item = element("li", "", `obligation ${each.status}`);
  const status = alone && each.exhausted ? NEEDS_Z3 : (STATUSES[each.status] ?? each.status);
  item.append(element("span", status, "status"), " ", element("code", each.text), " ");
  if (each.here) item.append(place(each.line, each.column, doing.goTo));
  const values = each.counterexample.length > 0 ? each.counterexample : each.status === "violated" ? each.inputs : [];
  if (values.length > 0) {
    item.append(element("p", `Fails for ${values.map(({ slot, value }) => `${slot} = ${value}`).join(", ")}`, "counterexample"));
  }
  if (each.run !== null) item.append(element("p", ran(each.run), "run"));
  return item;
}

/** What a run of the counterexample showed. */
function ran({ call, end, breaks }: NonNullable<Obligation["run"]>): string {
  const ended = end === "unmet" ? "is refused by its precondition"
    : "returned" in end ? `returns ${end.returned}`
    : "exited" in end ? `exits with ${end.exited}` : `ends: ${end.trapped}`;
  return breaks ? `It was run: ${call} ${ended}` : `No run breaks it: ${call} ${ended}`;
}
