#!/usr/bin/env python3
"""Checks the JSON parser of `vera-data` on a folder of texts.

    scripts/check_json.py FOLDER [MUTATIONS SEED]

The folder is named as the JSON parsing test suite names its files: every `y_*`
must be accepted, every `n_*` refused, any other answered. Each answer is also
compared with Python's own `json`, whose sentences for syntax errors are those of
the language reference: first on the files, then on as many random mutations of
them.
"""

import json
import math
import os
import pathlib
import random
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BINARY = TARGET / "release" / "examples" / "json"


class Refused(Exception):
    """What Python's module accepts and the language does not."""


def refuse_constant(name):
    raise Refused(f"json_parse: {name} is not valid JSON")


def check(value):
    """Raises for the first violation in a tree, without recursion."""
    stack = [value]
    while stack:
        top = stack.pop()
        if isinstance(top, dict):
            for name, member in reversed(top.items()):
                stack += [member, name]
        elif isinstance(top, list):
            stack += reversed(top)
        elif isinstance(top, float) and math.isinf(top):
            sign = "-" if top < 0 else ""
            raise Refused(f"json_parse: a number in the text overflows to {sign}Infinity")
        elif isinstance(top, str):
            for char in top:
                if 0xD800 <= ord(char) < 0xE000:
                    raise Refused(f"json_parse: \\u{ord(char):04X} decodes to a lone surrogate")


def expected(text):
    """The tree, or the start of the sentence."""
    text = text.decode("utf-8", errors="replace")
    number = {"parse_int": float, "parse_float": float}
    try:
        json.loads(text, **number)
        tree = json.loads(text, parse_constant=refuse_constant, **number)
        check(tree)
        return tree, None
    except (Refused, json.JSONDecodeError) as error:
        return None, str(error)
    except RecursionError:
        return None, None


def run(texts):
    lines = "".join(text.hex() + "\n" for text in texts)
    result = subprocess.run([BINARY, "parse"], input=lines.encode(), capture_output=True, check=True)
    answers = [line.split(" ", 1) for line in result.stdout.decode().split("\n")[:-1]]
    assert len(answers) == len(texts), "an answer for each text"
    return answers


def differs(text, answer):
    """What is wrong with an answer, or None."""
    verdict, output = answer
    tree, sentence = expected(text)
    if sentence is not None:
        if verdict == "error" and output.startswith(sentence):
            return None
        return f"expected: {sentence}\n     got: {verdict} {output}"
    if verdict == "error" and tree is None:
        return None
    if tree is None:
        return None
    if verdict == "ok" and json.loads(output, parse_int=float) == tree:
        return None
    return f"expected: {tree!r}\n     got: {verdict} {output}"


def mutate(rng, text, others):
    text = bytearray(text)
    for _ in range(rng.randint(1, 3)):
        at = rng.randint(0, len(text))
        match rng.randrange(5):
            case 0:
                del text[at : at + rng.randint(1, 4)]
            case 1:
                text[at:at] = rng.choice(b'[]{},:"\\u0eE+-.1 \n\tntf\xff\xc3').to_bytes(1, "big")
            case 2:
                other = rng.choice(others)
                start = rng.randint(0, len(other))
                text[at:at] = other[start : start + rng.randint(1, 12)]
            case 3:
                del text[at:]
            case 4:
                text[at : at + 1] = rng.choice(
                    [b"NaN", b"-Infinity", b"1e999", b'"\\ud83d"', b'"a":', b"-0", b"12345678901234567890.5"]
                )
    return bytes(text)


def main():
    folder, mutations, seed = sys.argv[1], *(sys.argv[2:] or ("0", "0"))
    command = ["cargo", "build", "--release", "-q", "-p", "vera-data", "--example", "json"]
    subprocess.run(command, cwd=ROOT, check=True)
    files = sorted(pathlib.Path(folder).glob("*.json"))
    texts = [file.read_bytes() for file in files]
    wrong = 0
    for file, text, answer in zip(files, texts, run(texts)):
        want = {"y": "ok", "n": "error"}.get(file.name[0], answer[0])
        message = f"got {answer[0]}" if answer[0] != want else differs(text, answer)
        if message:
            wrong += 1
            print(f"{file.name}: {message}")
    print(f"{len(files)} files, {wrong} wrong")
    rng = random.Random(int(seed))
    small = [text for text in texts if len(text) < 2000]
    texts = [mutate(rng, rng.choice(small), small) for _ in range(int(mutations))]
    different = 0
    for text, answer in zip(texts, run(texts)):
        if message := differs(text, answer):
            different += 1
            if different <= 20:
                print(f"{text!r}: {message}")
    print(f"{len(texts)} mutations, {different} different")
    return 1 if wrong or different else 0


if __name__ == "__main__":
    sys.exit(main())
