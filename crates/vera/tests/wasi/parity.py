"""Runs many components under the PyPI package `wasmtime` and says how each ends.

parity.py DIRECTORY: reads tests.json there and prints a list, in the same order, of
{"stdout", "stderr", "end"}; "end" is "ok", "exit" for a failure, or the engine's words.
"""
import json
import os
import sys
import tempfile
import threading

import wasmtime
from wasmtime import component

# As much as the package lets a program have.
STACK = 2 << 20
DIR = sys.argv[1]


def engine():
    config = wasmtime.Config()
    config.wasm_component_model = True
    config.wasm_tail_call = True
    # Each component runs once.
    config.cranelift_opt_level = "none"
    config.max_wasm_stack = STACK
    return wasmtime.Engine(config)


def read(path):
    with open(path, "rb") as file:
        return file.read().decode("utf-8", "replace")


def run(engine, linker, test, scratch):
    paths = {name: os.path.join(scratch, name) for name in ("stdin", "stdout", "stderr", "files")}
    with open(paths["stdin"], "w", newline="") as file:
        file.write(test["stdin"])
    os.makedirs(paths["files"], exist_ok=True)
    store = wasmtime.Store(engine)
    wasi = wasmtime.WasiConfig()
    wasi.stdin_file = paths["stdin"]
    wasi.stdout_file = paths["stdout"]
    wasi.stderr_file = paths["stderr"]
    wasi.argv = ["program"] + test["words"]
    wasi.preopen_dir(paths["files"], "/")
    store.set_wasi(wasi)
    end = "ok"
    try:
        loaded = component.Component.from_file(engine, os.path.join(DIR, test["module"]))
        instance = linker.instantiate(store, loaded)
        interface = instance.get_export_index(store, "wasi:cli/run@0.2.0")
        start = instance.get_func(store, instance.get_export_index(store, "run", interface))
        result = start(store)
        end = result.tag if hasattr(result, "tag") else "ok"
    except wasmtime.ExitTrap as trap:
        end = "exit" if trap.code != 0 else "ok"
    except (wasmtime.Trap, wasmtime.WasmtimeError) as error:
        end = "exit" if "exit status 1" in str(error) else str(error)
    del store, wasi
    return {"stdout": read(paths["stdout"]), "stderr": read(paths["stderr"]), "end": end}


def main():
    with open(os.path.join(DIR, "tests.json")) as file:
        tests = json.load(file)
    shared = engine()
    linker = component.Linker(shared)
    linker.add_wasip2()
    ends = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, test in enumerate(tests):
            own = os.path.join(scratch, str(number))
            os.makedirs(own)
            ends.append(run(shared, linker, test, own))
    json.dump(ends, sys.stdout)


threading.stack_size(STACK + (64 << 20))
thread = threading.Thread(target=main)
thread.start()
thread.join()
