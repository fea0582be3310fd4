#!/usr/bin/env python3
"""Compares the core library with another `vera` command, as a black box.

    cargo build -p vera
    scripts/compare_library.py --reference /path/to/vera [--only TEXT] [--verbose]

The cases are in `library_cases.txt` beside this file, one call each:

    TYPE ; EXPRESSION               the same output and exit status from both
    TYPE ; EXPRESSION ;; REASON     a difference the language reference asks for
    decl TEXT                       a declaration for all cases below

A case becomes a function that binds the value and prints it with `show`. Cases
are run in batches; a batch with a difference is run again one case at a time.
Values of which the reference cannot `show` the type are hashed or taken apart
by the case itself. A difference with a reason that has gone away is an error,
too, so that the list stays true.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CASES = pathlib.Path(__file__).resolve().parent / "library_cases.txt"
OURS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "debug" / "vera"
BATCH = 20
LIMIT = 300


class Case:
    """One call."""

    def __init__(self, line, number, declarations):
        body, _, reason = line.partition(" ;; ")
        self.type, _, self.expression = (part.strip() for part in body.partition(" ; "))
        self.reason = reason.strip()
        self.number = number
        self.declarations = declarations

    def function(self, name):
        effects = "<Async>" if "await" in self.expression else "pure"
        head = f"private fn {name}(@Unit -> @String)\n  requires(true)\n  ensures(true)\n"
        body = f"  let @{self.type} = {self.expression};\n  show(@{self.type}.0)\n"
        return f"{head}  effects({effects})\n{{\n{body}}}\n\n"


def read_cases():
    cases, declarations = [], ""
    for number, line in enumerate(CASES.read_text().splitlines(), 1):
        if line.startswith("decl "):
            declarations += line.removeprefix("decl ").replace("\\n", "\n") + "\n\n"
        elif line.strip() and not line.startswith("#"):
            cases.append(Case(line, number, declarations))
    return cases


def program(cases):
    """Prints the value of each case on a line."""
    functions = "".join(case.function(f"case{i}") for i, case in enumerate(cases))
    prints = "".join(f'  IO.print(case{i}(()));\n  IO.print("\\n");\n' for i in range(len(cases)))
    main = "public fn main(@Unit -> @Unit)\n  requires(true)\n  ensures(true)\n"
    return f"{cases[0].declarations}{functions}{main}  effects(<IO, Async>)\n{{\n{prints}  ()\n}}\n"


def outcome(vera, source):
    """Exit status, output and the errors: a trap's kind and message, or codes."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory) / "case.vera"
        file.write_text(source)
        command = [vera, "run", "--json", str(file)]
        try:
            run = subprocess.run(command, capture_output=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return None, f"not finished after {LIMIT} seconds"
    return run.returncode, summary(run.stdout)


def summary(text):
    """What of a JSON report must agree."""
    try:
        report = json.loads(text)
    except ValueError:
        return text
    errors = [d for d in report.get("diagnostics", []) if d.get("severity") == "error"]
    traps = [(d["trap_kind"], d["description"]) for d in errors if "trap_kind" in d]
    codes = sorted(d["error_code"] for d in errors if d.get("error_code"))
    return report.get("stdout"), traps, codes


def compare(arguments, cases):
    source = program(cases)
    return [outcome(command, source) for command in (arguments.reference, str(OURS))]


def single(arguments, case):
    reference, ours = compare(arguments, [case])
    same = reference == ours
    if same and not case.reason:
        return None
    where = f"{CASES.name}:{case.number}: {case.expression}"
    if same:
        return f"{where}\n  agrees now, although: {case.reason}"
    if case.reason:
        return f"{where}\n  licensed: {case.reason}\n  {reference} / {ours}" if arguments.verbose else None
    return f"{where}\n  reference {reference}\n  ours      {ours}"


def batch(arguments, cases):
    if all(not case.reason for case in cases):
        reference, ours = compare(arguments, cases)
        if reference == ours and reference[0] == 0:
            return []
    reports = [single(arguments, case) for case in cases]
    return [report for report in reports if report]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--only", default="", help="cases that contain this text")
    parser.add_argument("--verbose", action="store_true", help="show licensed differences, too")
    arguments = parser.parse_args()

    cases = [case for case in read_cases() if arguments.only in case.expression]
    # A trap ends a program, so a case with a reason runs alone.
    plain = [case for case in cases if not case.reason]
    batches = [plain[i : i + BATCH] for i in range(0, len(plain), BATCH)]
    batches += [[case] for case in cases if case.reason]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        count = 0
        for found in pool.map(lambda b: batch(arguments, b), batches):
            count += len(found)
            for report in found:
                print(report, flush=True)
    print(f"{len(cases)} cases, {count} reports")
    sys.exit(bool(count))


if __name__ == "__main__":
    main()
