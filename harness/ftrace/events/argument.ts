// SPDX-License-Identifier: MIT
/**
 * One argument of a definition, `name=fetch:type`: linux 7.2 kernel/trace/trace_probe.c traceprobe_parse_probe_arg; 6.1 and
 * 6.12 where they differ. The first thing wrong decides, in the kernel's order.
 */
import { ERRNO } from '../../backend/errno.js';
import { type ErrorTag, Refused } from './errors.js';
import { type FetchState, parseFetch } from './fetch.js';
import { FetchCode, type FetchStep } from './fetch-code.js';
import { type FetchType, findFetchType } from './fetch-types.js';
import { parseUnsigned, scanUnsigned } from './numbers.js';
import { isGoodName, knowsTypes, type Place } from './place.js';
import { charPointer, fetchTypeOf } from './types-of.js';

const MAX_NAME = 32;
const MAX_TEXT = 63;
const MAX_ARRAY = 64n;
/** Bytes of all values of an event. */
const MAX_EVENT = 3072;

const RESERVED = [
  'common_type',
  'common_flags',
  'common_preempt_count',
  'common_pid',
  'common_tgid',
  '__probe_ip',
  '__probe_ret_ip',
  '__probe_func',
];

export interface Argument {
  readonly name: string;
  /** As written, for reading back. */
  readonly text: string;
  readonly type: FetchType;
  /** Elements of an array; 0: none. */
  readonly count: number;
  readonly code: readonly FetchStep[];
}

/**
 * @param word the argument as written, `index` its number from 0
 * @param before arguments parsed before
 * @throws Refused
 */
export function parseArgument(
  place: Place,
  word: string,
  index: number,
  before: readonly Argument[],
): Argument {
  const { log } = place;
  const equals = word.indexOf('=');
  if (equals > MAX_NAME) refuse(place, 0, 'ARG_NAME_TOO_LONG');
  if (equals === 0) refuse(place, 0, 'NO_ARG_NAME');
  const name = equals > 0 ? word.slice(0, equals) : generatedName(place, word, index);
  if (!isGoodName(name)) refuse(place, 0, 'BAD_ARG_NAME');
  if (RESERVED.includes(name) || before.some((other) => other.name === name)) {
    log.error(0, 'USED_ARG_NAME');
    throw new Refused(-ERRNO.EINVAL);
  }
  const offset = equals + 1;
  return { name, ...parseBody(place, word.slice(offset), offset, before) };
}

/** Without a name a C variable gives its own, anything else the number. */
function generatedName(place: Place, word: string, index: number): string {
  const [variable = ''] = word.split(':', 1);
  return knowsTypes(place) && isGoodName(variable) ? variable : `arg${index + 1}`;
}

function parseBody(
  place: Place,
  text: string,
  offset: number,
  before: readonly Argument[],
): Omit<Argument, 'name'> {
  const old = place.kernel.revision === '6.1';
  if (text.length > MAX_TEXT) refuse(place, offset, 'ARG_TOO_LONG', old ? -ERRNO.EINVAL : -ERRNO.E2BIG);
  if (text === '') refuse(place, offset, 'NO_ARG_BODY');

  const split = splitType(place, text, offset);
  const size = before.reduce((sum, other) => sum + bytesOf(other), 0);
  const checkSize = (type: FetchType) => {
    if (size + type.size * (split.count || 1) > MAX_EVENT)
      refuse(place, offset, 'EVENT_TOO_BIG', -ERRNO.E2BIG);
  };
  if (old) checkSize(split.type);

  const state: FetchState = { place, code: new FetchCode(), offset, type: null };
  parseFetch(state, split.fetch);
  const type = settleType(state, split);
  if (!old) checkSize(type);
  finish(state, type, split);
  return { text, type, count: split.count, code: state.code.finished() };
}

function bytesOf({ type, count }: Argument): number {
  return type.size * (count || 1);
}

interface Split {
  readonly fetch: string;
  /** As written behind the colon, without the array; `null`: not given. */
  readonly typeText: string | null;
  /** Of the type's text from the argument's body. */
  readonly typeOffset: number;
  readonly type: FetchType;
  readonly count: number;
}

/** parse_probe_arg_type. */
function splitType(place: Place, text: string, offset: number): Split {
  const colon = text.indexOf(':');
  const fetch = colon < 0 ? text : text.slice(0, colon);
  const whole = colon < 0 ? null : text.slice(colon + 1);
  const typeOffset = colon < 0 ? 0 : colon + 1;
  const bracket = whole?.indexOf('[') ?? -1;
  const typeText = whole !== null && bracket >= 0 ? whole.slice(0, bracket) : whole;
  const count = whole === null || bracket < 0 ? 0 : arraySize(place, whole, offset + typeOffset, bracket + 1);

  const isText = fetch === '$comm' || fetch === '$COMM' || fetch.startsWith('\\"');
  if (isText && (count > 0 || (typeText !== null && typeText !== 'string'))) {
    // 6.1 says nothing about why.
    if (place.kernel.revision !== '6.1') place.log.error(offset + typeOffset, 'NEED_STRING_TYPE');
    throw new Refused(-ERRNO.EINVAL);
  }
  const type = findFetchType(isText ? 'string' : typeText);
  if (type === null) return refuse(place, offset + typeOffset, 'BAD_TYPE');
  return { fetch, typeText, typeOffset, type, count };
}

/** @param at of the type's text, `open` behind the bracket in it */
function arraySize(place: Place, whole: string, at: number, open: number): number {
  const close = whole.indexOf(']', open);
  if (close < 0) refuse(place, at + whole.length, 'ARRAY_NO_CLOSE');
  if (close + 1 < whole.length) refuse(place, at + close + 1, 'BAD_ARRAY_SUFFIX');
  const count = parseUnsigned(whole.slice(open, close), 0, 32);
  if (count === null || count === 0n) return refuse(place, at + open, 'BAD_ARRAY_NUM');
  if (count > MAX_ARRAY) refuse(place, at + open, 'ARRAY_TOO_BIG');
  return Number(count);
}

/** With types known, a variable without a type gets its own, and a string is read behind a pointer to characters. */
function settleType(state: FetchState, { type, typeText }: Split): FetchType {
  if (state.type === null) return type;
  if (typeText === null) return findFetchType(fetchTypeOf(state.type)) ?? type;
  if (typeText.includes('string')) {
    if (!charPointer(state.type)) refuse(state.place, state.offset, 'BAD_TYPE4STR');
    step(state, -ERRNO.E2BIG);
    state.code.set({ op: 'DEREF', offset: 0n });
  }
  return type;
}

const SYMSTR_FROM = ['REG', 'STACK', 'RETVAL', 'ARG', 'DEREF'];
const STRING_FROM = ['DEREF', 'IMM', 'COMM', 'DATA'];

/** finalize_fetch_insn: the store, bits, array. */
function finish(state: FetchState, type: FetchType, { typeText, typeOffset, count }: Split): void {
  const { code, place, offset } = state;
  const old = place.kernel.revision === '6.1';
  const full = old ? -ERRNO.EINVAL : -ERRNO.E2BIG;
  const typeAt = offset === null ? null : offset + typeOffset;
  const last = code.current;
  const memory = last?.op === 'DEREF' ? last : null;
  const stored =
    type.print === 'string' ? storeString(state, type, count, typeAt) : storeWord(state, type, memory, full);
  if (typeText?.startsWith('b')) storeBits(state, type, typeText, typeAt);
  if (count === 0) return;
  if (stored !== 'ST_MEM' && stored !== 'ST_STRING') refuse(place, typeAt, 'BAD_STRING');
  step(state, full);
  code.set({ op: 'LP_ARRAY', count });
}

function storeString(state: FetchState, { name }: FetchType, count: number, typeAt: number | null): string {
  const { code, place } = state;
  const last = code.current;
  const symbols = name === 'symstr';
  if (!(symbols ? SYMSTR_FROM : STRING_FROM).includes(last?.op ?? ''))
    refuse(place, typeAt, symbols ? 'BAD_SYMSTRING' : 'BAD_STRING');
  const op = symbols ? 'ST_SYMSTR' : 'ST_STRING';
  // A dereference becomes the read of the text; anything else is the text's address and stays.
  if (last?.op === 'DEREF' && !symbols && count === 0) code.set({ op, offset: last.offset });
  else {
    step(state, -ERRNO.EINVAL);
    code.set({ op, offset: 0n });
  }
  return op;
}

function storeWord(
  state: FetchState,
  { size: bytes }: FetchType,
  memory: Extract<FetchStep, { op: 'DEREF' }> | null,
  full: number,
): string {
  if (memory) {
    state.code.set({ op: 'ST_MEM', bytes, offset: memory.offset });
    return 'ST_MEM';
  }
  step(state, full);
  state.code.set({ op: 'ST_RAW', bytes });
  return 'ST_RAW';
}

/** `b<width>@<offset>/<size>`. */
function storeBits(state: FetchState, { size }: FetchType, text: string, typeAt: number | null): void {
  const width = scanUnsigned(text.slice(1), 0);
  const rest = text.slice(1 + width.length);
  const shift = scanUnsigned(rest.slice(1), 0);
  const well =
    width.value !== 0n && rest.startsWith('@') && shift.length > 0 && rest[1 + shift.length] === '/';
  const left = 8 * size - Number(width.value + shift.value);
  // The step is taken before the width is judged.
  if (!well || !state.code.next() || left < 0) refuse(state.place, typeAt, 'BAD_BITFIELD');
  state.code.set({ op: 'MOD_BF', bytes: size, lshift: left, rshift: 8 * size - Number(width.value) });
}

function step(state: FetchState, code: number): void {
  if (!state.code.next()) refuse(state.place, state.offset, 'TOO_MANY_OPS', code);
}

function refuse(place: Place, offset: number | null, tag: ErrorTag, code = -ERRNO.EINVAL): never {
  place.log.error(offset, tag);
  throw new Refused(code);
}
