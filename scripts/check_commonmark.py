#!/usr/bin/env python3
"""Checks our Markdown against the examples of the CommonMark specification.

    cargo build -p vera-markup --example markup_dump
    scripts/check_commonmark.py SPEC

SPEC is the specification's `spec.txt`. For each example, our tree must say what
the expected HTML says, as far as our types can hold it, and rendering the tree
and parsing that must give the same tree.

To be compared, our tree is printed as HTML the way the specification does, and
both texts are brought to a normal form, which drops what our tree drops:

- `title` attributes, and `start` of lists;
- paragraph tags, since tight lists have none: paragraphs are lines;
- the class of a code block but its first word (ours is the whole info string);
- the difference between HTML and text that looks like it: references to
  characters are resolved in both;
- hard breaks are two spaces and a line break, `<br />` in the expected text;
- HTML within an image's text: the expected text leaves tags out;
- percent-encoding of destinations, which is the printing's own;
- blank lines, and white space at the start and end of lines.
"""

import html
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
DUMP = TARGET / "debug" / "examples" / "markup_dump"

EXAMPLE = re.compile(r"^`{32} example\n(.*?)^\.\n(.*?)^`{32}$", re.M | re.S)


def address(match):
    name, value = match.group(1), html.unescape(match.group(2))
    return f'{name}="{urllib.parse.unquote(value)}"'


def normal(text):
    text = re.sub(r'(href|src)="([^"]*)"', address, text)
    text = re.sub(r' title="[^"]*"', "", text)
    text = html.unescape(html.unescape(text))
    text = re.sub(r' title="[^"]*"', "", text)
    text = re.sub(r' start="\d+"', "", text)
    text = re.sub(r'(<code class="language-[^" ]*)[^"]*"', r'\1"', text)
    text = re.sub(r"</?p>", "\n", text)
    text = text.replace("<br />\n", "  \n")
    text = re.sub(r"(</?(?:ul|ol|li|blockquote|pre|h[1-6])\b[^>]*>|<hr />|</code>)", r"\n\1\n", text)
    lines = (line.strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    spec = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").replace("→", "\t")
    examples = EXAMPLE.findall(spec.split("<!-- END TESTS -->")[0])
    asked = "".join(f"{len(source.encode())}\n{source}" for source, _ in examples)
    run = subprocess.run([DUMP, "markdown"], input=asked.encode(), capture_output=True, check=True)
    answers = run.stdout.decode().split("\x1e")
    passed = failed = 0
    for number, ((source, expected), answer) in enumerate(zip(examples, answers, strict=False), 1):
        verdict, _, ours = answer.partition("\n")
        problems = []
        if verdict != "same":
            problems.append(f"rendering changes the tree: {verdict}")
        if normal(ours) != normal(expected):
            problems.append(f"expected\n{normal(expected)}\nfound\n{normal(ours)}")
        if problems:
            failed += 1
            print(f"example {number}: {source!r}", *problems, sep="\n", end="\n\n")
        else:
            passed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0 or passed == 0)


if __name__ == "__main__":
    main()
