#!/usr/bin/env python3
"""Checks proofs with a second solver.

Usage: recheck_proofs.py VERA FILE...

Dumps the queries of each program. Where z3 finds that an obligation holds, cvc5 must
not find that it fails, nor the other way round. Needs the `z3` and `cvc5` programs.
Exit status 1 when they disagree.
"""

import os
import subprocess
import sys
import tempfile

SOLVERS = {
    "z3": ["z3", "-T:2"],
    "cvc5": ["cvc5", "--lang=smt2", "--strings-exp", "--tlimit=2000"],
}


def answer(solver, path):
    done = subprocess.run([*SOLVERS[solver], path], capture_output=True, text=True)
    words = (done.stdout + done.stderr).split()
    return words[0] if words and words[0] in ("sat", "unsat") else "unknown"


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    same = undecided = different = 0
    for program in sys.argv[2:]:
        with tempfile.TemporaryDirectory() as directory:
            command = [sys.argv[1], "verify", "--quiet", "--no-reconcile", "--dump-smt", directory, program]
            subprocess.run(command, capture_output=True)
            for name in sorted(os.listdir(directory)):
                path = os.path.join(directory, name)
                z3, cvc5 = (answer(solver, path) for solver in SOLVERS)
                if "unknown" in (z3, cvc5):
                    undecided += 1
                elif z3 == cvc5:
                    same += 1
                else:
                    different += 1
                    print(f"{program}: {name}: z3 {z3}, cvc5 {cvc5}")
    print(f"{same} agree, {different} disagree, {undecided} not decided by both")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
