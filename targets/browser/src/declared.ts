// The runtime has what `runtime.d.mts` says: the compiler of TypeScript sees that here.

import type * as declared from "./runtime.d.mts";
import * as runtime from "./runtime.ts";

type Declared = Omit<typeof declared, "instantiate" | "fetchHandler" | "call" | "callAsync" | "VeraExit" | "VeraTrap">;

export const api: Declared = runtime;
