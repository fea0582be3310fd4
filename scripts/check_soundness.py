#!/usr/bin/env python3
"""Looks for proofs that running the program refutes.

Usage: check_soundness.py VERA [PROGRAMS [SEED]]

Makes random functions with random contracts. A function whose obligations are all
proved is run on a thousand inputs, where every check is compiled in: no run may
trap. Then makes functions of fixed inputs and runs them: that the result is what the
run yields must not be refuted, that it is not must not be proved, and the run must be the
same when proved checks are left out. Exit status 1 when something is wrong; the
program is kept.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

FUNCTIONS = 12
INPUTS = [-(2**63), -(2**62), -1000, -7, -3, -2, -1, 0, 1, 2, 3, 5, 7, 64, 1000, 2**31, 2**62, 2**63 - 1]


# Data and functions with effects that random functions use. Their contracts are
# random too where they hold a `{}`.
PRELUDE = """
private data Shape { Circle(Int), Pair(Int, Int), Empty }

private data Span invariant(match @Span.0 { Span(@Int, @Int) -> @Int.1 <= @Int.0 }) { Span(Int, Int) }

private data Even invariant(is_even(@Even.0)) { Even(Int) }

private fn is_even(@Even -> @Bool)
  requires(true)
  ensures(@Bool.result == (match @Even.0 { Even(@Int) -> @Int.0 % 2 == 0 }))
  effects(pure)
{
  match @Even.0 { Even(@Int) -> @Int.0 - 2 * (@Int.0 / 2) == 0 }
}

private fn width(@Span -> @Int)
  requires(match @Span.0 { Span(@Int, @Int) -> @Int.1 >= 0 - 2000000000 && @Int.0 <= 2000000000 })
  ensures(@Int.result >= 0)
  ensures(@Int.result == (match @Span.0 { Span(@Int, @Int) -> @Int.0 - @Int.1 }))
  effects(pure)
{
  match @Span.0 { Span(@Int, @Int) -> @Int.0 - @Int.1 }
}

effect Note { op note(Int -> Unit); }
"""

HELPERS = [
    ("s0", "@Unit -> @Int", "<State<Int>>", "ensures(new(State<Int>) == {} && @Int.result == {})", "put({}); {}"),
    ("s1", "@Int -> @Int", "<State<Int>>", "ensures(new(State<Int>) >= {} || @Int.result > {})",
     "if {} > {} then {{ put({}) }} else {{ () }}; {}"),
    ("t0", "@Int -> @Int", "<Exn<Int>>", "ensures(@Int.result <= {})", "if {} > {} then {{ throw({}) }} else {{ {} }}"),
    ("t1", "@Int -> @Int", "<Exn<Int>, State<Int>>", "ensures(new(State<Int>) == {})",
     "put({}); if {} > {} then {{ throw({}) }} else {{ {} }}"),
]


class Maker:
    """Expressions over two Int slots, a Nat slot and an Option<Int> slot."""

    def __init__(self, rng):
        self.rng = rng
        self.callable = []
        self.inside = False

    def pick(self, *options):
        return self.rng.choice(options)

    def atom(self, slots):
        small = self.rng.randint(-4, 9)
        literal = str(small) if small >= 0 else f"(0 - {-small})"
        return self.pick(literal, *slots, *slots)

    def number(self, depth, slots):
        if depth == 0:
            return self.atom(slots)
        a, b = self.number(depth - 1, slots), self.number(depth - 1, slots)
        choices = [
            f"({a} + {b})",
            f"({a} - {b})",
            f"({a} * {self.rng.randint(0, 5)})",
            f"({a} / {self.rng.randint(1, 5)})",
            f"({a} % {self.rng.randint(1, 7)})",
            f"min({a}, {b})",
            f"max({a}, {b})",
            f"(if {self.condition(depth - 1, slots)} then {{ {a} }} else {{ {b} }})",
            f"(if {b} != 0 then {{ {a} / {b} }} else {{ {a} }})",
            f"[{a}, {b}, 3][{self.rng.randint(0, 2)}]",
            f"(match Some({a}) {{ Some(@Int) -> @Int.0 - 1, None -> {self.rng.randint(0, 3)} }})",
            "(match @Option<Int>.0 { Some(@Int) -> @Int.0, None -> 1 })",
            f"nat_to_int(abs({a}))",
            f"float_to_int(0.0 + {self.rng.randint(0, 9)}.75)",
        ]
        if not self.inside and self.rng.random() < 0.5:
            # Parts of these are plain, or they would never end.
            self.inside = True
            kind = self.rng.randrange(4)
            choices = [
                self.shape(a, b) if kind == 0
                else self.array(a, b) if kind == 1
                else self.state(a, b, depth, slots) if kind == 2
                else self.exception(a, b, depth, slots)
            ]
            self.inside = False
        if self.callable:
            name = self.rng.choice(self.callable)
            clamped = [f"min(max({x}, 0 - 9), 9)" for x in (a, b)]
            choices += [f"{name}({', '.join(clamped)}, 3, None)"] * 2
        return self.rng.choice(choices)

    def shape(self, a, b):
        value = self.pick(f"Circle({a})", f"Pair({a}, {b})", "Empty")
        if self.rng.random() < 0.4:
            return self.bounded(a, b)
        return (
            f"(match (if {a} > {self.rng.randint(-2, 4)} then {{ {value} }} else {{ Pair({b}, {a}) }}) "
            f"{{ Circle(@Int) -> @Int.0, Pair(@Int, @Int) -> @Int.0 - @Int.1, Empty -> {self.rng.randint(0, 3)} }})"
        )

    def bounded(self, a, b):
        """A value of a type with an invariant, made and taken apart."""
        k = self.rng.randint(-2, 4)
        low, high = f"min({a}, {b})", f"max({a}, {b})"
        span = self.pick(f"Span({low}, {high})", f"(if {a} <= {b} then {{ Span({a}, {b}) }} else {{ Span({b}, {a}) }})",
                         f"Span({low} - 1, {low})", f"Span({a}, {b})", f"Span({a}, {a} + ({k}))")
        even = self.pick(f"Even({a} * 2)", f"Even({a} - {a} % 2)", f"Even({a} + {b})", f"Even(2 * {b} + ({k}))")
        return self.pick(
            f"(match {span} {{ Span(@Int, @Int) -> if @Int.0 < @Int.1 then {{ 1 / 0 }} else {{ min(@Int.0, 50) }} }})",
            f"(match {span} {{ Span(@Int, @Int) -> @Int.0 - @Int.1 }})",
            f"width({span})",
            f"(match {even} {{ Even(@Int) -> if @Int.0 % 2 == 0 then {{ @Int.0 / 2 }} else {{ 1 / 0 }} }})",
        )

    def array(self, a, b):
        """Something read from an array that library functions make."""
        low, high = (f"min(max({x}, 0 - 6), 6)" for x in (a, b))
        source = self.pick(f"[{a}, {b}, 2]", f"array_range({low}, {high})", f"array_append([{a}], {b})")
        unary = f"fn(@Int -> @Int) effects(pure) {{ {self.number(1, ['@Int.0'])} }}"
        binary = f"fn(@Int, @Int -> @Int) effects(pure) {{ {self.number(1, ['@Int.0', '@Int.1'])} }}"
        test = f"fn(@Int -> @Bool) effects(pure) {{ {self.condition(0, ['@Int.0'])} }}"
        for _ in range(self.rng.randint(0, 2)):
            source = self.pick(
                f"array_map({source}, {unary})",
                f"array_filter({source}, {test})",
                f"array_reverse({source})",
                f"array_concat({source}, [{low}])",
                f"array_slice({source}, {self.rng.randint(0, 2)}, {self.rng.randint(1, 3)})",
                f"array_mapi({source}, fn(@Int, @Nat -> @Int) effects(pure) {{ {self.number(0, ['@Int.0', '@Nat.0'])} }})",
                f"array_sort_by({source}, fn(@Int, @Int -> @Ordering) effects(pure) {{ compare(@Int.1, @Int.0) }})",
            )
        at = self.rng.randint(0, 2)
        return self.pick(
            f"(if true then {{ let @Array<Int> = {source}; if array_length(@Array<Int>.0) > {at} then {{ @Array<Int>.0[{at}] }} else {{ {b} }} }} else {{ 0 }})",
            f"array_fold({source}, {a}, {binary})",
            f"array_length({source})",
            f"(match array_find({source}, {test}) {{ Some(@Int) -> @Int.0, None -> 1 }})",
            f"(if array_all({source}, {test}) then {{ {a} }} else {{ {b} }})",
            f"(if array_any({source}, {test}) then {{ {a} }} else {{ {b} }})",
        )

    def unit(self, depth, slots, throws):
        """A statement of a body with a state cell."""
        a = self.number(max(depth - 1, 0), slots)
        k = self.rng.randint(-3, 5)
        out = [f"put({a})", f"put(get(()) + ({k}))", f"(if get(()) > {k} then {{ put({a}) }} else {{ () }})"]
        out += [f"(match {a} {{ 1 -> put(3), 2 -> {{ put(get(()) - 1); put(4) }}, _ -> () }})"]
        out += [f"(if {a} > 0 then {{ s0(()) }} else {{ s1({k}) }})"] * 2
        out += ["(if true then { apply_fn(fn(@Unit -> @Int) effects(<State<Int>>) { put(5); 1 }, ()) } else { 0 })"]
        if throws:
            out += [f"(if {a} > {k} then {{ throw({a}) }} else {{ () }})"] * 2
            out += [f"t0({a})", f"t1({a})"]
        return self.rng.choice(out)

    def clauses(self):
        k = self.rng.randint(-2, 3)
        get = self.pick("get(@Unit) -> { resume(@Int.0) }", f"get(@Unit) -> {{ resume(@Int.0 * {k}) }}",
                        f"get(@Unit) -> {{ resume(@Int.0) }} with @Int = @Int.0 + ({k})")
        put = self.pick("put(@Int) -> { resume(()) }", f"put(@Int) -> {{ resume(()) }} with @Int = @Int.1 + ({k})",
                        "put(@Int) -> { resume(()) } with @Int = if @Int.1 > @Int.0 then { @Int.1 } else { @Int.0 }")
        return f"{get}, {put}"

    def state(self, a, b, depth, slots, throws=False):
        body = "; ".join(self.unit(depth, slots, throws) for _ in range(self.rng.randint(1, 3)))
        last = self.pick("get(())", f"get(()) + {b}", "s0(())", b)
        return f"(handle[State<Int>](@Int = {a}) {{ {self.clauses()} }} in {{ {body}; {last} }})"

    def exception(self, a, b, depth, slots):
        k = self.rng.randint(-3, 5)
        clause = self.pick("@Int.0", f"@Int.0 + {k}", str(abs(k)), f"if @Int.0 > {k} then {{ 1 }} else {{ @Int.0 }}")
        body = self.pick(
            f"if {a} > {k} then {{ throw({b}) }} else {{ {a} }}",
            f"(if {a} > {k} then {{ throw({a}) }} else {{ () }}); (if {b} < {k} then {{ throw({b}) }} else {{ () }}); {a}",
            f"t0({a})", f"t0({a}) + t0({b})",
            self.state(a, b, depth, slots, True),
        )
        inner = f"(handle[Exn<Int>] {{ throw(@Int) -> {{ {clause} }} }} in {{ {body} }})"
        if self.rng.random() < 0.3:
            rethrow = f"handle[Exn<Int>] {{ throw(@Int) -> {{ if @Int.0 > 2 then {{ throw(@Int.0 - 1) }} else {{ @Int.0 }} }} }} in {{ {body} }}"
            inner = f"(handle[Exn<Int>] {{ throw(@Int) -> {{ {clause} }} }} in {{ {rethrow} }})"
        if self.rng.random() < 0.3:
            inner = f"(handle[State<Int>](@Int = {b}) {{ {self.clauses()} }} in {{ put({a}); {inner} + get(()) }})"
        if self.rng.random() < 0.2:
            noted = self.pick("resume(())", "7")
            inner = f"(handle[Note] {{ note(@Int) -> {{ {noted} }} }} in {{ Note.note({a}); {inner} }})"
        return inner

    def helper(self, name, signature, row, contract, body, honest=False):
        slots = ["@Int.0"] if signature.startswith("@Int") else ["2"]
        known = slots + (["old(State<Int>)"] if "State" in row else [])
        inside = slots + (["get(())"] if "State" in row else [])
        simple = lambda of: self.pick(*of, str(self.rng.randint(0, 4)), f"({self.rng.choice(of)} + {self.rng.randint(-2, 3)})".replace("+ -", "- "))
        values = [simple(inside) for _ in range(body.count("{}"))]
        post = contract.format(*(simple(known) for _ in range(contract.count("{}"))))
        if name == "s0" and self.rng.random() < 0.6:
            values, post = ["get(()) + 1", "get(())"], "ensures(new(State<Int>) == old(State<Int>) + 1 && @Int.result == old(State<Int>) + 1)"
        elif honest:
            post = "ensures(true)"
        return f"private fn {name}({signature})\n  requires(true)\n  {post}\n  effects({row})\n{{\n  {body.format(*values)}\n}}\n"

    def condition(self, depth, slots):
        a, b = self.number(max(depth - 1, 0), slots), self.number(max(depth - 1, 0), slots)
        simple = f"{a} {self.pick('<', '<=', '>', '>=', '==', '!=')} {b}"
        if depth <= 0 or self.rng.random() < 0.5:
            return simple
        other = self.condition(depth - 1, slots)
        return self.pick(f"({simple} && {other})", f"({simple} || {other})", f"!({simple})")

    def function(self, name):
        slots = ["@Int.0", "@Int.1", "@Nat.0"]
        bound = self.rng.choice([9, 100, 10**6])
        clauses = [f"requires(@Int.0 >= 0 - {bound} && @Int.0 <= {bound})"]
        clauses.append(f"requires(@Int.1 >= 0 - {bound} && @Int.1 <= {bound} && @Nat.0 <= {bound})")
        clauses.append("requires(match @Option<Int>.0 { Some(@Int) -> @Int.0 >= 0 - 50 && @Int.0 < 50, None -> true })")
        if self.rng.random() < 0.15:
            clauses.append(f"requires({self.condition(1, slots)})")
        body = self.number(self.rng.randint(1, 3), slots)
        results = ["@Int.result"] * 3 + slots
        for _ in range(self.rng.choice([1, 1, 2])):
            post = self.rng.choice([
                lambda: self.condition(1, results),
                lambda: f"@Int.result == {body}",
                lambda: f"@Int.result >= 0 - {bound * 20}",
                lambda: f"@Int.result <= {bound * 20}",
                lambda: f"@Int.result + {self.rng.randint(0, 90)} > @Int.0 - {bound * 3}",
                lambda: f"@Int.result > 0 - {bound} ==> {self.condition(1, results)}",
            ])()
            clauses.append(f"ensures({post})")
        lets = ""
        if self.rng.random() < 0.4:
            # A new slot shifts the others.
            first = self.number(1, slots)
            body = self.number(2, ["@Int.0", "@Int.1", "@Int.2", "@Nat.0"])
            lets = f"  let @Int = {first};\n"
        if self.rng.random() < 0.1:
            lets += f"  assert({self.condition(1, slots)});\n"
        text = "".join(f"  {c}\n" for c in clauses)
        self.callable.append(name)
        return (
            f"private fn {name}(@Int, @Int, @Nat, @Option<Int> -> @Int)\n{text}"
            f"  effects(pure)\n{{\n{lets}  {body}\n}}\n"
        ), clauses

    def program(self):
        return [self.function(f"f{i}") for i in range(FUNCTIONS)]


def driver(rng, proved):
    """A main that calls each function on many inputs that meet its preconditions."""
    out = []
    for name, clauses in proved:
        requires = [c[len("requires(") : -1] for c in clauses if c.startswith("requires(")]
        condition = " && ".join(f"({r})" for r in requires)
        out.append(
            f"private fn try_{name}(@Int, @Int, @Nat, @Option<Int> -> @Int)\n"
            "  requires(true)\n  ensures(true)\n  effects(pure)\n{\n"
            f"  if {condition} then {{ {name}(@Int.1, @Int.0, @Nat.0, @Option<Int>.0) }} else {{ 0 }}\n}}\n"
        )
        out.append(
            f"private fn run_{name}(@Array<Int>, @Nat -> @Int)\n"
            "  requires(true)\n  ensures(true)\n  effects(<Diverge>)\n{\n"
            "  if @Nat.0 + 4 > array_length(@Array<Int>.0) then { 0 } else {\n"
            f"    let @Int = try_{name}(@Array<Int>.0[@Nat.0], @Array<Int>.0[@Nat.0 + 1], abs(max(@Array<Int>.0[@Nat.0 + 2], 0 - 5)),\n"
            "      if @Array<Int>.0[@Nat.0 + 3] == 7 then { None } else { Some(@Array<Int>.0[@Nat.0 + 3]) });\n"
            f"    run_{name}(@Array<Int>.0, @Nat.0 + 4)\n  }}\n}}\n"
        )
    values = []
    for _ in range(4000):
        value = rng.choice(INPUTS) if rng.random() < 0.3 else rng.randint(-60, 60)
        values.append(str(value) if value > -(2**63) else "(0 - 9223372036854775807 - 1)")
    calls = " + ".join(f"run_{name}(@Array<Int>.0, 0)" for name, _ in proved) or "0"
    out.append(
        "public fn main(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(<Diverge>)\n{\n"
        f"  let @Array<Int> = [{', '.join(values)}];\n  {calls}\n}}\n"
    )
    return "\n".join(out)


def tool(vera, *args):
    return subprocess.run([vera, *args], capture_output=True, text=True, timeout=300)


def one(vera, seed, directory):
    rng = random.Random(seed)
    maker = Maker(rng)
    helpers = [maker.helper(*h) for h in HELPERS]
    functions = maker.program()
    path = os.path.join(directory, f"program{seed}.vera")
    text = PRELUDE + "\n".join(helpers) + "\n".join(source for source, _ in functions)
    with open(path, "w") as file:
        file.write(text)
    result = json.loads(tool(vera, "verify", "--json", "--no-reconcile", "--timeout-ms", "1000", path).stdout)
    if "obligations" not in result:
        sys.exit(f"{path}: not a program: {result['diagnostics']}")
    settled, promises = {}, {}
    for record in result["obligations"]:
        settled.setdefault(record["function"], []).append(record["status"])
        if record["kind"] == "ensures":
            promises.setdefault(record["function"], set()).add(record["status"])
    proved = []
    # What a proved function calls is proved, too, or its promises may be false.
    # An overflow ends a run in a helper as it says; only what it promises counts.
    names = [f"f{j}" for j in range(FUNCTIONS)] + [h[0] for h in HELPERS]
    good = {h[0] for h in HELPERS if promises.get(h[0]) == {"verified"}}
    for i, (source, clauses) in enumerate(functions):
        name = f"f{i}"
        calls = {n for n in names if n + "(" in source.split("\n", 1)[1]}
        if set(settled[name]) == {"verified"} and calls <= good:
            proved.append((name, clauses))
            good.add(name)
    with open(path, "w") as file:
        file.write(text + "\n" + driver(rng, proved))
    run = tool(vera, "run", path)
    if run.returncode != 0:
        print(f"UNSOUND: {path}\n{run.stderr}")
        return len(proved), False
    os.remove(path)
    return len(proved), True


def exact(vera, seed, directory):
    """Functions of fixed inputs: what is proved and refuted of their results."""
    rng = random.Random(f"exact {seed}")
    maker = Maker(rng)
    text = PRELUDE + "\n".join(maker.helper(*h, honest=True) for h in HELPERS)
    calls, bodies = [], []
    for i in range(FUNCTIONS):
        a, b, c, d = rng.randint(-6, 8), rng.randint(-6, 8), rng.randint(0, 6), rng.randint(-3, 5)
        body = maker.number(rng.randint(1, 3), ["@Int.0", "@Int.1", "@Nat.0"])
        given = (
            f"requires(@Int.1 == {a} && @Int.0 == {b} && @Nat.0 == {c})\n"
            f"  requires(match @Option<Int>.0 {{ Some(@Int) -> @Int.0 == {d}, None -> false }})"
        )
        bodies.append((given, body))
        head = "(@Int, @Int, @Nat, @Option<Int> -> @Int)"
        text += f"private fn f{i}{head}\n  {given}\n  ensures(true)\n  effects(pure)\n{{\n  {body}\n}}\n"
        calls.append(
            f"public fn try{i}(@Unit -> @Int)\n  requires(true)\n  ensures(true)\n  effects(pure)\n"
            f"{{\n  f{i}({a}, {b}, {c}, Some({d}))\n}}\n"
        )
    path = os.path.join(directory, f"exact{seed}.vera")
    with open(path, "w") as file:
        file.write(text + "\n".join(calls))
    asked, claims, differ = [], text, []
    for i, (given, body) in enumerate(bodies):
        run, fast = (tool(vera, "run", *flags, "--fn", f"try{i}", path) for flags in ([], ["--checks", "unproved"]))
        if (run.returncode, run.stdout, run.stderr[:40]) != (fast.returncode, fast.stdout, fast.stderr[:40]):
            differ.append(f"try{i} differs without proved checks")
        if run.returncode != 0:
            continue
        asked.append(i)
        for name, test in (("is", "=="), ("not", "!=")):
            claims += (
                f"private fn {name}{i}(@Int, @Int, @Nat, @Option<Int> -> @Int)\n  {given}\n"
                f"  ensures(@Int.result {test} {run.stdout.strip()})\n  effects(pure)\n{{\n  {body}\n}}\n"
            )
    with open(path, "w") as file:
        file.write(claims)
    result = json.loads(tool(vera, "verify", "--json", "--no-reconcile", "--timeout-ms", "1000", path).stdout)
    if "obligations" not in result:
        sys.exit(f"{path}: not a program: {result['diagnostics']}")
    found = {r["function"]: r["status"] for r in result["obligations"] if r["kind"] == "ensures"}
    wrong = differ + [f"is{i} refuted" for i in asked if found[f"is{i}"] == "violated"]
    wrong += [f"not{i} proved" for i in asked if found[f"not{i}"] == "verified"]
    if wrong:
        print(f"UNSOUND: {path}: {', '.join(wrong)}")
    else:
        os.remove(path)
    return sum(found[f"is{i}"] == "verified" for i in asked), len(asked), not wrong


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    programs = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    start = int(sys.argv[3]) if len(sys.argv) > 3 else 0
    directory = tempfile.mkdtemp(prefix="vera-soundness-")
    checked, fine = 0, True
    for seed in range(start, start + programs):
        proved, good = one(sys.argv[1], seed, directory)
        checked += proved
        fine &= good
    print(f"{programs * FUNCTIONS} functions, {checked} proved and run on 1000 inputs each")
    checked = ran = 0
    for seed in range(start, start + programs):
        proved, finished, good = exact(sys.argv[1], seed, directory)
        checked, ran, fine = checked + proved, ran + finished, fine and good
    print(f"{ran} results of fixed inputs, {checked} proved")
    sys.exit(0 if fine else 1)


if __name__ == "__main__":
    main()
