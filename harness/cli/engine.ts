// SPDX-License-Identifier: MIT
/**
 * Settings of the JavaScript engine for short runs. By default V8 begins to optimise functions which then run for
 * some milliseconds more; that took half as much CPU time as everything else. Only what was measured is set, with the
 * version it was measured with: other versions name and count otherwise.
 */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode a function runs before it is worth optimising; 67584 in this version. */
const BUDGET = 200_000;
/**
 * Bytes of bytecode that an optimised function takes in of others, one and all; 460 and 920 in this version. Most of what
 * is optimised is done with before that has paid.
 */
const INLINED = 120;

/** Holds for all threads of the process. */
export function tuneForShortRuns(): void {
  if (!process.versions.node.startsWith('20.')) return;
  setFlagsFromString(`--interrupt-budget=${BUDGET}`);
  setFlagsFromString(`--max-inlined-bytecode-size=${INLINED}`);
  setFlagsFromString(`--max-inlined-bytecode-size-cumulative=${INLINED}`);
}
