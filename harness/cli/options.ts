// SPDX-License-Identifier: MIT
/**
 * Every option of every verb, as data: parsing, help and checks are made from this table. Groups and the
 * order within them are those of `--help`.
 */
import type { Axis } from '../compare/types.js';
import type { ColourChoice } from '../report/style.js';

export type Group = 'Selection' | 'Comparison' | 'Output' | 'Settings';

/** Values as a verb gets them. */
export interface OptionValues {
  readonly arch: readonly string[];
  readonly kernel: readonly string[];
  readonly cases: string | undefined;
  readonly compare: Axis;
  readonly vs: string | undefined;
  readonly seed: number;
  readonly jobs: number;
  readonly out: string;
  readonly format: 'pretty' | 'json' | 'jsonl' | 'html';
  readonly color: ColourChoice;
  readonly verbose: number;
  readonly subjects: boolean;
  readonly unsupported: boolean;
  readonly covers: boolean;
  readonly failUnsupported: boolean;
  readonly watch: boolean;
  readonly keep: boolean;
  /** `true`: given without a file. */
  readonly config: string | true | undefined;
  readonly profile: string | undefined;
}

export type OptionName = keyof OptionValues;

export interface OptionSpec<N extends OptionName> {
  /** As commander reads it: `--arch <name>`. */
  readonly flags: string;
  /** Other spelling, also accepted. */
  readonly alias?: string;
  readonly description: string;
  readonly group: Group;
  readonly initial: OptionValues[N];
  readonly choices?: readonly string[];
  /** Among the first that help only names where its screen is full. */
  readonly rare?: true;
  /** `list`: may be given several times; `count`: each time counts; `natural`: an integer from 0. */
  readonly kind: 'text' | 'list' | 'flag' | 'count' | 'natural';
}

export const OPTIONS: { readonly [N in OptionName]: OptionSpec<N> } = {
  arch: {
    flags: '--arch <name>',
    description: 'only this back-end; may be repeated',
    group: 'Selection',
    initial: [],
    kind: 'list',
  },
  kernel: {
    flags: '--kernel <revision>',
    description: 'only this kernel revision; may be repeated',
    group: 'Selection',
    initial: [],
    kind: 'list',
  },
  cases: {
    flags: '--cases <dir>',
    rare: true,
    description: "directory with cases, instead of the package's own",
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  compare: {
    flags: '--compare <axis>',
    alias: '--axis <axis>',
    description: 'what subjects differ in',
    group: 'Comparison',
    initial: 'arch',
    choices: ['arch', 'revision', 'target'],
    kind: 'text',
  },
  vs: {
    flags: '--vs <name>',
    description: 'second back-end, or arch@revision, for explain',
    group: 'Comparison',
    initial: undefined,
    kind: 'text',
  },
  seed: {
    flags: '--seed <n>',
    description: 'seed of everything random; always printed',
    group: 'Selection',
    initial: 1,
    kind: 'natural',
  },
  jobs: {
    flags: '--jobs <n>',
    rare: true,
    description: 'threads; 0: as many as help. The results are the same',
    group: 'Output',
    initial: 0,
    kind: 'natural',
  },
  subjects: {
    flags: '--subjects',
    description: 'list the subjects and their features instead',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  unsupported: {
    flags: '--unsupported',
    description: 'list what cannot run where, and what it lacks',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  covers: {
    flags: '--covers',
    description: 'list upstream tests and old bugs, and the cases for each',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  out: {
    flags: '--out <dir>',
    rare: true,
    description: 'where reports are written',
    group: 'Output',
    initial: 'reports',
    kind: 'text',
  },
  format: {
    flags: '--format <name>',
    description: 'on standard output',
    group: 'Output',
    initial: 'pretty',
    choices: ['pretty', 'json', 'jsonl', 'html'],
    kind: 'text',
  },
  color: {
    flags: '--color <when>',
    rare: true,
    description: 'colour; auto obeys NO_COLOR',
    group: 'Output',
    initial: 'auto',
    choices: ['auto', 'always', 'never'],
    kind: 'text',
  },
  verbose: {
    flags: '-v, --verbose',
    description: 'a row per family; -vv: a row per case',
    group: 'Output',
    initial: 0,
    kind: 'count',
  },
  failUnsupported: {
    flags: '--fail-unsupported',
    description: 'UNSUPPORTED is a failure: exit 1',
    group: 'Comparison',
    initial: false,
    kind: 'flag',
  },
  watch: {
    flags: '--watch',
    description: 'stay, and show what each edit of a case or a .S changes',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  keep: {
    flags: '-k, --keep',
    rare: true,
    description: 'also write a log of each case, below logs/ of the reports',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  config: {
    flags: '--config [file]',
    rare: true,
    description: 'settings, instead of ftrace-conform.yaml here',
    group: 'Settings',
    initial: undefined,
    kind: 'text',
  },
  profile: {
    flags: '--profile <name>',
    description: 'named settings: quick, ci, nightly or your own',
    group: 'Settings',
    initial: undefined,
    kind: 'text',
  },
};

/** `(default: reports)`, or the choices; nothing where there is no default worth saying. */
export function remark(spec: OptionSpec<OptionName>): string {
  const { initial, choices } = spec;
  if (choices !== undefined)
    return ` (${choices.map((one) => (one === initial ? `${one}*` : one)).join(', ')})`;
  const tells = (typeof initial === 'string' || typeof initial === 'number') && spec.kind !== 'count';
  return tells ? ` (default: ${initial})` : '';
}
