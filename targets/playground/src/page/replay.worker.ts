// The thread of counterexamples: ended from outside where a call takes too long.

import { type Made, type Order, play } from "../compiler/play.ts";

const scope = globalThis as unknown as { onmessage: unknown; postMessage(made: Made | "done"): void };

scope.onmessage = async ({ data }: { data: Order }) => {
  await play(data, (made) => scope.postMessage(made));
  scope.postMessage("done");
};
