// SPDX-License-Identifier: MIT
/**
 * The file enabled_functions of tracefs, as far as it speaks of records: a line for each that has users, with its count and
 * its letters in fixed columns, and one for its direct call. What follows the letters behind a tab, which trampoline and
 * which ops, is left out. linux 6.1, 6.12, 7.2 kernel/trace/ftrace.c: t_show.
 */
import { apiExists } from './api.js';
import { REC } from './flags.js';
import type { Ftrace } from './ftrace.js';
import type { DynFtrace } from './types.js';

type Column = readonly [flag: number, letter: string];

const LETTERS: readonly Column[] = [
  [REC.REGS, ' R'],
  [REC.IPMODIFY, ' I'],
  [REC.DIRECT, ' D'],
];

/** The last one has a blank behind it. */
const LATER_LETTERS: readonly Column[] = [...LETTERS, [REC.CALL_OPS, ' O'], [REC.MODIFIED, ' M ']];

/**
 * Lines without their ends, in the order of addresses.
 * @param nameOf what `%pS` prints, less offset and size
 */
export function enabledFunctions(ftrace: Ftrace, nameOf: (address: bigint) => string): string[] {
  const { revision } = ftrace.env.config;
  const columns = apiExists('FTRACE_FL_TOUCHED', revision) ? LATER_LETTERS : LETTERS;
  const letters = ({ flags }: DynFtrace) =>
    columns.map(([flag, letter]) => ((flags & flag) !== 0 ? letter : ' '.repeat(letter.length))).join('');
  return [...ftrace.records.values()]
    .filter(({ count }) => count > 0)
    .sort((a, b) => (a.ip < b.ip ? -1 : 1))
    .flatMap((rec) => {
      const line = `${rec.function} (${rec.count})${letters(rec)}`;
      const direct = ftrace.directAt(rec.ip);
      if (direct === undefined) return [line];
      // ftrace_is_jmp(): the low bit says that the site jumps.
      const how = (direct & 1n) !== 0n ? 'direct(jmp)' : 'direct';
      return [line, `\t${how}-->${nameOf(direct & ~1n)}`];
    });
}
