// SPDX-License-Identifier: MIT
/** Completion for fish 3: a file in ~/.config/fish/completions, or piped into source. */
import type { Candidates, CompletedOption, CompletedVerb } from './completion.js';

const fishQuoted = (text: string) => `'${text.replaceAll(/[\\']/g, '\\$&')}'`;

export function fish(verbs: readonly CompletedVerb[]): string {
  const names = verbs.map(({ name }) => name).join(' ');
  const line = (condition: string, rest: string) =>
    `complete -c ftrace-conform -n ${fishQuoted(condition)} ${rest}`;
  const none = '__fish_use_subcommand';
  return [
    '# fish completion of ftrace-conform: ftrace-conform completion fish | source',
    '',
    'function __ftrace_conform_cases',
    '  # Asked once for each shell.',
    '  set -q __ftrace_conform_ids; or set -g __ftrace_conform_ids (ftrace-conform list 2>/dev/null)',
    '  string join \\n -- $__ftrace_conform_ids',
    'end',
    '',
    'complete -c ftrace-conform -f',
    ...verbs.map(({ name, summary }) => line(none, `-a ${name} -d ${fishQuoted(summary)}`)),
    line(none, `-a help -d ${fishQuoted('help on a verb')}`),
    line(none, `-l version -d ${fishQuoted('this version')}`),
    line('__fish_seen_subcommand_from help', `-a ${fishQuoted(names)}`),
    ...verbs.flatMap((verb) => {
      const here = `__fish_seen_subcommand_from ${verb.name}`;
      return [
        ...verb.options.map((option) => line(here, optionPart(option))),
        ...[...new Set(verb.arguments.map(ask))].filter((one) => one !== '').map((one) => line(here, one)),
      ];
    }),
    '',
  ].join('\n');
}

function optionPart({ names, description, value }: CompletedOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const rest = value === null ? '' : ` -r ${ask(value)}`.trimEnd();
  return `${flags.join(' ')}${rest} -d ${fishQuoted(description)}`;
}

function ask(candidates: Candidates): string {
  if (candidates.kind === 'words') return `-f -a ${fishQuoted(candidates.words.join(' '))}`;
  if (candidates.kind === 'cases') return `-F -a ${fishQuoted('(__ftrace_conform_cases)')}`;
  if (candidates.kind === 'directories') return `-f -a ${fishQuoted('(__fish_complete_directories)')}`;
  return candidates.kind === 'files' ? '-F' : '';
}
