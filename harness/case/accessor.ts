// SPDX-License-Identifier: MIT
/**
 * Accessors: the closed list of what a handler may read or set, as `name` or `name(parameter)`. Meanings are
 * documented on `Accessor`; the words are those of linux 7.2 include/linux/ftrace.h and ftrace_regs.h.
 */

import { suggest } from '../ctype/nearest.js';
import { TextError } from '../ctype/text-error.js';

/** Kind of parameter: none, an index, a word whose set depends on the architecture, or one of a set. */
type ParameterKind = 'none' | 'index' | 'word' | readonly string[];

const accessors: ReadonlyMap<string, ParameterKind> = new Map<string, ParameterKind>([
  ['instruction_pointer', 'none'],
  ['stack_pointer', 'none'],
  ['frame_pointer', 'none'],
  ['return_value', 'none'],
  ['return_address', 'none'],
  ['argument', 'index'],
  ['stack_nth', 'index'],
  ['get_regs', 'none'],
  ['regs', 'word'],
  ['field', 'word'],
  ['register_offset', 'word'],
  ['partial_regs', 'word'],
  ['perf_regs', 'word'],
  ['user_mode', ['partial', 'perf', 'context']],
  ['symbol_address', 'none'],
  ['ip_offset', 'none'],
  ['resume_offset', 'none'],
  ['true_parent', 'none'],
  ['block', 'none'],
  ['func_ip', 'none'],
  ['cookie', 'none'],
  ['func_arg', 'index'],
  ['func_arg_cnt', 'none'],
  ['func_ret', 'none'],
]);

const settable: readonly string[] = ['return_value', 'argument', 'instruction_pointer', 'field'];

/** Largest index of `argument(n)` and `stack_nth(n)`. */
const maximumIndex = 63;

export interface ParsedAccessor {
  readonly name: string;
  readonly parameter: string | null;
  /** Canonical spelling, without blanks. */
  readonly text: string;
}

/** Helpers of BPF programs on trampolines (linux 7.2 kernel/trace/bpf_trace.c), which read nothing else. */
export const programAccessors: readonly string[] = [
  'func_ip',
  'cookie',
  'func_arg',
  'func_arg_cnt',
  'func_ret',
];

/** Whether a key can only be meant as an accessor. */
export function looksLikeAccessor(text: string): boolean {
  return accessors.has(/^[A-Za-z_]*/.exec(text)?.[0] ?? '') || text.includes('(');
}

export const accessorNames: readonly string[] = [...accessors.keys()];

/** Those that read a pt_regs, as kprobes' handlers get it, rather than ftrace_regs. */
export const ptRegsAccessors: readonly string[] = [
  ...['instruction_pointer', 'stack_pointer', 'frame_pointer', 'return_value', 'argument', 'stack_nth'],
  ...['get_regs', 'regs', 'ip_offset', 'resume_offset', 'block'],
];

/** Regular expression of all accessors, for the published schema. */
export const accessorPattern = `^(${[...accessors]
  .map(([name, kind]) => {
    if (kind === 'none') return name;
    if (kind === 'index') return `${name}\\([0-9]+\\)`;
    return kind === 'word' ? `${name}\\([^()]+\\)` : `${name}\\((${kind.join('|')})\\)`;
  })
  .join('|')})$`;

/** @throws TextError */
export function parseAccessor(text: string): ParsedAccessor {
  const match = /^\s*([A-Za-z_][A-Za-z0-9_]*)\s*(?:\(\s*([^()]*?)\s*\)\s*)?$/.exec(text);
  if (!match)
    throw new TextError(0, `\`${text}\` is not an accessor`, 'an accessor is `name` or `name(parameter)`');
  const name = match[1] as string;
  const parameter = match[2] ?? null;
  const index = text.indexOf(name);
  const inside = Math.max(index, text.indexOf('(') + 1);
  const kind = accessors.get(name);
  if (kind === undefined)
    throw new TextError(index, `unknown accessor \`${name}\``, suggest(name, accessors.keys(), 'accessors'));
  if (kind === 'none') {
    if (parameter !== null)
      throw new TextError(inside, `\`${name}\` takes no parameter`, `write \`${name}\``);
    return { name, parameter, text: name };
  }
  const example = kind === 'index' ? '0' : kind === 'word' ? 'sp' : (kind[0] as string);
  if (parameter === null || parameter === '')
    throw new TextError(
      index,
      `\`${name}\` needs a parameter`,
      `write it in parentheses, as in \`${name}(${example})\``,
    );
  if (kind === 'index' && !(/^(0|[1-9][0-9]?)$/.test(parameter) && Number(parameter) <= maximumIndex)) {
    throw new TextError(
      inside,
      `\`${parameter}\` is not an index`,
      `\`${name}\` counts from 0 to ${maximumIndex}`,
    );
  }
  if (kind === 'word' && !/^[A-Za-z_][A-Za-z0-9_.[\]]*$/.test(parameter)) {
    throw new TextError(
      inside,
      `\`${parameter}\` is not the name of a field or register`,
      `write a word, as in \`${name}(${example})\``,
    );
  }
  if (typeof kind !== 'string' && !kind.includes(parameter)) {
    throw new TextError(
      inside,
      `\`${name}\` has no \`${parameter}\``,
      suggest(parameter, kind, 'its parameters'),
    );
  }
  return { name, parameter, text: `${name}(${parameter})` };
}

/** @throws TextError as `parseAccessor`, or if the accessor can only be read */
export function parseSettable(text: string): ParsedAccessor {
  const accessor = parseAccessor(text);
  if (settable.includes(accessor.name)) return accessor;
  throw new TextError(0, `\`${accessor.text}\` can only be read`, `a handler can set ${settable.join(', ')}`);
}
