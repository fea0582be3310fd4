#!/usr/bin/env python3
"""Compares the decimals of `vera-data` with Python's `decimal`.

    scripts/compare_decimal.py [N] [SEED]

N random operations (200,000 by default) under the context of the language
reference: 28 digits, half to even, and exponents as wide as Python has them.
The operands lean towards what is hard: ties, carries, zeros, signs, far-apart
exponents and coefficients longer than a machine word.
"""

import decimal
import math
import os
import pathlib
import random
import struct
import subprocess
import sys
from decimal import Decimal

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = TARGET / "release" / "examples" / "decimal"

CONTEXT = decimal.Context(
    prec=28,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=decimal.MIN_EMIN,
    Emax=decimal.MAX_EMAX,
    traps=[decimal.InvalidOperation, decimal.DivisionByZero, decimal.Overflow],
)


def digits(rng):
    kind = rng.randrange(8)
    length = rng.choice([1, 2, 3, 5, 9, 10, 18, 19, 27, 28, 29, 30, 37, 38, 39, 40, 57, 60, 100])
    if kind < 3:
        return "".join(rng.choice("0123456789") for _ in range(length))
    if kind == 3:
        return "9" * length + rng.choice(["", "0", "5", "50", "49"])
    if kind == 4:
        return rng.choice("123456789") + "0" * length
    if kind == 5:
        return "1" + "0" * rng.randint(0, length) + rng.choice("15") + "0" * rng.randint(0, 3)
    if kind == 6:
        return rng.choice("0123456789") * rng.randint(1, 28) + "5" + "0" * rng.randint(0, 12)
    return str(rng.randint(0, 1000))


def text(rng):
    body = digits(rng)
    if rng.random() < 0.05:
        body = "0" * rng.randint(1, 3)
    if rng.random() < 0.5:
        at = rng.randint(0, len(body))
        body = body[:at] + "." + body[at:]
    kind = rng.randrange(10)
    if kind < 3:
        body += f"{rng.choice('eE')}{rng.choice(['', '+', '-'])}{rng.randint(0, 40)}"
    elif kind == 3:
        body += f"e{rng.choice(['', '-'])}{rng.choice([300, 308, 323, 324, 400, 999_971, 999_999])}"
    return rng.choice(["", "", "-"]) + body


def float_text(value):
    return "NaN" if math.isnan(value) else str(value).replace("inf", "Infinity")


def rounded(a, places):
    """`decimal_round`, in the words of the language reference."""
    if abs(places) > 999_999:
        return a
    target = -places if places >= 0 else max(0, -places - 27)
    try:
        return CONTEXT.quantize(a, Decimal((0, (1,), target)))
    except decimal.InvalidOperation:
        return a


def case(rng):
    """An operation and its expected answer."""
    operation = rng.choice(
        ["text", "int", "from_float", "to_float", "neg", "abs", "round", "compare"]
        + 3 * ["add", "sub", "mul", "div"]
    )
    if operation == "int":
        value = rng.choice([rng.randint(-100, 100), rng.randint(-(2**63), 2**63 - 1)])
        return f"int {value}", str(value)
    if operation == "from_float":
        value = rng.choice(
            [
                struct.unpack("<d", rng.randbytes(8))[0],
                float(rng.randint(-(10**17), 10**17)),
                rng.uniform(-1, 1) * 10.0 ** rng.randint(-8, 20),
                float(rng.randint(-999, 999)) * 10.0 ** rng.randint(-6, 18),
            ]
        )
        expected = str(Decimal(str(value))) if math.isfinite(value) else float_text(value)
        return f"from_float {value!r}", expected
    a = text(rng)
    x = Decimal(a)
    if operation == "text":
        return f"text {a}", str(x)
    if operation == "to_float":
        if rng.random() < 0.3:
            # The middle of two doubles, exactly or nearly.
            value = abs(struct.unpack("<d", rng.randbytes(8))[0])
            if 0 < value < 1e300:
                exact = decimal.Context(prec=2000)
                middle = exact.divide(exact.add(Decimal(value), Decimal(math.nextafter(value, math.inf))), 2)
                a = f"{middle:f}"[: rng.choice([20, 40, 1100])].rstrip(".")
                x = Decimal(a)
        return f"to_float {a}", float_text(float(x))
    if operation == "neg":
        return f"neg {a}", str(CONTEXT.minus(x))
    if operation == "abs":
        return f"abs {a}", str(CONTEXT.abs(x))
    if operation == "round":
        places = rng.choice([rng.randint(-40, 40), rng.randint(0, 6), rng.choice([999_999, -999_999, 10**6])])
        return f"round {a} {places}", str(rounded(x, places))
    b = text(rng)
    if rng.random() < 0.15:
        # Nearly the same again, at another scale.
        shift = rng.randint(0, 45)
        y = CONTEXT.copy_negate(x) if rng.random() < 0.5 else x
        b = str(y.scaleb(shift, decimal.Context(prec=200, Emax=10**8, Emin=-(10**8))))
        if rng.random() < 0.5 and "E" not in a.upper():
            b = a + ("" if "." in a else ".") + "0" * shift
    y = Decimal(b)
    if abs(y.adjusted()) > 990_000 and "E" in b:
        b = text(rng)
        y = Decimal(b)
    line = f"{operation} {a} {b}"
    if operation == "compare":
        return line, str(x.compare(y, decimal.Context(prec=1000)))
    if operation == "div" and not y:
        return line, "none"
    function = {"add": CONTEXT.add, "sub": CONTEXT.subtract, "mul": CONTEXT.multiply, "div": CONTEXT.divide}
    return line, str(function[operation](x, y))


def same(line, expected, got):
    if line.startswith("to_float"):
        floats = [float(text) for text in (expected, got)]
        return struct.pack("<d", floats[0]) == struct.pack("<d", floats[1])
    return expected == got


def main():
    count, seed = [int(word) for word in (sys.argv[1:] + ["200000", "1"][len(sys.argv) - 1 :])]
    command = ["cargo", "build", "--release", "-q", "-p", "vera-data", "--example", "decimal"]
    subprocess.run(command, cwd=ROOT, check=True)
    rng = random.Random(seed)
    cases = [case(rng) for _ in range(count)]
    lines = "".join(line + "\n" for line, _ in cases)
    result = subprocess.run([BINARY], input=lines, capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(result.stderr)
    answers = result.stdout.splitlines()
    assert len(answers) == len(cases), "an answer for each operation"
    different = 0
    for (line, expected), got in zip(cases, answers):
        if not same(line, expected, got):
            different += 1
            if different <= 20:
                print(f"{line}\n  Python: {expected}\n    ours: {got}")
    print(f"{count} operations, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
