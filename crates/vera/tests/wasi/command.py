"""command.py COMPONENT DIRECTORY|-: runs a command with arguments, input, and a directory or none."""
import sys

import wasmtime
from wasmtime import component

config = wasmtime.Config()
config.wasm_component_model = True
config.wasm_tail_call = True
engine = wasmtime.Engine(config)
store = wasmtime.Store(engine)
wasi = wasmtime.WasiConfig()
wasi.inherit_stdin()
wasi.inherit_stdout()
wasi.inherit_stderr()
wasi.argv = ["program"]
wasi.env = [("PLACE", "here")]
if sys.argv[2] != "-":
    wasi.preopen_dir(sys.argv[2], "/")
store.set_wasi(wasi)
linker = component.Linker(engine)
linker.add_wasip2()
if hasattr(linker, "add_wasi_http"):
    linker.add_wasi_http()
loaded = component.Component.from_file(engine, sys.argv[1])
try:
    instance = linker.instantiate(store, loaded)
except wasmtime.WasmtimeError:
    # The package offers no `wasi:http`.
    linker.define_unknown_imports_as_traps(loaded)
    instance = linker.instantiate(store, loaded)
print("main", instance.get_func(store, "main")(store))
