// SPDX-License-Identifier: MIT
/**
 * `$arg*` and `$argN` as C variables: linux 6.12, 7.2 kernel/trace/trace_probe.c traceprobe_expand_meta_args. Later errors
 * still count words of the command as it was written.
 */
import { ERRNO } from '../../backend/errno.js';
import type { Signature } from '../../ctype/types.js';
import { type ErrorTag, Refused } from './errors.js';
import { scanUnsigned } from './numbers.js';
import { knowsTypes, type Place, prototypeOf } from './place.js';

/** Room for the names of all parameters, each with a NUL. */
const MAX_BYTES = 128;
const WORDS_BEFORE = 2;

/** @param words the arguments as written @throws Refused */
export function expandMetaArguments(place: Place, words: readonly string[]): readonly string[] {
  if (place.kernel.revision === '6.1') return words;
  const star = findStar(place, words);
  if (!words.some((word) => word.startsWith('$arg'))) return words;
  const prototype = knowsTypes(place) ? prototypeOf(place) : null;
  if (!prototype || prototype.parameters.length === 0) {
    if (star !== null) place.log.error(0, 'NOSUP_BTFARG');
    // 7.2 goes on with what was written, and the parser of variables refuses it next.
    if (star !== null && place.kernel.revision === '6.12') throw new Refused(-ERRNO.EOPNOTSUPP);
    return words;
  }
  let used = 0;
  const named = (index: number, type: string): string => {
    const text = `${nameOf(place, prototype, index)}${type}`;
    if (used + text.length >= MAX_BYTES) refuse(place, 'ARGS_2LONG', -ERRNO.E2BIG);
    used += text.length + 1;
    return text;
  };
  return words.flatMap((word, index) => {
    place.log.index = index + WORDS_BEFORE;
    if (index === star) return prototype.parameters.map((_, parameter) => named(parameter, ''));
    if (!word.startsWith('$arg')) return [word];
    const digits = word.slice('$arg'.length);
    const { value, length } = scanUnsigned(digits, 10);
    const type = digits.slice(length);
    if (type !== '' && !type.startsWith(':')) refuse(place, 'BAD_VAR', -ERRNO.ENOENT);
    if (value === 0n) refuse(place, 'BAD_ARG_NUM');
    return [named(Number(value) - 1, type)];
  });
}

/** argv_has_var_arg: which word is `$arg*`; `null`: none. */
function findStar(place: Place, words: readonly string[]): number | null {
  let star: number | null = null;
  for (const [index, word] of words.entries()) {
    if (!word.startsWith('$arg')) continue;
    place.log.index = index + WORDS_BEFORE;
    if (place.at === 'inside') refuse(place, 'NOFENTRY_ARGS');
    const next = word['$arg'.length] ?? '';
    if (/[0-9]/.test(next)) continue;
    if (next !== '*') refuse(place, 'BAD_VAR');
    if (star !== null) refuse(place, 'DOUBLE_ARGS');
    star = index;
  }
  return star;
}

function nameOf(place: Place, { parameters }: Signature, index: number): string {
  const found = parameters[index];
  if (!found) refuse(place, 'NO_BTFARG', -ERRNO.ENOENT);
  return found.name;
}

function refuse(place: Place, tag: ErrorTag, code = -ERRNO.EINVAL): never {
  place.log.error(0, tag);
  throw new Refused(code);
}
