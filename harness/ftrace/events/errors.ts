// SPDX-License-Identifier: MIT
/**
 * What error_log says about a refused definition: tags and texts as the user sees them, and where the caret points.
 * linux 6.1, 6.12, 7.2 kernel/trace/trace_probe.h: ERRORS; trace_probe.c: __trace_probe_log_err.
 */
import type { Revision } from '../../backend/contract.js';

const TEXTS = {
  BAD_MAXACT_TYPE: 'Maxactive is only for function exit',
  BAD_MAXACT: 'Invalid maxactive number',
  MAXACT_TOO_BIG: 'Maxactive is too big',
  BAD_PROBE_ADDR: 'Invalid probed address or symbol',
  NON_UNIQ_SYMBOL: 'The symbol is not unique',
  BAD_RETPROBE: 'Retprobe address must be an function entry',
  BAD_TP_NAME: 'Invalid character in tracepoint name',
  BAD_ADDR_SUFFIX: 'Invalid probed address suffix',
  NO_GROUP_NAME: 'Group name is not specified',
  GROUP_TOO_LONG: 'Group name is too long',
  BAD_GROUP_NAME: 'Group name must follow the same rules as C identifiers',
  NO_EVENT_NAME: 'Event name is not specified',
  EVENT_TOO_LONG: 'Event name is too long',
  BAD_EVENT_NAME: 'Event name must follow the same rules as C identifiers',
  EVENT_EXIST: 'Given group/event name is already used by another event',
  RETVAL_ON_PROBE: '$retval is not available on probe',
  NO_RETVAL: "This function returns 'void' type",
  BAD_STACK_NUM: 'Invalid stack number',
  BAD_ARG_NUM: 'Invalid argument number',
  BAD_VAR: 'Invalid $-variable specified',
  BAD_REG_NAME: 'Invalid register name',
  BAD_MEM_ADDR: 'Invalid memory address',
  BAD_IMM: 'Invalid immediate value',
  IMMSTR_NO_CLOSE: "String is not closed with '\"'",
  FILE_ON_KPROBE: 'File offset is not available with kprobe',
  TOO_MANY_OPS: 'Dereference is too much nested',
  DEREF_NEED_BRACE: 'Dereference needs a brace',
  BAD_DEREF_OFFS: 'Invalid dereference offset',
  DEREF_OPEN_BRACE: 'Dereference brace is not closed',
  COMM_CANT_DEREF: '$comm can not be dereferenced',
  BAD_FETCH_ARG: 'Invalid fetch argument',
  ARRAY_NO_CLOSE: 'Array is not closed',
  BAD_ARRAY_SUFFIX: 'Array has wrong suffix',
  BAD_ARRAY_NUM: 'Invalid array size',
  ARRAY_TOO_BIG: 'Array number is too big',
  BAD_TYPE: 'Unknown type is specified',
  BAD_STRING: 'String accepts only memory argument',
  BAD_SYMSTRING: "Symbol String doesn't accept data/userdata",
  BAD_BITFIELD: 'Invalid bitfield',
  ARG_NAME_TOO_LONG: 'Argument name is too long',
  NO_ARG_NAME: 'Argument name is not specified',
  BAD_ARG_NAME: 'Argument name must follow the same rules as C identifiers',
  USED_ARG_NAME: 'This argument name is already used',
  ARG_TOO_LONG: 'Argument expression is too long',
  NO_ARG_BODY: 'No argument expression',
  BAD_INSN_BNDRY: 'Probe point is not an instruction boundary',
  FAIL_REG_PROBE: 'Failed to register probe event',
  DIFF_PROBE_TYPE: 'Probe type is different from existing probe',
  DIFF_ARG_TYPE: 'Argument type or name is different from existing probe',
  SAME_PROBE: 'There is already the exact same probe event',
  NOSUP_BTFARG: 'BTF is not available or not supported',
  NO_BTFARG: 'This variable is not found at this probe point',
  NO_BTF_ENTRY: 'No BTF entry for this probe point',
  NOFENTRY_ARGS: '$arg* can be used only on function entry or exit',
  DOUBLE_ARGS: '$arg* can be used only once in the parameters',
  ARGS_2LONG: '$arg* failed because the argument list is too long',
  NO_PTR_STRCT: 'This is not a pointer to union/structure.',
  NOSUP_DAT_ARG: 'Non pointer structure/union argument is not supported.',
  BAD_HYPHEN: "Failed to parse single hyphen. Forgot '>'?",
  NO_BTF_FIELD: 'This field is not found.',
  BAD_BTF_TID: 'Failed to get BTF type info.',
  BAD_TYPE4STR: 'This type does not fit for string.',
  NEED_STRING_TYPE: '$comm and immediate-string only accepts string type',
  EVENT_TOO_BIG: 'Event too big (too many fields?)',
  TOO_MANY_ARGS: 'Too many arguments are specified',
  TOO_MANY_EARGS: 'Too many entry arguments specified',
  TYPECAST_NOT_EVENT: 'Typecasts are only for eprobe fields',
  /** Of no parser: nobody took the definition (7.2 kernel/trace/trace_dynevent.c). */
  NO_MATCH: 'No matching dynamic event type',
} as const;

export type ErrorTag = keyof typeof TEXTS;

/** Where a revision has another name and text for it. */
const OLDER: Partial<
  Readonly<Record<Revision, Partial<Readonly<Record<ErrorTag, readonly [tag: string, text: string]>>>>>
> = {
  '6.1': { BAD_MAXACT_TYPE: ['MAXACT_NO_KPROBE', 'Maxactive is not for kprobe'] },
};

/** An entry of error_log. */
export interface LoggedError {
  readonly tag: string;
  readonly text: string;
  /** Place in the command, from 0; `null` where the kernel reckons with a null pointer and it may be anywhere. */
  readonly caret: number | null;
}

/** What the parser of one command logs. */
export class ProbeLog {
  readonly entries: LoggedError[] = [];
  /** The word that offsets count from. */
  index = 0;

  constructor(
    readonly argv: readonly string[],
    readonly revision: Revision,
  ) {}

  /** @param offset from the beginning of the current word; `null` for one that is not a number any more */
  error(offset: number | null, tag: ErrorTag): void {
    const [name, text] = OLDER[this.revision]?.[tag] ?? [tag, TEXTS[tag]];
    this.entries.push({ tag: name, text, caret: this.#caret(offset) });
  }

  /** The command is its words with one blank between them; behind the last one, offsets do not count. */
  #caret(offset: number | null): number | null {
    const length = (words: readonly string[]) => words.reduce((sum, word) => sum + word.length + 1, 0);
    if (this.index >= this.argv.length) return length(this.argv);
    return offset === null ? null : length(this.argv.slice(0, this.index)) + offset;
  }
}

/** A definition is refused with this code; what is to be logged is logged. */
export class Refused extends Error {
  constructor(readonly code: number) {
    super(`refused with ${code}`);
  }
}
