#!/usr/bin/env python3
"""Compares the verdicts of this `vera verify` with those of an older `vera`.

Usage: compare_verify.py OLDER OURS FILE...

Obligations are matched by kind and place. Reported: what the older prover proves
and ours does not (these fail the run), errors only one of them reports, and
runtimes. Results of the older tool are kept in $VERA_COMPARE_CACHE, if set.
"""

import collections
import hashlib
import json
import os
import subprocess
import sys
import time


def run(tool, path, extra=()):
    start = time.time()
    try:
        done = subprocess.run(
            [tool, "verify", "--json", *extra, path], capture_output=True, text=True, timeout=120
        )
        result = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, json.JSONDecodeError):
        result = None
    return result, time.time() - start


def older(tool, path):
    store = os.environ.get("VERA_COMPARE_CACHE")
    if not store:
        return run(tool, path, ("--no-reconcile",))
    with open(path, "rb") as file:
        name = hashlib.sha256(file.read() + path.encode()).hexdigest()
    kept = os.path.join(store, name)
    if os.path.exists(kept):
        with open(kept) as file:
            return tuple(json.load(file))
    result = run(tool, path, ("--no-reconcile",))
    os.makedirs(store, exist_ok=True)
    with open(kept, "w") as file:
        json.dump(result, file)
    return result


def statuses(result):
    out = collections.defaultdict(list)
    for o in result.get("obligations", []):
        place = o["location"]
        out[o["kind"], place["line"], place["column"]].append(o["status"])
    return out


def compare(path, old, new):
    worse, other = [], []
    ours = statuses(new)
    for key, wanted in statuses(old).items():
        got = ours.pop(key, None)
        if got is None:
            # A proved obligation may not have been stated at all.
            other.append((key, wanted, None))
        elif wanted.count("verified") > got.count("verified"):
            worse.append((key, wanted, got))
        elif wanted.count("violated") != got.count("violated"):
            other.append((key, wanted, got))
    for key, got in ours.items():
        if "violated" in got:
            other.append((key, None, got))
    for label, rows in (("WEAKER", worse), ("differs", other)):
        for (kind, line, column), wanted, got in rows:
            print(f"{label}: {path}:{line}:{column} {kind}: older {wanted}, ours {got}")
    return len(worse)


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    tool, ours = sys.argv[1:3]
    weaker = files = 0
    spent = [0.0, 0.0]
    for path in sys.argv[3:]:
        old, old_time = older(tool, path)
        if old is None or "obligations" not in old:
            continue
        new, new_time = run(ours, path, ("--no-reconcile",))
        if new is None:
            print(f"WEAKER: {path}: no result")
            weaker += 1
            continue
        if "obligations" not in new:
            print(f"refused: {path}: {new['diagnostics'][0]['description'].splitlines()[0]}")
            continue
        files += 1
        spent[0] += old_time
        spent[1] += new_time
        weaker += compare(path, old, new)
    print(f"{files} files, {weaker} weaker; older {spent[0]:.1f} s, ours {spent[1]:.1f} s")
    sys.exit(1 if weaker else 0)


if __name__ == "__main__":
    main()
