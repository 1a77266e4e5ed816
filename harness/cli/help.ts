// SPDX-License-Identifier: MIT
/**
 * Help, made from the tables of verbs, options, statuses and exit codes: example first, and one screen. Where the
 * options of a verb do not fit, those needed least are only named; the manual page tells all of all.
 */
import { EXIT_MEANINGS } from '../compare/exit-codes.js';
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import { wrap } from '../report/wrap.js';
import { type Group, OPTIONS, type OptionName, type OptionSpec, remark } from './options.js';
import { optionsOf, VERBS, type VerbSpec } from './verbs.js';

/** Columns and rows of a screen. */
const WIDTH = 80;
export const ROWS = 40;
/** Where the right one of two columns begins. */
const HALF = 40;
const GROUPS: readonly Group[] = ['Selection', 'Comparison', 'Output', 'Settings'];

export function mainHelp(): string {
  return [
    'ftrace-conform: do all architectures trace functions alike?',
    '',
    '  ftrace-conform run                      every case on every back-end',
    '  ftrace-conform run fprobe/arguments.7   one case; a folder or a path will do',
    '  ftrace-conform explain CASE --arch A --vs B',
    '',
    'Verbs (their options: `ftrace-conform help VERB`, or man ftrace-conform)',
    ...VERBS.map(({ name, arguments: args, summary }) => row(`${name} ${args}`.trim(), summary, 21)),
    row('--version, --help', '', 21),
    '',
    ...meanings(),
  ].join('\n');
}

export function verbHelp(verb: VerbSpec): string {
  const upper = verb.summary[0]?.toUpperCase() + verb.summary.slice(1);
  const head = (examples: number) => [
    `${upper}.`,
    '',
    ...verb.examples.slice(0, examples).map((example) => `  ${example}`),
    '',
    `Usage: ftrace-conform ${[verb.name, '[options]', verb.arguments].join(' ').trim()}`,
    '',
  ];
  const names = optionsOf(verb);
  const tail = meanings();
  const spacious = [...head(9), ...groups(names, [], true), ...tail];
  if (spacious.length <= ROWS) return spacious.join('\n');
  // Least needed first.
  const order = [
    ...names.filter((name) => OPTIONS[name].rare),
    ...[...GROUPS].reverse().flatMap((group) => names.filter((name) => OPTIONS[name].group === group)),
  ];
  for (let named = 0; ; named++) {
    const packed = [...new Set(order)].slice(0, named);
    const lines = [...head(1), ...groups(names, packed, false), '', ...tail];
    if (lines.length <= ROWS || packed.length < named) return lines.join('\n');
  }
}

/** @param packed options that are only named @param spacious with an empty line after each group */
function groups(names: readonly OptionName[], packed: readonly OptionName[], spacious: boolean): string[] {
  const sections = GROUPS.flatMap((group) => {
    const own = names.filter((name) => OPTIONS[name].group === group && !packed.includes(name));
    return own.length === 0 ? [] : [group, ...optionRows(own), ...(spacious ? [''] : [])];
  });
  if (packed.length === 0) return sections;
  const flags = names
    .filter((name) => packed.includes(name))
    .map((name) => OPTIONS[name].flags.replaceAll(' ', '\u00a0'));
  const also = wrap(`Also (man ftrace-conform): ${flags.join(', ')}`, WIDTH - 2);
  return [...sections, ...also.map((text, index) => (index === 0 ? text : `  ${text}`))].map((text) =>
    text.replaceAll('\u00a0', ' '),
  );
}

function optionRows(names: readonly OptionName[]): string[] {
  return names.flatMap((name) => {
    const spec = OPTIONS[name] as OptionSpec<OptionName>;
    const whole = spec.description + remark(spec);
    // The manual page has what does not fit.
    const text = whole.length <= WIDTH - 26 ? whole : spec.description;
    const [first = '', ...rest] = wrap(text, WIDTH - 26);
    return [row(spec.flags, first, 24), ...rest.map((part) => row('', part, 24))];
  });
}

function meanings(): string[] {
  const statuses = [...SEVERITY].reverse().map((status) => {
    const { letters, inShort } = STATUSES[status];
    return `  ${letters} ${status.padEnd(11)} ${inShort}`;
  });
  const codes = EXIT_MEANINGS.map(([code, , inShort]) => `  ${String(code).padStart(3)}  ${inShort}`);
  return ['Verdicts', ...twoColumns(statuses), 'Exit codes', ...twoColumns(codes), ''];
}

function twoColumns(cells: readonly string[]): string[] {
  const half = Math.ceil(cells.length / 2);
  return cells
    .slice(0, half)
    .map((left, index) => `${left.padEnd(HALF)}${cells[half + index] ?? ''}`.trimEnd());
}

function row(left: string, right: string, width: number): string {
  return `  ${left.padEnd(width - 1)} ${right}`.trimEnd();
}
