// How Vera looks: a tokenizer for colours. Everything else about the text comes from the
// compiler.

import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import type { Extension } from "@codemirror/state";
import { tags } from "@lezer/highlight";

const KEYWORDS = new Set(
  ("private public fn data type effect ability op handle in match if then else let with resume module import requires ensures " +
    "decreases effects invariant where forall exists assert assume pure true false").split(" "),
);

interface State { depth: number }

const vera = StreamLanguage.define<State>({
  name: "vera",
  startState: () => ({ depth: 0 }),
  languageData: { commentTokens: { line: "--", block: { open: "{-", close: "-}" } }, closeBrackets: { brackets: ["(", "[", "{", '"'] } },
  token(stream, state) {
    if (state.depth > 0 || stream.match("{-")) {
      if (state.depth === 0) state.depth = 1;
      while (state.depth > 0 && !stream.eol()) {
        if (stream.match("-}")) state.depth--;
        else if (stream.match("{-")) state.depth++;
        else stream.next();
      }
      return "comment";
    }
    if (stream.eatSpace()) return null;
    if (stream.match("--")) { stream.skipToEnd(); return "comment"; }
    if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return "string";
    if (stream.match(/^@[A-Za-z_]*/)) return "variableName";
    if (stream.match(/^\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return "number";
    const word = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null;
    if (word !== null) {
      if (KEYWORDS.has(word[0])) return "keyword";
      return /^[A-Z]/.test(word[0]) ? "typeName" : null;
    }
    stream.next();
    return "operator";
  },
});

/** Colours are the page's, so that they follow its light and dark. */
const style = HighlightStyle.define([
  { tag: tags.comment, color: "var(--comment)", fontStyle: "italic" },
  { tag: tags.string, color: "var(--string)" },
  { tag: tags.number, color: "var(--number)" },
  { tag: tags.keyword, color: "var(--keyword)" },
  { tag: tags.typeName, color: "var(--type)" },
  { tag: tags.variableName, color: "var(--slot)" },
]);

export const language: Extension = [vera, syntaxHighlighting(style)];
