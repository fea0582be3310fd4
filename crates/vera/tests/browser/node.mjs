// node node.mjs DIRECTORY WAY: the tests of `DIRECTORY/tests.json` under Node, with a
// stack as deep as the native host's.
import { readFile } from "node:fs/promises";
import { Worker, isMainThread, parentPort, workerData } from "node:worker_threads";

if (isMainThread) {
  const [dir, way] = process.argv.slice(2);
  const worker = new Worker(new URL(import.meta.url), { workerData: { dir, way }, resourceLimits: { stackSizeMb: 256 } });
  worker.on("message", (report) => console.log(JSON.stringify(report)));
} else {
  const { dir, way } = workerData;
  const runtime = await import(`${dir}/runtime.mjs`);
  const { compare } = await import(new URL("./parity.mjs", import.meta.url));
  const tests = JSON.parse(await readFile(`${dir}/tests.json`, "utf8"));
  parentPort.postMessage(await compare(runtime, tests, (name) => readFile(`${dir}/${name}`), way));
}
