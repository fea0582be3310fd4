// The TextMate grammar, by the editor's own libraries.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as oniguruma from "vscode-oniguruma";
import * as textmate from "vscode-textmate";

const root = join(__dirname, "../..");

async function grammar(): Promise<textmate.IGrammar> {
  const wasm = join(dirname(require.resolve("vscode-oniguruma")), "onig.wasm");
  const bytes = readFileSync(wasm);
  await oniguruma.loadWASM(new Uint8Array(bytes).buffer);
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => {
      const path = join(root, "syntaxes/vera.tmLanguage.json");
      return textmate.parseRawGrammar(readFileSync(path, "utf8"), path);
    },
  });
  const loaded = await registry.loadGrammar("source.vera");
  if (!loaded) {
    throw new Error("there is no grammar");
  }
  return loaded;
}

/// Every token of a text, with its innermost scope.
function scopes(loaded: textmate.IGrammar, text: string): [string, string][] {
  const out: [string, string][] = [];
  let stack = textmate.INITIAL;
  for (const line of text.split("\n")) {
    const found = loaded.tokenizeLine(line, stack);
    for (const token of found.tokens) {
      const word = line.slice(token.startIndex, token.endIndex);
      out.push([word, token.scopes[token.scopes.length - 1] ?? ""]);
    }
    stack = found.ruleStack;
  }
  return out;
}

test("names have scopes", async () => {
  const text = `-- said
{- a {- nested -} comment
-} private fn half(@Nat -> @Nat)
  requires(@Nat.0 > 1) ensures(true) effects(<IO>)
{
  IO.print("n: \\(show(@Nat.0)) \\n");
  m.n::f(Some(2.5), ?)
}`;
  const found = scopes(await grammar(), text);
  const wanted: [string, string][] = [
    ["-- said", "comment.line.double-dash.vera"],
    [" comment", "comment.block.vera"],
    ["private", "storage.modifier.vera"],
    ["half", "entity.name.function.vera"],
    ["requires", "keyword.other.contract.vera"],
    ["Nat", "variable.other.vera"],
    ["0", "constant.numeric.index.vera"],
    ["true", "constant.language.boolean.vera"],
    ["IO", "entity.name.namespace.vera"],
    ["\\(", "punctuation.section.interpolation.begin.vera"],
    ["show", "entity.name.function.call.vera"],
    ["\\n", "constant.character.escape.vera"],
    ["Some", "entity.name.type.vera"],
    ["2.5", "constant.numeric.float.vera"],
    ["?", "keyword.other.hole.vera"],
  ];
  for (const [word, scope] of wanted) {
    const has = found.some(([w, s]) => w === word && s === scope);
    assert.ok(has, `${word}: ${scope}\n${found.map((pair) => pair.join("\t")).join("\n")}`);
  }
});
