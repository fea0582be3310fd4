#!/usr/bin/env python3
"""Compares our regular expressions with Python's `re` on random cases.

    python3 scripts/compare_regex.py N SEED

Matches, replacements and the texts of errors must agree. Left out of the cases is
what differs on purpose: `\\p{…}`, `(?<name>…)`, `\\N{…}`, `(?t)`, numbers of
groups that are not plain digits. A difference is printed; the exit code is 1.
Skipped are cases where Python fails: with more than a second of time, with a
SystemError ("please report a bug for the re module"), with a C integer that is
too small, and ranges beyond U+FFFF under `(?ai)`, which it folds as without `a`.
"""
import random
import re
import signal
import subprocess
import sys
import warnings

warnings.simplefilter("ignore")
ATOMS = list("abcAB10 _-\n") + ["é", "É", "ß", "k", "\u212a", "ſ", "s", "٣", "日", "😀", "µ", "Σ", "ς"]
TEXT = "aaabbbccAB10 _-\néÉßkK\u212aſsS٣日😀µμσς@"
ESCAPES = [r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\n", r"\t", r"\x61", r"\u00e9", r"\U0001f600",
           r"\.", r"\141", r"\0", r"\07", r"\-", r"\]", r"\é"]
ANCHORS = ["^", "$", r"\A", r"\Z", r"\b", r"\B"]
QUANTS = ["*", "+", "?", "{2}", "{1,2}", "{,2}", "{1,}", "{0}", "{0,3}", "{,}"]
JUNK = list("()[]{}*+?|^$.\\<>=!:#-,&0123456789aPinxzgkqZ'\"\n é") + [
    "(?", "(?P<", "(?P=", "(?(", "(?i", "(?-", "(?<=", "(?<!", "(?>", "(?#", "(?:", "{1,", "\\x", "\\u", "\\1",
    "[^", "[a-", "(?P<n>", "(?(1)", "(?(n)", "(?i:", "(?i)", "(?x)", "(?a)", "(?u)", "(?L)", "\\4", "\\8"]


class Maker:
    def __init__(self, rng):
        self.rng = rng
        self.opened = 0
        self.closed = []
        self.names = []

    def cls(self):
        r = self.rng
        out = "[" + ("^" if r.random() < .3 else "")
        for _ in range(r.randint(1, 3)):
            k = r.random()
            if k < .3:
                a, b = sorted((r.choice(ATOMS[:6] + ATOMS[11:]), r.choice(ATOMS[:6] + ATOMS[11:])))
                out += a + "-" + b
            elif k < .5:
                out += r.choice(ESCAPES)
            else:
                out += r.choice([a for a in ATOMS if a != "-"])
        return out + "]"

    def atom(self, depth):
        r = self.rng
        k = r.random()
        if depth <= 0 or k < .4:
            return r.choice(ATOMS[:6]) if r.random() < .7 else re.escape(r.choice(ATOMS))
        if k < .5:
            return self.cls()
        if k < .57:
            return r.choice(ESCAPES)
        if k < .61:
            return "."
        if k < .66:
            return r.choice(ANCHORS)
        if k < .71 and self.closed:
            g = r.choice(self.closed)
            if isinstance(g, str):
                return "(?P=%s)" % g
            return "\\%d" % g
        if k < .74 and self.closed:
            g = r.choice(self.closed)
            return "(?(%s)%s%s)" % (g, self.seq(depth - 1), "|" + self.seq(depth - 1) if r.random() < .6 else "")
        if k < .86:
            self.opened += 1
            me = self.opened
            if r.random() < .2:
                name = "n%d" % me
                out = "(?P<%s>%s)" % (name, self.alt(depth - 1))
                self.closed.append(name)
                self.names.append(name)
                return out
            out = "(%s)" % self.alt(depth - 1)
            self.closed.append(me)
            return out
        if k < .92:
            return "(?:%s)" % self.alt(depth - 1)
        if k < .94:
            return "(?%s:%s)" % (r.choice(["i", "s", "m", "-i", "i-s", "x", "a", "u", "ai", "s-i"]), self.alt(depth - 1))
        if k < .955:
            return "(?>%s)" % self.alt(depth - 1)
        if k < .98:
            return "(?%s%s)" % (r.choice("=!"), self.alt(depth - 1))
        body = "".join(r.choice(ATOMS[:6] + [r"\w", ".", "[ab]"]) for _ in range(r.randint(0, 2)))
        return "(?<%s%s)" % (r.choice("=!"), body if r.random() < .9 else self.alt(depth - 1))

    def seq(self, depth):
        r = self.rng
        out = ""
        for _ in range(r.choice([0, 1, 1, 2, 2, 3])):
            out += self.atom(depth)
            if r.random() < .35:
                out += r.choice(QUANTS) + r.choice(["", "", "", "?", "+"])
        return out

    def alt(self, depth):
        return "|".join(self.seq(depth) for _ in range(self.rng.choice([1, 1, 2, 3])))


def case(rng):
    m = Maker(rng)
    pattern = m.alt(rng.randint(1, 4))
    if rng.random() < .3:
        pattern = "(?%s)" % "".join(rng.sample("imsx", rng.randint(1, 2))) + pattern
    elif rng.random() < .1:
        pattern = "(?%s)" % rng.choice(["a", "ai", "u"]) + pattern
    if rng.random() < .25:
        for _ in range(rng.randint(1, 2)):
            at = rng.randint(0, len(pattern))
            pattern = pattern[:at] + rng.choice(JUNK) + pattern[at + rng.randint(0, 2):]
    text = "".join(rng.choice(TEXT) for _ in range(rng.choice([0, 1, 2, 3, 5, 8, 12, 20])))
    if rng.random() < .1:
        text += "\n"
    parts = ["x", "\\1", "\\g<1>", "\\g<0>", "\\g<n1>", "\\n", "\\\\", "$1", "&", "\\2", "é", "\\0", "\\101", "\\-"]
    template = "".join(rng.choice(parts) for _ in range(rng.randint(0, 3)))
    if rng.random() < .2:
        template += rng.choice(["\\q", "\\", "\\g", "\\g<", "\\g<>", "\\g<zz>", "\\g<9>", "\\g<a b>", "\\99", "\\400",
                                "\\g<1", "\\8", "\\k", "\\g<é>", "\\g<-1>"])
    return pattern, text, template


LEFT_OUT = re.compile(r"\(\?<[^=!]|\\[pPN]\{?|\(\?[imsxau-]*t|\(\?\((?![a-zA-Z0-9_é]+\))")


class TooLong(Exception):
    pass


def late(*_):
    raise TooLong


def message(error):
    text = str(error)
    if isinstance(error, IndexError) and text.startswith("unknown group name"):
        return "invalid regex: " + text + " at position"
    return "invalid regex: " + text


def python(pattern, text, template):
    try:
        regex = re.compile(pattern)
    except (re.error, ValueError, OverflowError) as error:
        if "too large to convert" in str(error):
            raise TooLong
        return "bad", message(error)
    offsets = [0]
    for c in text:
        offsets.append(offsets[-1] + len(c.encode()))
    signal.setitimer(signal.ITIMER_REAL, 1)
    try:
        spans = "." + "".join("%d-%d," % (offsets[m.start()], offsets[m.end()]) for m in regex.finditer(text))
        try:
            re._parser.parse_template(template, regex)
            replaced = "." + regex.sub(template, text, count=1)
        except (re.error, IndexError, ValueError) as error:
            replaced = "!" + message(error)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return "ok", spans, replaced


def main():
    n, seed = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    subprocess.run(["cargo", "build", "-q", "--release", "-p", "vera-data", "--example", "regex_lines"], check=True)
    meta = subprocess.run(["cargo", "metadata", "--format-version", "1", "--no-deps"], check=True, capture_output=True)
    import json
    target = json.loads(meta.stdout)["target_directory"]
    signal.signal(signal.SIGALRM, late)
    cases = []
    while len(cases) < n:
        c = case(rng)
        if not LEFT_OUT.search(c[0]) and not ("-\U0001f600" in c[0] and re.search(r"\(\?\w*a", c[0])):
            cases.append(c)
    lines = "".join(" ".join("." + s.encode().hex() for s in c) + "\n" for c in cases)
    ours = subprocess.run([target + "/release/examples/regex_lines"], input=lines.encode(), capture_output=True)
    sys.stderr.write(ours.stderr.decode())
    ours = ours.stdout.decode().splitlines()
    bad = good = skipped = 0
    if len(ours) != n:
        print("stopped at", ascii(cases[len(ours)]))
        bad = 1
    for c, answer in zip(cases, ours):
        try:
            want = python(*c)
        except (TooLong, RecursionError, SystemError):
            skipped += 1
            continue
        good += want[0] == "ok"
        answer = answer.split(" ")
        if answer[0] == "bad":
            got = "bad", bytes.fromhex(answer[1]).decode()
        else:
            decode = lambda s: s[0] + bytes.fromhex(s[1:]).decode() if s[0] == "!" or s is answer[2] else s
            got = "ok", decode(answer[1]), decode(answer[2])
        same = got == want or len(want) == 3 and want[2].endswith("at position") and got[:2] == want[:2] and got[2].startswith(want[2])
        if not same:
            bad += 1
            if bad <= 40:
                print(*map(ascii, c), "\n   python", ascii(want), "\n   ours  ", ascii(got))
    print(f"{n} cases, {good} good patterns, {skipped} skipped, {bad} differ")
    sys.exit(bad > 0)


main()
