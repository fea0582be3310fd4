"""A host that knows a module by its sidecar alone: host.py MODULE SIDECAR."""
import json
import struct
import sys
from collections import deque

import wasmtime

PACKED = {"Unit": "x", "Byte": "B", "Bool": "?", "Int": "q", "Nat": "q", "Float64": "d"}


class Trapped(Exception):
    pass


class Program:
    def __init__(self, module, sidecar):
        with open(sidecar) as file:
            self.interface = json.load(file)
        self.to, self.back, self.pending, self.ended = deque(), deque(), b"", ""
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        code = wasmtime.Module.from_file(engine, module)
        linker = wasmtime.Linker(engine)
        own = {
            "put_word": self.back.append,
            "put_float": self.back.append,
            "put_bytes": lambda at, length: self.back.append(self.read(at, length)),
            "take_word": self.to.popleft,
            "take_float": self.to.popleft,
            "take_bytes": self.take_bytes,
            "result_len": lambda: len(self.pending),
            "result_copy": self.copy,
            "hash_key": lambda: 42,
            "arguments_admitted": lambda: None,
            "trap": self.trap,
        }
        for import_ in code.imports:
            func = own.get(import_.name, self.missing(import_.name))
            linker.define_func("vera", import_.name, import_.type, func)
        self.exports = linker.instantiate(self.store, code).exports(self.store)

    @staticmethod
    def missing(name):
        def func(*_):
            raise Trapped(f"this host has no {name}")
        return func

    def read(self, at, length):
        return bytes(self.exports["vera.memory"].read(self.store, at, at + length))

    def take_bytes(self):
        self.pending = self.to.popleft()

    def copy(self, at):
        self.exports["vera.memory"].write(self.store, self.pending, at)

    def trap(self, _kind, at, length):
        self.ended = self.read(at, length).decode()
        raise Trapped(self.ended)

    def compound(self, ty):
        return self.interface["types"][ty] if isinstance(ty, int) else None

    def packed(self, ty):
        compound = self.compound(ty)
        if compound:
            return "I" if compound["kind"] == "enum" else None
        return PACKED.get(ty)

    def is_inline(self, ty):
        compound = self.compound(ty)
        if compound is None or compound["kind"] == "enum":
            return True
        return compound["kind"] == "array" and self.packed(compound["element"]) is not None

    # To the program: each node after those below it.
    def send(self, ty, value):
        if self.is_inline(ty):
            return self.inline(ty, value)
        nodes, work = [], [(ty, value)]
        while work:
            ty, value = work.pop()
            number, fields = self.parts(ty, value)
            parts = [(ty << 32) | number]
            for field in fields:
                if self.is_inline(field[0]):
                    parts += self.inline(*field)
                else:
                    work.append(field)
            nodes.append(parts)
        return [len(nodes)] + [part for node in reversed(nodes) for part in node]

    def parts(self, ty, value):
        compound = self.compound(ty)
        kind = compound["kind"]
        if kind == "array":
            return len(value), [(compound["element"], v) for v in value]
        if kind == "set":
            return 0, [(compound["elements"], list(value))]
        if kind == "map":
            return 0, [(compound["keys"], list(value)), (compound["values"], list(value.values()))]
        if kind == "tuple":
            return 0, list(zip(compound["parts"], value))
        names = [c["name"] for c in compound["constructors"]]
        number = names.index(value["tag"])
        return number, list(zip(compound["constructors"][number]["fields"], value["fields"]))

    def inline(self, ty, value):
        if ty == "Unit":
            return []
        if ty in ("String", "Decimal"):
            return [value.encode()]
        compound = self.compound(ty)
        if compound and compound["kind"] == "enum":
            return [[c["name"] for c in compound["constructors"]].index(value["tag"])]
        if compound:
            element = compound["element"]
            return [struct.pack(f"<{len(value)}{self.packed(element)}", *value)]
        return [value]

    # From the program: each node before those below it, so recursion is at hand.
    def receive(self, ty):
        if ty == "Unit":
            return None
        part = self.back.popleft()
        compound = self.compound(ty)
        if compound is None:
            return part.decode() if isinstance(part, bytes) else part
        if compound["kind"] == "enum":
            return {"tag": compound["constructors"][part]["name"], "fields": []}
        if self.is_inline(ty):
            form = self.packed(compound["element"])
            return list(struct.unpack(f"<{len(part) // struct.calcsize(form)}{form}", part))
        kind = compound["kind"]
        if kind == "array":
            return self.fields([compound["element"]] * part)
        if kind == "set":
            return self.fields([compound["elements"]])[0]
        if kind == "map":
            return dict(zip(*self.fields([compound["keys"], compound["values"]])))
        if kind == "tuple":
            return tuple(self.fields(compound["parts"]))
        constructor = compound["constructors"][part]
        return {"tag": constructor["name"], "fields": self.fields(constructor["fields"])}

    def fields(self, types):
        """The inline fields stand with the node, the others behind it."""
        values = {i: self.receive(ty) for i, ty in enumerate(types) if self.is_inline(ty)}
        values.update({i: self.receive(ty) for i, ty in enumerate(types) if not self.is_inline(ty)})
        return [values[i] for i in range(len(types))]

    def call(self, name, *args):
        function = next(f for f in self.interface["functions"] if f["name"] == name)
        export = self.exports[function["export"]]
        params = [ty for ty in function["params"] if ty != "Unit"]
        try:
            if function["in_parts"]:
                for ty, value in zip(params, args):
                    self.to.extend(self.send(ty, value))
                export(self.store)
                return self.receive(function["result"])
            given = []
            for ty, value in zip(params, args):
                if ty == "String":
                    text = value.encode()
                    at = self.exports["vera.alloc"](self.store, len(text))
                    self.exports["vera.memory"].write(self.store, text, at)
                    given += [at, len(text)]
                else:
                    given.append(value)
            result = export(self.store, *given)
            return self.read(*result).decode() if function["result"] == "String" else result
        except Trapped:
            return self.ended


def main():
    program = Program(*sys.argv[1:])
    green = {"tag": "Green", "fields": []}
    shape = {"tag": "Named", "fields": ["x", [{"tag": "Circle", "fields": [1.5, green]}]]}
    some = [{"tag": "Some", "fields": [5]}, {"tag": "None", "fields": []}]
    for name, args in [
        ("add", (2, 40)),
        ("greet", ("Ada",)),
        ("same", (some,)),
        ("shape", (shape,)),
        ("counts", ({"a": 1}, [3])),
        ("half", (6, 0)),
    ]:
        print(f"{name}: {program.call(name, *args)}")


main()
