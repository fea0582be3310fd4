// A program's `handle` as what answers requests of a page: for service workers, and for
// hosts that serve with `fetch` handlers.

import type { Instance } from "./instance.ts";
import type { Data, Value } from "./values.ts";

/** The status of an answer that no program gave. */
const FAILED = 500;

/**
 * A function from requests to responses.
 *
 * ```js
 * addEventListener("fetch", (event) => event.respondWith(answer(event.request)));
 * ```
 */
export function fetchHandler(instance: Instance, name = "handle"): (request: Request) => Promise<Response> {
  return async (request) => {
    const url = new URL(request.url);
    // As `vera serve`, names are in small letters, and values of the same name joined.
    const headers = new Map<string, string>();
    request.headers.forEach((value, name) => headers.set(name, value));
    const takesBytes = instance.getSignature(name).params[0] === "BytesRequest";
    const body: Value = takesBytes ? new Uint8Array(await request.arrayBuffer()) : await request.text();
    const tag = takesBytes ? "BytesRequest" : "Request";
    try {
      const answer = await instance.callAsync(name, { tag, fields: [request.method, url.pathname + url.search, headers, body] });
      if (answer === undefined) return failure("host_error", "the handler called IO.exit");
      return response(request.method, answer as Data);
    } catch (error) {
      const { kind = "host_error", message } = error as { kind?: string; message: string };
      return failure(kind, message);
    }
  };
}

function response(method: string, { fields }: Data): Response {
  const [status, headers, body] = fields as [bigint, Map<string, string>, string | Uint8Array];
  if (status < 200n || status > 599n) return failure("host_error", `the status ${status} is not legal`);
  const bodiless = method === "HEAD" || status === 204n || status === 304n;
  try {
    const given = [...headers].filter(([name]) => name.toLowerCase() !== "content-length");
    return new Response(bodiless ? null : (body as BodyInit), { status: Number(status), headers: given });
  } catch (error) {
    return failure("host_error", (error as Error).message);
  }
}

function failure(kind: string, message: string): Response {
  const body = JSON.stringify({ error: message, trap_kind: kind, frames: [] });
  return new Response(body, { status: FAILED, headers: { "content-type": "application/json" } });
}
