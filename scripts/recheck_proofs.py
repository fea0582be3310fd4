#!/usr/bin/env python3
"""Checks proofs with a second solver; meant for a nightly run.

Usage: recheck_proofs.py [--jobs N] [--seconds S] VERA [FILE...]

Without files: every program of examples/ and tests/conformance/. Dumps the queries
of each program and asks the `z3` and `cvc5` programs, S seconds each (2). Where one
finds that an obligation holds, the other must not find that it fails. Queries that
programs share are asked once. Exit status 1 when solvers disagree.
"""

import argparse
import concurrent.futures
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent


def solvers(seconds):
    return {
        "z3": ["z3", f"-T:{seconds}"],
        "cvc5": ["cvc5", "--lang=smt2", "--strings-exp", f"--tlimit={1000 * seconds}"],
    }


def answer(command, path):
    done = subprocess.run([*command, path], capture_output=True, text=True)
    words = (done.stdout + done.stderr).split()
    return words[0] if words and words[0] in ("sat", "unsat") else "unknown"


def dumped(vera, program, directory):
    """The queries of a program; programs that are refused have none."""
    command = [vera, "verify", "--quiet", "--no-reconcile", "--dump-smt", directory, program]
    try:
        subprocess.run(command, capture_output=True, timeout=120)
    except subprocess.TimeoutExpired:
        print(f"{program}: not verified in time")
    return sorted(pathlib.Path(directory).glob("*.smt2"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("vera")
    parser.add_argument("files", nargs="*")
    args = parser.parse_args()
    commands = solvers(args.seconds)
    for name in commands:
        if not shutil.which(name):
            sys.exit(f"the program `{name}` is not installed")
    programs = args.files or sorted(
        str(p) for d in ("examples", "tests/conformance") for p in (ROOT / d).glob("*.vera")
    )
    seen, queries = set(), []
    same = undecided = different = 0
    with tempfile.TemporaryDirectory() as directory:
        for number, program in enumerate(programs):
            target = os.path.join(directory, str(number))
            for path in dumped(args.vera, program, target):
                digest = hashlib.sha256(path.read_bytes()).digest()
                if digest not in seen:
                    seen.add(digest)
                    queries.append((program, path))

        def both(query):
            return [answer(command, query[1]) for command in commands.values()]

        with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
            for (program, path), found in zip(queries, pool.map(both, queries)):
                if "unknown" in found:
                    undecided += 1
                elif len(set(found)) == 1:
                    same += 1
                else:
                    different += 1
                    verdicts = ", ".join(f"{n} {a}" for n, a in zip(commands, found))
                    print(f"{program}: {path.name}: {verdicts}")
    print(
        f"{len(programs)} programs, {len(queries)} queries: {same} agree, "
        f"{different} disagree, {undecided} not decided by both"
    )
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
