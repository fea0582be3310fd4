// Runs many programs and says where one does not end as it does natively. Used under
// Node and in a page.

const DEPTH = 60;

/** A value in the form of `common/compiled.rs`. */
function plain(value, depth = 0) {
  if (depth > DEPTH) return "deep";
  const all = (values) => [...values].map((value) => plain(value, depth + 1));
  if (value === undefined) return null;
  if (typeof value === "bigint") return { int: value.toString() };
  if (typeof value === "number") {
    if (Number.isNaN(value)) return { number: "NaN" };
    return { number: new BigUint64Array(new Float64Array([value]).buffer)[0].toString() };
  }
  if (value instanceof Uint8Array) return { bytes: [...value] };
  if (Array.isArray(value)) return all(value);
  if (value instanceof Set) return { set: all(value) };
  if (value instanceof Map) return { keys: all(value.keys()), values: all(value.values()) };
  if (typeof value === "object") return { tag: value.tag, fields: all(value.fields) };
  return value;
}

/** The value that stands in that form. */
function given(value) {
  if (Array.isArray(value)) return value.map(given);
  if (value === null || typeof value !== "object") return value ?? undefined;
  if ("int" in value) return BigInt(value.int);
  if ("number" in value) return value.number === "NaN" ? NaN : new Float64Array(new BigUint64Array([BigInt(value.number)]).buffer)[0];
  if ("bytes" in value) return new Uint8Array(value.bytes);
  if ("set" in value) return new Set(value.set.map(given));
  if ("keys" in value) return new Map(value.keys.map((key, i) => [given(key), given(value.values[i])]));
  return { tag: value.tag, fields: value.fields.map(given) };
}

async function ended(runtime, module, test, way) {
  const instance = await runtime.instantiate(module, { stdin: test.stdin, args: test.words, env: {}, files: {} });
  const end = { stdout: "", stderr: "", value: null, exit: null, trap: null };
  try {
    end.value = plain(await instance[way](test.function, ...test.args.map(given)));
    end.exit = instance.getExitCode();
  } catch (error) {
    end.trap = { kind: error.kind ?? "none", message: error.message, fix: error.fix };
  }
  end.stdout = instance.getStdout();
  end.stderr = instance.getStderr();
  return end;
}

/** How each test ended that did not end as expected, and how many programs ran. */
export async function compare(runtime, tests, load, way) {
  const wrong = [];
  for (const test of tests) {
    let end;
    try {
      end = await ended(runtime, await load(test.module), test, way);
    } catch (error) {
      end = { failed: String(error?.stack ?? error) };
    }
    const [wanted, found] = [JSON.stringify(test.expected), JSON.stringify(end)];
    if (wanted !== found) wrong.push({ name: test.name, wanted: test.expected, found: end });
  }
  return { compared: tests.length, wrong };
}
