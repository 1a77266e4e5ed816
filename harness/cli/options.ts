// SPDX-License-Identifier: MIT
/**
 * Every option of every verb, as data: parsing, help and checks are made from this table. Groups and the
 * order within them are those of `--help`.
 */
import { FORMAT_NAMES } from '../report/formats.js';
import { DEFAULT_TARGET } from '../target/facts.js';
import type { OptionValues } from './option-values.js';
import { VERIFY_OPTIONS } from './verify/options.js';

export type { OptionValues } from './option-values.js';

/** Where a baseline is kept if no file is named. */
export const BASELINE = 'reports/baseline/corpus.txt';

export type Group = 'Selection' | 'Comparison' | 'Output' | 'Settings';

export type OptionName = keyof OptionValues;

export interface OptionSpec<N extends OptionName> {
  /** As commander reads it: `--arch <name>`. */
  readonly flags: string;
  /** Other spelling, also accepted. */
  readonly alias?: string;
  readonly description: string;
  readonly group: Group;
  readonly initial: OptionValues[N];
  /** What a list without names means; `all` when absent. */
  readonly none?: string;
  /** Value of an option that may stand without one: `--baseline [file]`. */
  readonly preset?: string;
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
  target: {
    flags: '--target <name>',
    description: 'where cases run: model if not given; may be repeated',
    group: 'Selection',
    initial: [],
    none: DEFAULT_TARGET,
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
  filter: {
    flags: '--filter <expr>',
    description: 'only these cases, as in docs/selection.md',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  shard: {
    flags: '--shard <m/n>',
    description: 'only part m of n, by hash of the id',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  rerun: {
    flags: '--rerun <log>',
    description: 'only what failed there, did not run, or is new',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  from: {
    flags: '--from <log>',
    description: 'list the cases of a stored run instead',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  allowEmpty: {
    flags: '--allow-empty',
    description: 'that nothing is selected is no error',
    group: 'Selection',
    initial: false,
    kind: 'flag',
  },
  kernels: {
    flags: '--kernels <dir>',
    alias: '--dir <dir>',
    description: 'where kernels are stored, instead of the cache',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  vmlinux: {
    flags: '--vmlinux <arch=path>',
    description: 'this kernel image instead of a fetched one',
    group: 'Selection',
    initial: [],
    kind: 'list',
  },
  layouts: {
    flags: '--layouts',
    description: 'layouts, features, call sites and instructions',
    group: 'Comparison',
    initial: false,
    kind: 'flag',
  },
  json: {
    flags: '--json',
    description: 'every row, as JSON',
    group: 'Output',
    initial: false,
    kind: 'flag',
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
  baseline: {
    flags: '--baseline [file]',
    description: `compare with a baseline, ${BASELINE}`,
    group: 'Comparison',
    initial: undefined,
    preset: BASELINE,
    kind: 'text',
  },
  acrossVersions: {
    flags: '--across-versions',
    description: 'compare what another interpretation, axis or target gave',
    group: 'Comparison',
    initial: false,
    kind: 'flag',
  },
  log: {
    flags: '--log <file>',
    description: 'stored run; run.jsonl of --out if not given',
    group: 'Selection',
    initial: undefined,
    kind: 'text',
  },
  prune: {
    flags: '--prune',
    description: 'drop from a baseline what the log has no longer',
    group: 'Selection',
    initial: false,
    kind: 'flag',
  },
  dryRun: {
    flags: '--dry-run',
    description: 'show what would be written, and write nothing',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  patch: {
    flags: '--patch',
    description: 'print the patch that removes what no longer shows',
    group: 'Output',
    initial: false,
    kind: 'flag',
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
  stopFail: {
    flags: '--stop-fail',
    description: 'end the run after the first case that fails',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  list: {
    flags: '--list',
    description: 'print what would run, one id per line, and run nothing',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  merge: {
    flags: '--merge',
    description: 'refuse missing shards, and write reports as a run does',
    group: 'Output',
    initial: false,
    kind: 'flag',
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
  ...VERIFY_OPTIONS,
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
    choices: FORMAT_NAMES,
    kind: 'text',
  },
  schema: {
    flags: '--schema',
    description: 'print the JSON Schema of that format instead',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  before: {
    flags: '--before <log>',
    description: 'earlier run, for a mail: is it a regression?',
    group: 'Output',
    initial: undefined,
    kind: 'text',
  },
  reporter: {
    flags: '--reporter <name>',
    description: "'Name <address>' that a mail comes from",
    group: 'Output',
    initial: undefined,
    kind: 'text',
  },
  badges: {
    flags: '--badges <dir>',
    description: 'write a badge for each back-end, for shields.io',
    group: 'Output',
    initial: undefined,
    kind: 'text',
  },
  kcidbOrigin: {
    flags: '--kcidb-origin <name>',
    description: 'submitting system',
    group: 'Output',
    initial: 'ftrace_conform',
    kind: 'text',
  },
  kcidbModels: {
    flags: '--kcidb-models',
    description: 'submit what ran on models too; no kernel ran there',
    group: 'Output',
    initial: false,
    kind: 'flag',
  },
  showProgress: {
    flags: '--show-progress <how>',
    description: 'on standard error',
    group: 'Output',
    initial: 'auto',
    choices: ['auto', 'bar', 'counter', 'none'],
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
