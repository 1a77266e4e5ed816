// SPDX-License-Identifier: MIT
/** ftrace-conform(1), made from the tables that also make help: docs/man/ftrace-conform.1. */
import { EXIT_MEANINGS } from '../../compare/exit-codes.js';
import { SEVERITY, STATUSES } from '../../compare/statuses.js';
import { packageVersion } from '../../plan/package-root.js';
import { OPTIONS, type OptionName, type OptionSpec, remark } from '../options.js';
import { KEYS } from '../settings/file.js';
import { keyOf, variableOf } from '../settings/names.js';
import { PROFILES } from '../settings/profiles.js';
import { optionsOf, VERBS, type VerbSpec } from '../verbs.js';
import { example, heading, item, paragraph, prose, roff, subheading } from './roff.js';

/** First line of a page. */
export function title(name: string, section: number): string {
  return `.TH ${roff(name.toUpperCase())} ${section} "" "ftrace\\-conform ${packageVersion()}" "ftrace\\-conform"`;
}

export function manPage(): string {
  return [
    '.\\" Made from the tables of harness/cli/: see CONTRIBUTING.md.',
    title('ftrace-conform', 1),
    heading('Name'),
    'ftrace\\-conform \\- do all architectures trace functions alike?',
    heading('Synopsis'),
    ...VERBS.map((verb, index) => `${index === 0 ? '' : '.br\n'}${synopsis(verb)}`),
    heading('Description'),
    prose(
      'Runs a corpus of cases on a model of the function tracing code of each architecture, instruction by instruction, compares what was seen, and says who differs, where and why.',
    ),
    paragraph(
      'A case is named by its id (`fprobe/six-arguments`, `arguments/count.7`), by a folder of ids, or by a path; without any, all cases are meant. A back-end is named `NAME`, one of its kernels `NAME@REVISION`, and a subject as it is printed, `NAME@REVISION/TARGET`.',
    ),
    heading('Verbs'),
    ...VERBS.flatMap(verbPart),
    heading('Options'),
    ...(Object.keys(OPTIONS) as OptionName[]).map(optionPart),
    heading('Verdicts'),
    ...[...SEVERITY].reverse().map((status) => {
      const { letters, meaning } = STATUSES[status];
      return item(`${letters} ${status}`, `${meaning}.`);
    }),
    heading('Exit status'),
    ...EXIT_MEANINGS.map(([code, meaning]) => item(String(code), `${meaning}.`)),
    paragraph('When several apply, the first of 6, 3, 1, 5, 4, 0 wins.'),
    heading('Settings'),
    prose(
      'A value given on the command line wins over the environment, that over a profile, that over `ftrace-conform.yaml` in the working directory (or the file of `--config`), that over the default. `ftrace-conform doctor --config` prints each value and where it comes from.',
    ),
    paragraph(
      'The keys of the file are the long names of the options; `select` holds cases; `profile` names the profile that is used when no other is; `profiles` maps names to the same keys.',
    ),
    example(['seed: 7', 'profiles:', '  quick: { select: [fprobe, graph] }']),
    paragraph('Profiles that are always there:'),
    ...Object.entries(PROFILES).map(([name, values]) =>
      item(
        name,
        Object.entries(values)
          .map(([key, value]) => `\`${key}: ${[value].flat().join(', ')}\``)
          .join('; '),
      ),
    ),
    heading('Environment'),
    ...[...KEYS].map(([key, name]) =>
      item(variableOf(key), `As \`--${key}\`: ${OPTIONS[name].description}.`),
    ),
    item(variableOf('select'), 'Cases, with commas between them.'),
    item(
      ['config', 'profile', 'filter', 'shard'].map(variableOf).join(', '),
      'As the options; the last two for what is to run, not for logs.',
    ),
    item('NO_COLOR', 'No colour, unless `--color` says `always`.'),
    heading('Files'),
    item('ftrace-conform.yaml', 'Settings.'),
    item('reports/', 'Where a run writes what `--out` does not lead elsewhere.'),
    heading('See also'),
    '.BR ftrace\\-conform\\-cases (5)',
    '',
  ].join('\n');
}

function synopsis({ name, arguments: args }: VerbSpec): string {
  const rest = args === '' ? '' : ` \\fI${roff(args)}\\fR`;
  return `\\fBftrace\\-conform ${roff(name)}\\fR [\\fIoptions\\fR]${rest}`;
}

function verbPart(verb: VerbSpec): string[] {
  const own = optionsOf(verb).map((name) => `\`--${keyOf(name)}\``);
  return [
    subheading(`${verb.name} ${verb.arguments}`.trim()),
    prose(`${verb.summary[0]?.toUpperCase()}${verb.summary.slice(1)}.`),
    example(verb.examples),
    paragraph(`Options: ${own.join(', ')}.`),
  ];
}

function optionPart(name: OptionName): string {
  const spec = OPTIONS[name] as OptionSpec<OptionName>;
  const verbs = VERBS.filter((verb) => optionsOf(verb).includes(name)).map((verb) => verb.name);
  const of = verbs.length === VERBS.length ? 'Of every verb.' : `Of ${verbs.join(', ')}.`;
  const flags = spec.alias === undefined ? spec.flags : `${spec.flags}, ${spec.alias}`;
  return item(flags, `${spec.description}${remark(spec)}.`, of);
}
