// SPDX-License-Identifier: MIT
/**
 * The fetch part of an argument: linux 7.2 kernel/trace/trace_probe.c parse_probe_arg, parse_probe_vars, parse_btf_arg; 6.1
 * and 6.12 where they differ.
 */
import { ERRNO } from '../../backend/errno.js';
import type { ReturnType } from '../../ctype/types.js';
import { type ErrorTag, Refused } from './errors.js';
import type { FetchCode } from './fetch-code.js';
import { parseSigned, parseUnsigned } from './numbers.js';
import { knowsTypes, type Place, prototypeOf, savedAt } from './place.js';
import { pointedStruct } from './types-of.js';

/** PARAM_MAX_STACK: words of a 16 KiB kernel stack. */
const MAX_STACK = 16384n / 8n;

export interface FetchState {
  readonly place: Place;
  readonly code: FetchCode;
  /** ctx->offset: where errors point; `null` after the kernel subtracted from a null pointer. */
  offset: number | null;
  /** ctx->last_type: the C type of what was fetched. */
  type: ReturnType | null;
}

/** @throws Refused */
export function parseFetch(state: FetchState, text: string): void {
  const { place, code } = state;
  const old = place.kernel.revision === '6.1';
  switch (text[0]) {
    case '$':
      variable(state, text);
      break;
    case '%':
      register(state, text.slice(1));
      break;
    case '@':
      memory(state, text.slice(1));
      return;
    case '+':
    case '-':
      dereference(state, text);
      return;
    case '\\':
      immediate(state, text.slice(1));
      break;
    case '(':
      if (place.kernel.revision === '7.2')
        refuse(
          state,
          knowsTypes(place) ? 'TYPECAST_NOT_EVENT' : 'NOSUP_BTFARG',
          knowsTypes(place) ? -ERRNO.EINVAL : -ERRNO.EOPNOTSUPP,
        );
      break;
    default:
      if (!old && /^[A-Za-z_]/.test(text)) {
        if (place.at === 'inside') refuse(state, 'NOSUP_BTFARG');
        cVariable(state, text);
      }
  }
  if (code.current === null) refuse(state, 'BAD_FETCH_ARG');
}

/** `$name`. */
function variable(state: FetchState, text: string): void {
  const name = text.slice(1);
  const { place, code } = state;
  const old = place.kernel.revision === '6.1';
  if (old ? name === 'retval' : name.startsWith('retval')) {
    if (place.at !== 'return') refuse(state, 'RETVAL_ON_PROBE');
    if (old || !knowsTypes(place)) code.set({ op: 'RETVAL' });
    else cVariable(state, text);
  } else if (name === 'stack') code.set({ op: 'STACKP' });
  else if (/^stack[0-9]/.test(name)) {
    const index = parseUnsigned(name.slice('stack'.length), 10);
    if (index === null) refuse(state, 'BAD_VAR');
    if (index > MAX_STACK) refuse(state, 'BAD_STACK_NUM');
    code.set({ op: 'STACK', index: Number(index) });
  } else if (name === 'comm' || name === 'COMM') code.set({ op: 'COMM' });
  else if (
    name.startsWith('arg') &&
    place.kernel.has('HAVE_FUNCTION_ARG_ACCESS_API') &&
    !(old && place.at !== 'entry')
  )
    numbered(state, name.slice('arg'.length));
  else refuse(state, 'BAD_VAR');
}

/** `$argN`, from 1. */
function numbered(state: FetchState, digits: string): void {
  const { place, code } = state;
  const number = parseUnsigned(digits, 10);
  if (number === null) refuse(state, 'BAD_VAR');
  if (number === 0n || number > MAX_STACK) refuse(state, 'BAD_ARG_NUM');
  const index = Number(number) - 1;
  if (place.at === 'entry') {
    // The first argument of a tracepoint's stub is not the tracepoint's.
    code.set({ op: 'ARG', index: place.by === 'tracepoint' ? index + 1 : index });
  } else if (place.at === 'return') code.set({ op: 'EDATA', offset: savedAt(place, index) });
  else refuse(state, 'NOFENTRY_ARGS');
}

/** `%name`; where there are no registers it is refused twice. */
function register(state: FetchState, name: string): void {
  const { place, code } = state;
  if (place.by !== 'kprobe') {
    logged(state, 'BAD_VAR');
    return;
  }
  const offset = place.kernel.registerOffset(name);
  if (offset < 0) refuse(state, 'BAD_REG_NAME', offset);
  code.set({ op: 'REG', name });
}

/** `@ADDR`, `@SYM+off`. */
function memory(state: FetchState, text: string): void {
  const { code } = state;
  if (/^[0-9]/.test(text)) {
    const value = parseUnsigned(text, 0);
    if (value === null) refuse(state, 'BAD_MEM_ADDR');
    code.set({ op: 'IMM', value });
  } else if (text.startsWith('+')) refuse(state, 'FILE_ON_KPROBE');
  else {
    code.set({ op: 'SYMBOL', symbol: text });
    next(state);
    code.set({ op: 'IMM', value: 0n });
  }
  next(state);
  code.set({ op: 'DEREF', offset: 0n });
}

/** `+off(fetch)`, `-off(fetch)`, and with `u` behind the sign from user memory. */
function dereference(state: FetchState, text: string): void {
  const { code } = state;
  const user = text[1] === 'u';
  // The sign stands in the place of the `u`, and a plus is passed over.
  const signed = user ? `${text[0]}${text.slice(2)}` : text;
  const arg = signed.startsWith('+') ? signed.slice(1) : signed;
  const open = arg.indexOf('(');
  if (open < 0) refuse(state, 'DEREF_NEED_BRACE');
  const offset = parseSigned(arg.slice(0, open));
  if (offset === null) refuse(state, 'BAD_DEREF_OFFS');
  // The kernel counts a sign that it passed over, and not the `u`.
  moveOn(state, open + 1 + (arg.startsWith('-') ? 0 : 1));
  const inner = arg.slice(open + 1);
  const close = inner.lastIndexOf(')');
  if (close < 0) {
    moveOn(state, inner.length);
    refuse(state, 'DEREF_OPEN_BRACE');
  }
  const at = state.offset;
  parseFetch(state, inner.slice(0, close));
  state.offset = at;
  const { current } = code;
  if (current?.op === 'COMM' || current?.op === 'DATA') refuse(state, 'COMM_CANT_DEREF');
  next(state);
  code.set({ op: 'DEREF', offset });
  state.type = null;
}

/** `\1`, `\"text"`. */
function immediate(state: FetchState, text: string): void {
  const { code } = state;
  if (text.startsWith('"')) {
    const rest = text.slice(1);
    if (!rest.endsWith('"')) {
      moveOn(state, 2 + rest.length);
      refuse(state, 'IMMSTR_NO_CLOSE');
    }
    code.set({ op: 'DATA', text: rest.slice(0, -1) });
    return;
  }
  const value = /^[0-9]/.test(text)
    ? parseUnsigned(text, 0)
    : /^[-+]/.test(text)
      ? parseSigned(text.replace(/^\+/, ''))
      : null;
  if (value === null) {
    moveOn(state, 1);
    refuse(state, 'BAD_IMM');
  }
  code.set({ op: 'IMM', value: BigInt.asUintN(64, value) });
}

/** A C name, `name->member`, or `$retval`, by BTF. */
function cVariable(state: FetchState, text: string): void {
  const { place } = state;
  if (!knowsTypes(place)) refuse(state, 'NOSUP_BTFARG', -ERRNO.EOPNOTSUPP);
  const mark = text.search(/[.-]/);
  const arrow = mark >= 0 && text.startsWith('->', mark);
  if (mark >= 0 && !arrow && text[mark] === '-') {
    moveOn(state, mark);
    refuse(state, 'BAD_HYPHEN');
  }
  const memberAt = mark < 0 ? null : mark + (arrow ? 2 : 1);
  if (memberAt !== null && !arrow) {
    moveOn(state, memberAt);
    refuse(state, 'NOSUP_DAT_ARG', -ERRNO.EOPNOTSUPP);
  }
  const name = mark < 0 ? text : text.slice(0, mark);
  const type = fetchNamed(state, name, memberAt);
  if (type === null) return;
  state.type = type;
  if (memberAt === null) return;
  moveOn(state, memberAt);
  member(state, text.slice(memberAt), type);
}

/** The variable itself. `null`: its type is not known. */
function fetchNamed(state: FetchState, name: string, memberAt: number | null): ReturnType | null {
  const { place, code } = state;
  const prototype = prototypeOf(place);
  if (name === '$retval' && place.at === 'return') {
    code.set({ op: 'RETVAL' });
    if (prototype?.result.kind === 'void') refuse(state, 'NO_RETVAL', -ERRNO.ENOENT);
    if (!prototype && memberAt !== null) {
      moveOn(state, memberAt);
      refuse(state, 'NO_BTF_ENTRY', -ERRNO.ENOENT);
    }
    return prototype?.result ?? null;
  }
  if (!prototype || prototype.parameters.length === 0) refuse(state, 'NO_BTF_ENTRY', -ERRNO.ENOENT);
  const index = prototype.parameters.findIndex((parameter) => parameter.name === name);
  const found = prototype.parameters[index];
  if (!found) refuse(state, 'NO_BTFARG', -ERRNO.ENOENT);
  if (place.at === 'entry') code.set({ op: 'ARG', index });
  else code.set({ op: 'EDATA', offset: savedAt(place, index) });
  return found.type;
}

/** `a->b->c`, from the first member on. */
function member(state: FetchState, text: string, of: ReturnType): void {
  const { place, code } = state;
  let type = of;
  for (let rest: string | null = text; rest !== null; ) {
    if (type.kind !== 'pointer') refuse(state, 'NO_PTR_STRCT');
    const tag = pointedStruct(type);
    const mark: number = rest.search(/[.-]/);
    const arrow: boolean = mark >= 0 && rest.startsWith('->', mark);
    if (mark >= 0 && rest[mark] === '-' && !arrow) {
      moveOn(state, mark);
      refuse(state, 'BAD_HYPHEN');
    }
    const struct = tag === null ? null : place.kernel.struct(tag);
    if (struct === null) refuse(state, 'BAD_BTF_TID');
    const name: string = mark < 0 ? rest : rest.slice(0, mark);
    const found = struct.members.find((candidate) => candidate.name === name);
    if (!found) refuse(state, 'NO_BTF_FIELD', -ERRNO.ENOENT);
    // Behind the last member the kernel adds a null pointer less this text.
    if (mark < 0) state.offset = null;
    else moveOn(state, mark + (arrow ? 2 : 1));
    type = found.type;
    rest = mark < 0 ? null : rest.slice(mark + (arrow ? 2 : 1));
    // A dot goes on in a member that is a struct; those of cases are none.
    if (rest !== null && !arrow) refuse(state, 'BAD_BTF_TID');
    next(state);
    code.set({ op: 'DEREF', offset: BigInt(found.offset) });
    state.type = type;
  }
}

function moveOn(state: FetchState, by: number): void {
  if (state.offset !== null) state.offset += by;
}

function next(state: FetchState): void {
  if (!state.code.next()) refuse(state, 'TOO_MANY_OPS');
}

function logged(state: FetchState, tag: ErrorTag): void {
  state.place.log.error(state.offset, tag);
}

function refuse(state: FetchState, tag: ErrorTag, code = -ERRNO.EINVAL): never {
  logged(state, tag);
  throw new Refused(code);
}
