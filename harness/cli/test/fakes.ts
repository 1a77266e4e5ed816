// SPDX-License-Identifier: MIT
/**
 * A harness without machines, for tests of everything from outcomes on: back-ends that are only names, a
 * parser that takes plain YAML records for cases, and targets that answer from a table.
 */
import { parse } from 'yaml';
import type { LoadedBackend } from '../../backend/contract.js';
import type { Runnable } from '../../case/runnable.js';
import type { Case, Divergence, Expectation } from '../../case/types.js';
import { Problem } from '../../plan/problem.js';
import { didYouMean } from '../../plan/suggest.js';
import { availableTargets, loadTargets } from '../../plan/targets.js';
import type { TargetName } from '../../target/facts.js';
import {
  type FieldText,
  type Observation,
  type Outcome,
  type OutcomeEnd,
  type SubjectId,
  subjectName,
} from '../../target/outcome.js';
import type { TargetMaker, TargetTable } from '../../target/table.js';
import type { Target, TraceEvent } from '../../target/target.js';
import type { Io } from '../io.js';
import { main } from '../main.js';
import type { Wiring } from '../wiring.js';

export const seen = (kind: Observation['kind'], fields: Record<string, FieldText> = {}): Observation => ({
  kind,
  fields,
});

export const expected = (kind: string, fields: Record<string, FieldText> = {}): Expectation => ({
  kind,
  fields,
  position: { file: 'c.yaml', line: 1, column: 1 },
});

export const subject = (arch: string, revision = '7.2', target = 'model'): SubjectId => ({
  arch,
  revision,
  target,
});

export function outcome(
  arch: string | SubjectId,
  observations: readonly Observation[],
  end: OutcomeEnd = { kind: 'completed' },
): Outcome {
  const id = typeof arch === 'string' ? subject(arch) : arch;
  return { case: 'c', subject: id, end, observations, instructions: 1 };
}

export function divergence(
  on: Partial<Divergence['on']>,
  replace: Divergence['replace'],
  because = 'it is so',
): Divergence {
  return {
    on: { arch: [], revision: [], target: [], feature: [], lacks: [], ...on },
    because,
    source: 'the manual',
    replace,
    position: { file: 'c.yaml', line: 9, column: 5 },
  };
}

/** A checked case with nothing in it but what comparison and reports read. */
export function spec(id: string, parts: Partial<Case> = {}): Case {
  return {
    id,
    file: `${id.split('.')[0]}.yaml`,
    title: `Title of ${id}`,
    why: `Because of ${id}.`,
    source: null,
    covers: [],
    requires: [],
    structs: {},
    objects: [],
    functions: [],
    probes: [],
    steps: [],
    expect: null,
    divergences: [],
    text: `title: Title of ${id}\n`,
    ...parts,
  };
}

/** What a fake subject sees of a case; a list of observations means it completed. */
export type Answer = readonly Observation[] | { end: OutcomeEnd; observations?: readonly Observation[] };

export function fakeTarget(
  id: SubjectId,
  features: readonly string[],
  answer: (spec: Case) => Answer,
  trace: readonly TraceEvent[] = [],
): Target & Required<Pick<Target, 'explain'>> {
  // Without threads a target gets the whole case.
  const run = (one: Runnable): Outcome => {
    const lacks = one.requires.filter((name) => !features.includes(name));
    const said: Answer = lacks.length > 0 ? { end: { kind: 'unsupported', lacks } } : answer(one as Case);
    const { end, observations = [] } =
      'end' in said ? said : { end: { kind: 'completed' } as const, observations: said };
    return { case: one.id, subject: id, end, observations, instructions: 7 };
  };
  return { id, features: new Set(features), run, explain: (one) => ({ outcome: run(one), trace }) };
}

export interface FakeArch {
  readonly short: string;
  readonly features?: readonly string[];
  /** The newest only, when absent. */
  readonly revisions?: readonly string[];
  readonly answer: (spec: Case) => Answer;
  readonly trace?: readonly TraceEvent[];
  /** Besides the model, by name. */
  readonly targets?: Readonly<Record<string, FakeElsewhere>>;
}

/** A back-end on another target. */
export interface FakeElsewhere {
  /** As on the model, when absent. */
  readonly answer?: (spec: Case) => Answer;
  /** What is missing; `null` or absent: nothing. */
  readonly lacks?: string | null;
  /** It cannot trace. */
  readonly traceless?: boolean;
  /** Told what is done to its subjects. */
  readonly heard?: (what: 'prepare' | 'run' | 'close', subject: string) => void;
}

/** A YAML file is a list of cases or one case, written as the records of case/types.ts. */
function fakeParse(file: string, text: string, id: string): { cases: Case[] } {
  let value: unknown;
  try {
    value = parse(text);
  } catch {
    throw new Problem(`${file}:1:1: not YAML`);
  }
  if (typeof value !== 'object' || value === null) throw new Problem(`${file}:1:1: a case is a mapping`);
  const list = Array.isArray(value) ? value : [value];
  return {
    cases: list.map(({ row, ...parts }) =>
      spec(row === undefined ? id : `${id}.${row}`, { file, text, ...parts }),
    ),
  };
}

/** A table of targets as that of harness/target/table.ts: the model, and whatever some back-end has besides. */
export function fakeTargets(archs: Readonly<Record<string, FakeArch>>): TargetTable {
  const makerOf = (target: string): TargetMaker => ({
    lacks: ({ backend }) => archs[backend.arch]?.targets?.[target]?.lacks ?? null,
    create: ({ backend: { arch } }, revision) => {
      const { features = [], answer, trace, targets } = archs[arch] as FakeArch;
      const id = subject(arch, revision, target);
      const elsewhere = targets?.[target];
      if (elsewhere === undefined) return fakeTarget(id, features, answer, trace);
      const { explain, ...made } = fakeTarget(id, features, elsewhere.answer ?? answer, trace);
      const hear = (what: 'prepare' | 'run' | 'close') => elsewhere.heard?.(what, subjectName(id));
      return {
        ...made,
        ...(elsewhere.traceless ? {} : { explain }),
        prepare: () => hear('prepare'),
        run: (one) => {
          hear('run');
          return made.run(one);
        },
        close: () => hear('close'),
      };
    },
  });
  const names = ['model', ...Object.values(archs).flatMap(({ targets = {} }) => Object.keys(targets))];
  return Object.fromEntries(names.map((name) => [name as TargetName, async () => makerOf(name)]));
}

export function fakeWiring(archs: Readonly<Record<string, FakeArch>>): Wiring {
  const names = Object.keys(archs).sort();
  const table = fakeTargets(archs);
  return {
    parser: async () => fakeParse,
    textParser: async () => fakeParse,
    async backends(wanted) {
      for (const name of wanted) {
        if (!names.includes(name)) throw new Problem(`no back-end ${name}${didYouMean(name, names)}`);
      }
      const chosen = names.filter((name) => wanted.length === 0 || wanted.includes(name));
      return chosen.map((arch) => ({
        backend: {
          arch,
          short: archs[arch]?.short,
          revisions: archs[arch]?.revisions ?? ['7.2'],
          registers: { aliases: {} },
          features: Object.fromEntries((archs[arch]?.features ?? []).map((name) => [name, {}])),
          layouts: { ftraceRegs: () => ({ fields: [] }), ptRegs: () => ({ fields: [] }) },
          qemu: { user: `qemu-${arch}`, system: `qemu-system-${arch}` },
        } as unknown as LoadedBackend['backend'],
        sources: [],
      }));
    },
    targetNames: () => availableTargets(table),
    targets: (wanted) => loadTargets(wanted, table),
  };
}
export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in-process. */
export async function program(
  argv: readonly string[],
  cwd: string,
  wiring: Wiring,
  io: Partial<Io> = {},
): Promise<Ran> {
  let [out, err] = ['', ''];
  const code = await main(
    argv,
    {
      out: (text) => {
        out += text;
      },
      err: (text) => {
        err += text;
      },
      isTerminal: false,
      columns: 80,
      environment: {},
      cwd,
      signal: new AbortController().signal,
      ...io,
    },
    wiring,
  );
  return { code, out, err };
}
