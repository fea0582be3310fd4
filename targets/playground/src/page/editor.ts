// The editor: CodeMirror, with what the compiler says of the text.
//
// CodeMirror rather than Monaco: a tenth of its size, and usable on phones and by screen
// readers.

import { type Completion, type CompletionContext, type CompletionResult, acceptCompletion, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, WidgetType, drawSelection, highlightActiveLine, highlightSpecialChars, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { type Client, URI } from "./client.ts";
import { language } from "./language.ts";
import { rendered } from "./markdown.ts";
import { type Action, type Hint, type Hover, type Item, type Report, changes, offset, position } from "./protocol.ts";

/** What the rest of the page does at the editor's wish. */
export interface Page {
  /** What is reported of the text, and the repairs. */
  reported(reports: readonly Report[], actions: readonly Action[]): void;
  /** The text is checked; `took` milliseconds, to the compiler and back. */
  checked(reports: readonly Report[], took: number): void;
  failed(error: Error): void;
  /** Another text: what is known of the old one is stale. */
  changed(): void;
  run(): void;
  prove(): void;
}

const SEVERITIES = ["error", "error", "warning", "info", "hint"] as const;

/** How long typing rests before the text is checked, in milliseconds. */
const REST = 40;

/** Completion kinds of the protocol, as the editor names them. */
const KINDS: Record<number, string> = { 3: "function", 4: "function", 6: "variable", 7: "class", 8: "interface", 14: "keyword", 20: "enum", 22: "class", 25: "type" };

export class Editor {
  readonly view: EditorView;
  private sent: { text: string; answered: Promise<Report[]> } | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private version = 0;

  constructor(parent: HTMLElement, text: string, private readonly client: Client, private readonly page: Page) {
    this.view = new EditorView({ parent, state: this.state(text) });
    this.soon(0);
  }

  private state(text: string): EditorState {
    return EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        highlightSpecialChars(),
        history(),
        drawSelection(),
        indentUnit.of("  "),
        bracketMatching(),
        closeBrackets(),
        highlightActiveLine(),
        highlightSelectionMatches(),
        lintGutter(),
        autocompletion({ override: [(context) => this.complete(context)] }),
        hoverTooltip((_, at) => this.hover(at)),
        hintField,
        language,
        EditorView.contentAttributes.of({ "aria-label": "Vera program", autocapitalize: "off", autocorrect: "off", spellcheck: "false" }),
        keymap.of([
          { key: "Mod-Enter", run: () => (this.page.run(), true) },
          { key: "Mod-Shift-Enter", run: () => (this.page.prove(), true) },
          { key: "Shift-Alt-f", run: () => (void this.format(), true) },
          { key: "Mod-.", run: () => (void this.offer(), true) },
          { key: "Tab", run: acceptCompletion },
          ...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...historyKeymap, ...completionKeymap, ...lintKeymap,
          indentWithTab,
        ]),
        EditorView.updateListener.of((update) => {
          if (!update.docChanged) return;
          this.page.changed();
          this.soon(REST);
        }),
      ],
    });
  }

  get text(): string { return this.view.state.doc.toString(); }

  /** Puts another text in its place. */
  replace(text: string): void {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text }, selection: { anchor: 0 }, scrollIntoView: true });
  }

  goTo(line: number, column: number): void {
    const at = offset(this.view.state.doc, { line: line - 1, character: column - 1 });
    this.view.dispatch({ selection: { anchor: at }, scrollIntoView: true });
    this.view.focus();
  }

  private soon(rest: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.check(), rest);
  }

  /** The compiler has the text as it is now; what it says of it. */
  sync(): Promise<Report[]> {
    const { text } = this;
    if (this.sent?.text !== text) {
      const params = { uri: URI, version: ++this.version, text };
      this.sent = { text, answered: this.client.ask("update", params).then((document) => document["diagnostics"] as Report[]) };
    }
    return this.sent.answered;
  }

  private async check(): Promise<void> {
    const { doc } = this.view.state;
    const began = performance.now();
    try {
      const reports = await this.sync();
      const took = performance.now() - began;
      if (this.view.state.doc !== doc) return;
      await this.show(reports);
      if (this.view.state.doc === doc) this.page.checked(reports, took);
    } catch (error) {
      this.sent = undefined;
      this.page.failed(error as Error);
    }
  }

  /** Shows reports, with their repairs, and hints. */
  async show(reports: readonly Report[]): Promise<void> {
    const { doc } = this.view.state;
    const whole = { start: { line: 0, character: 0 }, end: position(doc, doc.length) };
    const [actions, hints] = await Promise.all([
      this.client.about<Action[] | null>("codeAction", { range: whole, context: { diagnostics: [] } }),
      this.client.about<Hint[] | null>("inlayHint", { range: whole }),
    ]);
    if (this.view.state.doc !== doc) return;
    const repairs = (actions ?? []).filter((action) => action.kind === "quickfix");
    const shown = reports.filter((report) => report.severity < 4).map((report): Diagnostic => ({
      from: offset(doc, report.range.start),
      to: offset(doc, report.range.end),
      severity: SEVERITIES[report.severity],
      source: report.code ?? "vera",
      message: report.message,
      actions: repairs.filter((action) => isFor(action, report)).map((action) => ({ name: action.title, apply: () => this.apply(action) })),
    }));
    this.view.dispatch(setDiagnostics(this.view.state, shown), { effects: setHints.of(hints ?? []) });
    this.page.reported(reports, repairs);
  }

  /** Makes the edit of an action. */
  apply(action: Action): void {
    const edits = action.edit?.changes?.[URI] ?? [];
    this.view.dispatch({ changes: changes(this.view.state.doc, edits), userEvent: "input.repair" });
    this.view.focus();
  }

  /** Offers what can be done at the selection. */
  private async offer(): Promise<void> {
    await this.sync();
    const { doc, selection } = this.view.state;
    const range = { start: position(doc, selection.main.from), end: position(doc, selection.main.to) };
    const actions = (await this.client.about<Action[] | null>("codeAction", { range, context: { diagnostics: [] } })) ?? [];
    const dialog = document.createElement("dialog");
    dialog.className = "actions";
    dialog.setAttribute("aria-label", "Actions at the cursor");
    for (const action of actions) {
      const button = document.createElement("button");
      button.textContent = action.title;
      button.onclick = () => { dialog.close(); this.apply(action); };
      dialog.append(button);
    }
    if (actions.length === 0) dialog.append("Nothing to do here");
    dialog.onclose = () => dialog.remove();
    dialog.onclick = (event) => { if (event.target === dialog) dialog.close(); };
    document.body.append(dialog);
    dialog.showModal();
  }

  async format(): Promise<void> {
    const { doc } = this.view.state;
    await this.sync();
    const edits = await this.client.about<Parameters<typeof changes>[1] | null>("formatting", { options: { tabSize: 2, insertSpaces: true } });
    if (edits !== null && this.view.state.doc === doc) this.view.dispatch({ changes: changes(doc, edits), userEvent: "input.format" });
  }

  private async hover(at: number): Promise<{ pos: number; end: number; above: boolean; create: () => { dom: HTMLElement } } | null> {
    await this.sync();
    const { doc } = this.view.state;
    const hover = await this.client.about<Hover | null>("hover", { position: position(doc, at) });
    if (hover === null || this.view.state.doc !== doc) return null;
    const pos = hover.range === undefined ? at : offset(doc, hover.range.start);
    const end = hover.range === undefined ? at : offset(doc, hover.range.end);
    return { pos, end, above: true, create: () => ({ dom: rendered(hover.contents.value) }) };
  }

  private async complete(context: CompletionContext): Promise<CompletionResult | null> {
    const word = context.matchBefore(/[\w]+|[@?.]/);
    if (word === null && !context.explicit) return null;
    await this.sync();
    const { doc } = context.state;
    const found = await this.client.about<{ items: Item[] } | null>("completion", { position: position(doc, context.pos) });
    if (found === null || context.aborted) return null;
    const from = word === null || /^[@?.]/.test(word.text) ? context.pos : word.from;
    const option = (item: Item, number: number): Completion => {
      const said = typeof item.documentation === "string" ? item.documentation : item.documentation?.value;
      const edit = item.textEdit;
      return {
        label: item.label,
        type: KINDS[item.kind ?? 0] ?? "text",
        boost: -number / 1000,
        ...(item.detail === undefined ? {} : { detail: item.detail }),
        ...(said === undefined ? {} : { info: () => rendered(said) }),
        apply: edit === undefined
          ? (item.insertText ?? item.label)
          : (view: EditorView) => {
            // The text may have grown since it was asked.
            const [change] = changes(doc, [edit]);
            if (change === undefined) return;
            const to = Math.max(change.to, view.state.selection.main.head);
            view.dispatch({ changes: { ...change, to }, selection: { anchor: change.from + change.insert.length } });
          },
      };
    };
    return { from, options: found.items.map(option), validFor: /^\w*$/ };
  }
}

/** Whether an action repairs a report. */
export function isFor(action: Action, report: Report): boolean {
  const same = (other: Report) => other.code === report.code && other.message === report.message && JSON.stringify(other.range) === JSON.stringify(report.range);
  return action.diagnostics?.some(same) ?? false;
}

class HintWidget extends WidgetType {
  constructor(private readonly label: string) { super(); }
  override eq(other: HintWidget): boolean { return other.label === this.label; }
  override toDOM(): HTMLElement {
    const dom = document.createElement("span");
    dom.className = "hint";
    // It repeats what names say, which a reader of the line need not hear.
    dom.setAttribute("aria-hidden", "true");
    dom.textContent = this.label;
    return dom;
  }
}

const setHints = StateEffect.define<readonly Hint[]>();

/** Hints move with the text until new ones come. */
const hintField = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(old, transaction) {
    let hints = old.map(transaction.changes);
    for (const effect of transaction.effects) {
      if (!effect.is(setHints)) continue;
      hints = Decoration.set(
        effect.value.map((hint) => Decoration.widget({ widget: new HintWidget(hint.label), side: 1 }).range(offset(transaction.newDoc, hint.position))),
        true,
      );
    }
    return hints;
  },
  provide: (field) => EditorView.decorations.from(field),
});
