#!/usr/bin/env python3
"""Compares the parser and the formatter with another `vera` command, as a black box.

    cargo build -p vera-syntax -p vera-fmt --examples
    scripts/compare_syntax.py errors|tree|format --reference /path/to/vera [--count N] [--seed N]

`errors` breaks a program in random places and compares code and position of the
first error; `tree` compares the bytes of `ast --json`; `format` compares canonical
texts. The programs of the last two are random, in random layout with random
comments. Differing inputs are kept in the directory given by --keep.

Known differences: words glued together (`publicfn`), comments in interpolation
holes, and inputs on which the reference refuses to format (counted, not compared).
"""

import argparse
import json
import os
import pathlib
import random
import re
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXAMPLES = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "examples"
SAMPLE = ROOT / "crates/vera-syntax/tests/common/sample.vera"


class Programs:
    """Random programs as lists of tokens."""

    def __init__(self, random_state):
        self.random = random_state
        self.comments = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def several(self, low, high, make, separator=","):
        tokens = []
        for i in range(self.random.randint(low, high)):
            tokens += [separator] if i and separator else []
            tokens += make()
        return tokens

    def effects(self):
        rows = ["pure", "< IO >", "< State < Int > , M . E < T > >"]
        return ["effects", "(", *self.pick(*rows).split(), ")"]

    def type(self, depth):
        if depth <= 0 or self.chance(0.6):
            return [self.pick("Int", "Bool", "T", "Nat")]
        return self.pick(
            lambda: ["Array", "<", *self.type(depth - 1), ">"],
            lambda: ["fn", "(", *self.type(depth - 1), "->", *self.type(depth - 1), ")", *self.effects()],
            lambda: ["{", "@", "Int", "|", *self.expr(1), "}"],
        )()

    def call(self, depth):
        callee = self.pick("f", "g", "C", "E . op", "a . b :: h").split()
        return [*callee, "(", *self.several(0, 2, lambda: self.expr(depth - 1)), ")"]

    def closure(self, depth):
        params = self.pick("", "@ Int", "@ Int , @ Bool").split()
        return ["fn", "(", *params, "->", "@", "Int", ")", *self.effects(), *self.block(depth - 1)]

    def pattern(self, depth):
        simple = ["_", "0", "@ Int", "None", '"s"', "true"]
        if depth <= 0 or self.chance(0.7):
            return self.pick(*simple).split()
        return ["Some", "(", *self.several(1, 2, lambda: self.pattern(depth - 1)), ")"]

    def layered(self, tokens):
        return ["{", *tokens, "}"] if self.chance(0.15) else tokens

    def body(self, depth):
        plain = depth <= 0 or self.chance(0.5)
        return self.layered(self.expr(depth) if plain else self.construct(depth))

    def clause(self, depth):
        params = self.pick("", "@ Unit", "@ Int , @ Int").split()
        update = ["with", "@", "Int", "=", *self.expr(0)] if self.chance(0.3) else []
        return ["op1", "(", *params, ")", "->", *self.body(depth), *update]

    def construct(self, depth):
        def if_expr():
            return ["if", *self.expr(depth - 1), "then", *self.block(depth - 1), "else", *self.block(depth - 1)]

        def match_expr():
            arms = self.several(1, 3, lambda: [*self.pattern(1), "->", *self.body(depth - 1)])
            return ["match", *self.expr(depth - 2), "{", *arms, "}"]

        def handle():
            state = ["(", "@", "Int", "=", *self.expr(0), ")"] if self.chance(0.5) else []
            clauses = self.several(1, 2, lambda: self.clause(depth - 1))
            effect = "handle [ State < Int > ]".split()
            return [*effect, *state, "{", *clauses, "}", "in", *self.block(depth - 1)]

        return self.pick(if_expr, match_expr, handle, lambda: self.block(depth - 1))()

    def expr(self, depth):
        leaves = ["1", "@ Int . 0", "x ( )", "true", "?", "( )", "None", "1.50", "@ Array < Int > . result"]
        if depth <= 0 or self.chance(0.2):
            return self.pick(*leaves).split() if self.chance(0.9) else ['"a\\n\\u{e9}\\( @Int.0+1 )"']
        inner = lambda: ["(", *self.expr(depth - 1), ")"]
        operator = self.pick("+", "-", "*", "/", "%", "==>", "||", "&&", "==", "!=", "<", ">=")
        return self.pick(
            lambda: ["(", *inner(), operator, *inner(), ")"],
            lambda: ["(", *inner(), operator, *inner(), ")"],
            lambda: ["(", *inner(), "|>", *self.call(depth - 1), ")"],
            lambda: [self.pick("!", "-"), *inner()],
            lambda: [*inner(), "[", *self.expr(depth - 1), "]"],
            lambda: self.call(depth),
            lambda: ["[", *self.several(0, 2, lambda: self.expr(depth - 1)), "]"],
            lambda: self.closure(depth),
            lambda: self.construct(depth),
            lambda: ["assert", *inner()],
            lambda: ["forall", "(", "@", "Int", ",", *self.expr(depth - 1), ",", *self.closure(1), ")"],
            lambda: "old ( State < Int > )".split(),
            inner,
        )()

    def statement(self, depth):
        head = self.pick([], ["let", "@", *self.type(1), "="], "let Tuple < @ Int , @ Bool > =".split())
        value = self.body(depth)
        return [*head, *(["(", *value, ")"] if self.chance(0.15) else value), ";"]

    def block(self, depth):
        statements = self.several(0, 2 if depth > 0 else 0, lambda: self.statement(depth - 1), None)
        return ["{", *statements, *self.body(depth), "}"]

    def function(self, depth, visibility):
        forall = self.pick("", "", "forall < T >", "forall < T where Eq < T > >").split()
        params = self.several(0, 2, lambda: ["@", *self.type(1)])
        contract = lambda: [self.pick("requires", "ensures", "decreases"), "(", *self.expr(1), ")"]
        helpers = []
        if depth > 1 and self.chance(0.2):
            helpers = ["where", "{", *self.several(1, 2, lambda: self.function(depth - 1, []), None), "}"]
        return [*visibility, *forall, "fn", "f", "(", *params, "->", "@", *self.type(1), ")",
                *self.several(1, 3, contract, None), *self.effects(), *self.block(depth), *helpers]

    def declaration(self):
        parameters = self.pick("", "< T >", "< T , U >").split()
        fields = lambda: ["A", *(["(", *self.type(1), ")"] if self.chance(0.5) else [])]
        operation = lambda: ["op", "o", "(", *self.pick([], self.type(1)), "->", *self.type(1), ")", ";"]
        data = lambda: [self.pick("public", "private"), "data", "D", *parameters, "{", *self.several(1, 3, fields), "}"]
        function = lambda: self.function(3, [self.pick("public", "private")])
        return self.pick(
            lambda: ["type", "P", *parameters, "=", *self.type(2), ";"],
            data,
            lambda: [self.pick("effect", "ability"), "E", "{", *self.several(1, 2, operation, None), "}"],
            function, function, function, function,
        )()

    def program(self):
        module = self.pick("", "", "module a . b ;").split()
        imports = self.several(0, 2, lambda: self.pick("import z ;", "import z ( F , g ) ;").split(), None)
        return [*module, *imports, *self.several(1, 3, self.declaration, None)]

    def comment(self):
        self.comments += 1
        name = f"c{self.comments}"
        return self.pick(f"-- {name}\n", f"--  {name}  x \n", f"{{- {name} -}}", f"{{- {name}\n   x\n -}}", f"/* {name} */")

    def layout(self, tokens):
        newlines, comments = self.pick(0.05, 0.2, 0.4), self.pick(0, 0.02, 0.1)
        text = self.comment() if comments and self.chance(0.3) else ""
        for token in tokens:
            text += token
            text += self.pick("\n", "\n  ", "\n\n", "\n \n\n  ") if self.chance(newlines) else " "
            while self.chance(comments):
                text += self.comment() + self.pick("", " ", "\n", "\n\n", "\n  ")
        return text

    TOKEN = re.compile(r'--[^\n]*|"(?:\\.|[^"\\])*"|\w+(?:\.\d+)?|\s+|==>|->|\|>|==|!=|<=|>=|&&|\|\||::|.', re.S)
    INTRUDERS = ["old(", "new(", "#", "&", "|", "007", "1.5", '"', '"\\q"', '"\\(1"', '"\\()"', "{-", "/*", "*/", "-}",
                 "|> 3", "==", "=", "!=", "requires(true)", "effects(pure)", "invariant(true)", "@Int", "@int.0", "a.b(1)",
                 "module m;", "import q;", "=>", "é", "\u00a0", "with", "in", "else"]

    def broken(self, text):
        tokens = self.TOKEN.findall(text)
        solid = [token for token in tokens if token.strip()]
        for _ in range(self.pick(1, 1, 1, 2, 3)):
            at = self.random.choice([i for i, token in enumerate(tokens) if token.strip()])
            other = f" {self.pick(self.pick(*solid), self.pick(*self.INTRUDERS))} "
            change = self.random.randrange(4)
            if change == 0:
                tokens[at] = " "
            elif change == 1:
                tokens.insert(at, other)
            elif change == 2:
                tokens[at] = other
            elif self.chance(0.2):
                tokens = tokens[: at + 1]
        return "".join(tokens)


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    return result.returncode, result.stdout


def errors(reference, path):
    found = json.loads(run(reference, "check", "--json", path)[1])["diagnostics"]
    theirs = "ok"
    if found and found[0].get("error_code", "").startswith("E0") and found[0]["error_code"] not in ("E011", "E012", "E013"):
        theirs = f"{found[0]['error_code']} {found[0]['location']['line']}:{found[0]['location']['column']}"
    status, ours = run(EXAMPLES / "errors", path)
    lines = ours.splitlines()
    return theirs, f"crash {status}" if status else " ".join(lines[0].split(" ", 3)[1:3]) if lines else "ok"


def tree(reference, path):
    status, theirs = run(reference, "ast", "--json", path)
    return (None if status else theirs), run(EXAMPLES / "dump", "json", path)[1]


def canonical(reference, path):
    status, theirs = run(reference, "fmt", path)
    return (None if status else theirs), run(EXAMPLES / "format", path)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["errors", "tree", "format"])
    parser.add_argument("--reference", required=True)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=pathlib.Path)
    options = parser.parse_args()
    programs = Programs(random.Random(options.seed))
    compare = {"errors": errors, "tree": tree, "format": canonical}[options.what]
    different = refused = 0
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory) / "program.vera"
        for i in range(options.count):
            if options.what == "errors":
                text = programs.broken(SAMPLE.read_text())
            else:
                text = programs.layout(programs.program())
            path.write_text(text)
            theirs, ours = compare(options.reference, path)
            if theirs is None:
                refused += 1
            elif theirs != ours:
                different += 1
                short = f": {theirs} / {ours}" if options.what == "errors" else ""
                print(f"program {i} differs{short}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{options.what}-{options.seed}-{i}.vera").write_text(text)
    print(f"{options.count} programs, {different} differ, {refused} refused by the reference")
    raise SystemExit(1 if different else 0)


if __name__ == "__main__":
    main()
