import assert from "node:assert/strict";
import { test } from "node:test";
import { commandLine, parameters } from "../src/commands";
import { Lens, statusAt } from "../src/status";

test("words that a shell would change are quoted", () => {
  assert.equal(commandLine("vera", "verify", "/p/a.vera"), "vera verify /p/a.vera");
  assert.equal(commandLine("vera", "test", "/p q/a'b.vera", "f"), `vera test '/p q/a'\\''b.vera' --fn f`);
});

test("parameters are old ones by number and new ones by type", () => {
  assert.deepEqual(parameters("1, 0, Int = 7"), [
    { from: 1 },
    { from: 0 },
    { from: null, type: "Int", argument: "7" },
  ]);
  assert.deepEqual(parameters("@Map<Int, Bool> = f(1, 2), 0"), [
    { from: null, type: "Map<Int, Bool>", argument: "f(1, 2)" },
    { from: 0 },
  ]);
  assert.deepEqual(parameters(""), []);
  assert.deepEqual(parameters("Int"), [{ from: null, type: "Int" }]);
});

test("the status is that of the function around the cursor", () => {
  const of = (line: number, title: string, name: string): Lens[] => [
    { line, title, command: "", name: "" },
    { line, title: "verify", command: "vera.verify", name },
  ];
  const lenses = [...of(3, "proved", "f"), ...of(12, "not proved", "g")];
  assert.equal(statusAt(lenses, 2), undefined);
  assert.equal(statusAt(lenses, 5), "$(verified-filled) f: proved");
  assert.equal(statusAt(lenses, 12), "$(error) g: not proved");
});
