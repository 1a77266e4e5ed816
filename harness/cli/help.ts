// SPDX-License-Identifier: MIT
/** Help, made from the tables of verbs, options, statuses and exit codes: example first. */
import { EXIT_MEANINGS } from '../compare/exit-codes.js';
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import { wrap } from '../report/wrap.js';
import { type Group, OPTIONS, type OptionName, type OptionSpec, remark } from './options.js';
import { optionsOf, VERBS, type VerbSpec } from './verbs.js';

const WIDTH = 80;

export function mainHelp(): string {
  return [
    'ftrace-conform: do all architectures trace functions alike?',
    '',
    '  ftrace-conform run                      every case on every back-end',
    '  ftrace-conform run fprobe/arguments.7   one case; a folder or a path will do',
    '  ftrace-conform explain CASE --arch A --vs B',
    '',
    'Verbs (each has its own --help)',
    ...VERBS.map(({ name, arguments: args, summary }) => row(`${name} ${args}`.trim(), summary, 18)),
    '',
    'Options (* is the default)',
    ...optionRows(Object.keys(OPTIONS) as OptionName[]),
    row('--version, --help', 'this version; this help, also as `help [VERB]`', 24),
    '',
    ...meanings(),
  ].join('\n');
}

export function verbHelp(verb: VerbSpec): string {
  const usage = `ftrace-conform ${[verb.name, '[options]', verb.arguments].join(' ').trim()}`;
  const groups: readonly Group[] = ['Selection', 'Comparison', 'Output', 'Settings'];
  const sections = groups.flatMap((group) => {
    const names = optionsOf(verb).filter((name) => OPTIONS[name].group === group);
    return names.length === 0 ? [] : [group, ...optionRows(names), ''];
  });
  const upper = verb.summary[0]?.toUpperCase() + verb.summary.slice(1);
  return [
    `${upper}.`,
    '',
    ...verb.examples.map((example) => `  ${example}`),
    '',
    `Usage: ${usage}`,
    '',
    ...sections,
    ...meanings(),
  ].join('\n');
}

function optionRows(names: readonly OptionName[]): string[] {
  return names.flatMap((name) => {
    const spec = OPTIONS[name] as OptionSpec<OptionName>;
    const [first = '', ...rest] = wrap(spec.description + remark(spec), WIDTH - 26);
    return [row(spec.flags, first, 24), ...rest.map((text) => row('', text, 24))];
  });
}

function meanings(): string[] {
  return [
    'Verdicts',
    ...[...SEVERITY].reverse().map((status) => {
      const { letters, meaning } = STATUSES[status];
      const [first = '', ...rest] = wrap(meaning, WIDTH - 20);
      return [
        `  ${letters}  ${row(status, first, 13).trimStart()}`,
        ...rest.map((text) => row('', text, 17)),
      ].join('\n');
    }),
    '',
    'Exit codes',
    ...EXIT_MEANINGS.map(([code, meaning]) => `  ${String(code).padStart(3)}  ${meaning}`),
    '',
  ];
}

function row(left: string, right: string, width: number): string {
  return `  ${left.padEnd(width - 1)} ${right}`.trimEnd();
}
