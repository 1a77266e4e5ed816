// SPDX-License-Identifier: MIT
/**
 * Definitions of dynamic events, `p:`, `r:`, `f:`, `t:`, as they are written to dynamic_events: linux 7.2
 * kernel/trace/trace_kprobe.c trace_kprobe_create_internal, trace_fprobe.c trace_fprobe_create_internal; linux 6.12
 * __trace_kprobe_create, __trace_fprobe_create; linux 6.1 __trace_kprobe_create. What is registered comes after.
 */
import { ERRNO } from '../../backend/errno.js';
import { type Argument, parseArgument } from './argument.js';
import { type ErrorTag, type ProbeLog, Refused } from './errors.js';
import { expandMetaArguments } from './meta-arguments.js';
import { parseSigned, parseUnsigned } from './numbers.js';
import { type EventKernel, isGoodName, type Place } from './place.js';

const MAX_NAME = 64;
const MAX_ACTIVE = 4096n;
const MAX_ARGUMENTS = 128;
/** MAX_FPROBE_DATA_SIZE: 15 words. */
const MAX_ENTRY_ARGUMENTS = 15;

export interface Definition {
  readonly by: 'kprobe' | 'fprobe' | 'tracepoint';
  readonly group: string;
  readonly event: string;
  readonly symbol: string;
  /** Of kprobes, from the symbol. */
  readonly offset: bigint;
  readonly isReturn: boolean;
  /** 0: left to the core. */
  readonly maxActive: number;
  readonly arguments: readonly Argument[];
  /** Arguments that are saved at entry for the return, by number. */
  readonly saved: readonly number[];
}

/** Words as argv_split() finds them. */
export function wordsOf(command: string): string[] {
  return command.split(/\s+/).filter((word) => word !== '');
}

/** @throws Refused, with the reason in the log */
export function parseDefinition(kernel: EventKernel, log: ProbeLog): Definition {
  const [head = '', target] = log.argv;
  const fprobes = kernel.has('FPROBE_EVENTS') && /^[ft]/.test(head);
  const kprobes = kernel.has('KPROBE_EVENTS') && /^[pr]/.test(head);
  if (target === undefined || !(fprobes || kprobes)) {
    // Nobody took it. From 7.2 on the log says so.
    if (kernel.revision === '7.2') log.error(0, 'NO_MATCH');
    throw new Refused(-ERRNO.EINVAL);
  }
  return fprobes ? parseFprobe(kernel, log, head, target) : parseKprobe(kernel, log, head, target);
}

// ---------------------------------------------------------------------------------------------- kprobes

function parseKprobe(kernel: EventKernel, log: ProbeLog, head: string, target: string): Definition {
  const maxActive = /^.[0-9]/.test(head) ? maxActiveOf(log, head, head.startsWith('r')) : 0;
  const suffixAt = target.indexOf('%');
  log.index = 1;
  if (suffixAt >= 0 && target.slice(suffixAt) !== '%return') refuse(log, suffixAt, 'BAD_ADDR_SUFFIX');
  const isReturn = head.startsWith('r') || suffixAt >= 0;
  const { symbol, offset } = splitOffset(log, suffixAt < 0 ? target : target.slice(0, suffixAt));
  const onEntry = checkSymbol(kernel, log, symbol, offset, isReturn);
  log.index = 0;
  const colon = head.indexOf(':', 1);
  const { group, event } = eventName(log, colon < 0 ? null : head.slice(colon + 1), colon + 1, {
    group: 'kprobes',
    event: () => `${isReturn ? 'r' : 'p'}_${symbol}_${offset}`,
  });
  const at = isReturn ? 'return' : onEntry ? 'entry' : 'inside';
  const place: Place = { kernel, log, at, by: 'kprobe', function: symbol, saved: [] };
  const args = parseArguments(place);
  return {
    by: 'kprobe',
    group,
    event,
    symbol,
    offset,
    isReturn,
    maxActive,
    arguments: args,
    saved: place.saved,
  };
}

/** @returns whether the probe is at the function's entry */
function checkSymbol(
  kernel: EventKernel,
  log: ProbeLog,
  symbol: string,
  offset: bigint,
  isReturn: boolean,
): boolean {
  const count = kernel.symbols(symbol);
  const old = kernel.revision === '6.1';
  const onEntry = offset === 0n;
  // 6.1 looks at the offset first, where there is such a symbol.
  if (old && count > 0 && isReturn && !onEntry) refuse(log, 0, 'BAD_RETPROBE');
  if (count > 1) refuse(log, 0, 'NON_UNIQ_SYMBOL', old ? -ERRNO.EADDRNOTAVAIL : -ERRNO.EINVAL);
  if (count === 0) refuse(log, 0, 'BAD_PROBE_ADDR', old ? -ERRNO.ENOENT : -ERRNO.EINVAL);
  if (isReturn && !onEntry) refuse(log, 0, 'BAD_RETPROBE');
  return onEntry;
}

/** `symbol+offset`. */
function splitOffset(log: ProbeLog, text: string): { readonly symbol: string; readonly offset: bigint } {
  const sign = text.search(/[+-]/);
  if (sign < 0) return { symbol: text, offset: 0n };
  const offset = parseSigned(text.slice(sign));
  if (offset === null || offset < 0n || offset > 0xffff_ffffn) refuse(log, 0, 'BAD_PROBE_ADDR');
  return { symbol: text.slice(0, sign), offset };
}

// ---------------------------------------------------------------------------------------------- fprobes

function parseFprobe(kernel: EventKernel, log: ProbeLog, head: string, target: string): Definition {
  const by = head.startsWith('t') ? 'tracepoint' : 'fprobe';
  const numbered = kernel.revision === '6.12';
  if (!numbered && head.length > 1 && head[1] !== ':') refuse(log, 1, 'BAD_MAXACT');
  const maxActive = numbered && /^.[0-9]/.test(head) ? maxActiveOf(log, head, true) : 0;

  log.index = 1;
  const { symbol, isReturn } = symbolAndReturn(log, by, target);
  if (!isReturn && maxActive > 0) {
    log.index = 0;
    refuse(log, 1, 'BAD_MAXACT_TYPE');
  }
  log.index = 0;
  const colon = head.indexOf(':', 1);
  const { group, event } = eventName(log, colon < 0 ? null : head.slice(colon + 1), colon + 1, {
    group: by === 'tracepoint' ? 'tracepoints' : 'fprobes',
    event: () =>
      by === 'tracepoint'
        ? `${/^[0-9]/.test(symbol) ? '_' : ''}${symbol}`
        : `${symbol}__${isReturn ? 'exit' : 'entry'}`,
  });
  const at = isReturn ? 'return' : 'entry';
  const place: Place = { kernel, log, at, by, function: symbol, saved: [] };
  const args = parseArguments(place);
  if (kernel.revision === '7.2' && place.saved.length > MAX_ENTRY_ARGUMENTS) {
    log.index = 2;
    refuse(log, 0, 'TOO_MANY_EARGS', -ERRNO.E2BIG);
  }
  return { by, group, event, symbol, offset: 0n, isReturn, maxActive, arguments: args, saved: place.saved };
}

/** parse_symbol_and_return: `%return`, or an argument that is the return value. */
function symbolAndReturn(
  log: ProbeLog,
  by: 'fprobe' | 'tracepoint',
  target: string,
): { readonly symbol: string; readonly isReturn: boolean } {
  const percent = target.indexOf('%');
  if (percent >= 0) {
    if (by === 'tracepoint' || target.slice(percent) !== '%return') refuse(log, percent, 'BAD_ADDR_SUFFIX');
    return { symbol: target.slice(0, percent), isReturn: true };
  }
  const wrong = target.search(/[^A-Za-z0-9_]/);
  if (by === 'tracepoint' && wrong >= 0) refuse(log, wrong, 'BAD_TP_NAME');
  for (const [index, word] of log.argv.entries()) {
    // Only the first one of a word is looked at.
    const at = index < 2 ? -1 : word.indexOf('$retval');
    if (at < 0 || /[A-Za-z0-9_]/.test(word[at + '$retval'.length] ?? '')) continue;
    if (by === 'tracepoint') {
      log.index = index;
      refuse(log, at, 'RETVAL_ON_PROBE');
    }
    return { symbol: target, isReturn: true };
  }
  return { symbol: target, isReturn: false };
}

// ------------------------------------------------------------------------------------------- both alike

/** The number behind the letter. */
function maxActiveOf(log: ProbeLog, head: string, isReturn: boolean): number {
  if (!isReturn) refuse(log, 1, 'BAD_MAXACT_TYPE');
  const [digits = ''] = head.slice(1).split(':', 1);
  if (digits.length > MAX_NAME - 1) refuse(log, 1, 'BAD_MAXACT');
  const number = parseUnsigned(digits, 0, 32);
  if (number === null || number === 0n) refuse(log, 1, 'BAD_MAXACT');
  if (number > MAX_ACTIVE) refuse(log, 1, 'MAXACT_TOO_BIG');
  return Number(number);
}

interface Names {
  readonly group: string;
  readonly event: string;
}

/** traceprobe_parse_event_name: `GROUP/EVENT`, `GROUP.EVENT`, `GROUP/`, `EVENT`; what is not given is made up. */
function eventName(
  log: ProbeLog,
  text: string | null,
  offset: number,
  standard: { readonly group: string; readonly event: () => string },
): Names {
  // What stands for another character in a symbol; the first one is left.
  const made = () => {
    const name = standard.event().slice(0, MAX_NAME - 1);
    return name.slice(0, 1) + name.slice(1).replace(/[:.*]/g, '_');
  };
  if (text === null) return { group: standard.group, event: made() };
  const slash = text.includes('/') ? text.indexOf('/') : text.indexOf('.');
  const group = slash < 0 ? standard.group : text.slice(0, slash);
  if (slash === 0) refuse(log, offset, 'NO_GROUP_NAME');
  if (slash >= 0 && slash + 1 > MAX_NAME) refuse(log, offset, 'GROUP_TOO_LONG');
  if (slash >= 0 && !/^[A-Za-z_-][A-Za-z0-9_-]*$/.test(group)) refuse(log, offset, 'BAD_GROUP_NAME');
  const event = text.slice(slash + 1);
  const at = offset + slash + 1;
  if (event === '') {
    if (slash >= 0) return { group, event: made() };
    refuse(log, at, 'NO_EVENT_NAME');
  }
  if (event.length >= MAX_NAME) refuse(log, at, 'EVENT_TOO_LONG');
  if (!isGoodName(event)) refuse(log, at, 'BAD_EVENT_NAME');
  return { group, event };
}

function parseArguments(place: Place): Argument[] {
  const { kernel, log } = place;
  let words = expandMetaArguments(place, log.argv.slice(2));
  if (words.length > MAX_ARGUMENTS) {
    if (kernel.revision === '6.1') words = words.slice(0, MAX_ARGUMENTS);
    else {
      log.index = 2;
      if (kernel.revision === '7.2') log.error(0, 'TOO_MANY_ARGS');
      throw new Refused(-ERRNO.E2BIG);
    }
  }
  const parsed: Argument[] = [];
  for (const [index, word] of words.entries()) {
    log.index = index + 2;
    parsed.push(parseArgument(place, word, index, parsed));
  }
  return parsed;
}

function refuse(log: ProbeLog, offset: number, tag: ErrorTag, code = -ERRNO.EINVAL): never {
  log.error(offset, tag);
  throw new Refused(code);
}
