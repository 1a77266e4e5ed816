// SPDX-License-Identifier: MIT
/** The verbs, as data. A verb's code is imported only when it is used: starting up is what people wait for. */
import type { Verb } from './invocation.js';
import type { OptionName } from './options.js';

export interface VerbSpec {
  readonly name: string;
  /** As commander reads it. */
  readonly arguments: string;
  readonly summary: string;
  readonly examples: readonly string[];
  readonly options: readonly OptionName[];
  readonly load: () => Promise<Verb>;
}

const SELECTION: readonly OptionName[] = ['arch', 'kernel', 'target', 'cases', 'kernels', 'vmlinux'];

/** What formats are told. */
const FORMATTING: readonly OptionName[] = [
  'format',
  'schema',
  'before',
  'reporter',
  'badges',
  'kcidbOrigin',
  'kcidbModels',
];
/** What every verb understands. */
const EVERYWHERE: readonly OptionName[] = ['config', 'profile'];

/** Options of a verb, in the order of the table above, and those of every verb. */
export function optionsOf({ options }: VerbSpec): readonly OptionName[] {
  return [...options, ...EVERYWHERE];
}

export const VERBS: readonly VerbSpec[] = [
  {
    name: 'run',
    arguments: '[cases...]',
    summary: 'run cases, print the matrix, write reports',
    examples: ['ftrace-conform run', 'ftrace-conform run fprobe graph/depth -v'],
    options: [
      ...SELECTION,
      ...(['filter', 'shard', 'rerun', 'allowEmpty', 'stopFail', 'list'] as const),
      'compare',
      'baseline',
      'acrossVersions',
      'seed',
      'jobs',
      'out',
      ...FORMATTING,
      'showProgress',
      'color',
      'verbose',
      'failUnsupported',
      'keep',
      'watch',
    ],
    load: async () => (await import('./run.js')).run,
  },
  {
    name: 'list',
    arguments: '[cases...]',
    summary: 'what would run, one id per line, or why not',
    examples: [
      'ftrace-conform list fprobe',
      "ftrace-conform list --filter 'kind(livepatch)'",
      'ftrace-conform list --unsupported',
    ],
    options: [
      ...SELECTION,
      ...(['filter', 'shard', 'from', 'allowEmpty'] as const),
      ...(['compare', 'subjects', 'unsupported', 'covers'] as const),
    ],
    load: async () => (await import('./list.js')).list,
  },
  {
    name: 'features',
    arguments: '[names...]',
    summary: 'which kernel has what, as in arch-support.txt',
    examples: ['ftrace-conform features FPROBE', 'ftrace-conform features'],
    options: ['arch', 'kernel', 'target'],
    load: async () => (await import('./features.js')).features,
  },
  {
    name: 'explain',
    arguments: '<case>',
    summary: 'every step of one case; two back-ends aligned by event',
    examples: [
      'ftrace-conform explain CASE --arch NAME',
      'ftrace-conform explain CASE --arch NAME --vs NAME',
    ],
    options: [...SELECTION, 'vs', 'color'],
    load: async () => (await import('./explain.js')).explain,
  },
  {
    name: 'report',
    arguments: '<logs...>',
    summary: 'print stored runs again, several as one',
    examples: [
      'ftrace-conform report reports/run.jsonl --format html > run.html',
      'ftrace-conform report reports/run.jsonl --format mail --before old.jsonl',
      'ftrace-conform report --merge logs/*/run.jsonl',
    ],
    options: ['arch', 'target', 'filter', 'allowEmpty', 'merge', 'out', ...FORMATTING, 'color', 'verbose'],
    load: async () => (await import('./report.js')).report,
  },
  {
    name: 'diff',
    arguments: '<old> <new>',
    summary: 'what changed between two logs or baselines',
    examples: [
      'ftrace-conform diff before.jsonl reports/run.jsonl',
      'ftrace-conform diff reports/baseline/corpus.txt reports/run.jsonl',
    ],
    options: ['acrossVersions', 'format', 'color', 'verbose'],
    load: async () => (await import('./diff.js')).diff,
  },
  {
    name: 'expect',
    arguments: '<action> [cases...]',
    summary: 'accept: log to baseline; audit: old divergences',
    examples: ['ftrace-conform expect accept fprobe', 'ftrace-conform expect audit'],
    options: [
      ...SELECTION,
      'log',
      'out',
      'baseline',
      'acrossVersions',
      'prune',
      'dryRun',
      'patch',
      'format',
      'color',
      'verbose',
    ],
    load: async () => (await import('./expect/expect.js')).expect,
  },
  {
    name: 'doctor',
    arguments: '',
    summary: 'what is here, what is missing, how to get it',
    examples: ['ftrace-conform doctor', 'ftrace-conform doctor --config --profile quick'],
    options: ['cases', 'kernels'],
    load: async () => (await import('./doctor.js')).doctor,
  },
  {
    name: 'kernels',
    arguments: '<action>',
    summary: "fetch: Debian's kernels, by apt; list: those here",
    examples: ['ftrace-conform kernels fetch --kernel 7.2', 'ftrace-conform kernels list'],
    options: ['arch', 'kernel', 'kernels', 'dryRun'],
    load: async () => (await import('./kernels.js')).kernels,
  },
  {
    name: 'verify',
    arguments: '[cases...]',
    summary: 'the models, against QEMU and against real kernels',
    examples: [
      'ftrace-conform verify fprobe --kernel 7.2',
      'ftrace-conform verify --corpus --random 20 --instructions',
      'ftrace-conform verify --layouts',
      'ftrace-conform verify --layouts --vmlinux NAME=vmlinux',
    ],
    options: [
      ...SELECTION,
      ...(['filter', 'shard', 'corpus', 'random', 'instructions', 'seed'] as const),
      ...(['layouts', 'json', 'format', 'verbose'] as const),
    ],
    load: async () => (await import('./verify.js')).verify,
  },
  {
    name: 'why',
    arguments: '<case> <arch>',
    summary: 'why a case did not run on a back-end',
    examples: ['ftrace-conform why fprobe/six-arguments NAME', 'ftrace-conform why CASE NAME@6.1'],
    options: ['kernel', 'target', 'cases'],
    load: async () => (await import('./why.js')).why,
  },
  {
    name: 'completion',
    arguments: '<shell>',
    summary: 'complete verbs, options and cases in bash, zsh or fish',
    examples: ['source <(ftrace-conform completion bash)', 'ftrace-conform completion fish | source'],
    options: [],
    load: async () => (await import('./completion/completion.js')).completion,
  },
];
