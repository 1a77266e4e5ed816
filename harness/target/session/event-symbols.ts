// SPDX-License-Identifier: MIT
/** `SYM+off` of a fetch: linux 7.2 kernel/trace/trace_probe.c traceprobe_update_arg, traceprobe_split_symbol_offset. */
import { ERRNO } from '../../backend/errno.js';
import type { Argument } from '../../ftrace/events/argument.js';
import { parseSigned } from '../../ftrace/events/numbers.js';
import type { Session } from './session.js';

export function splitSymbol(text: string): { readonly name: string; readonly offset: bigint } {
  const sign = text.search(/[+-]/);
  if (sign < 0) return { name: text, offset: 0n };
  return { name: text.slice(0, sign), offset: parseSigned(text.slice(sign)) ?? 0n };
}

/** traceprobe_update_arg: 0, or -ENOENT where a symbol of `@SYM` is not there. */
export function symbolsKnown(session: Session, args: readonly Argument[]): number {
  const missing = args
    .flatMap(({ code }) => code)
    .some(
      (step) => step.op === 'SYMBOL' && session.events.kernel.address(splitSymbol(step.symbol).name) === null,
    );
  return missing ? -ERRNO.ENOENT : 0;
}
