// SPDX-License-Identifier: MIT
/**
 * Several logs → the events of the run they are parts of: shards of the same subjects, environments with different
 * subjects of the same cases, or shards of several environments. What comes out is what one run would have given, byte for
 * byte; what does not fit together is refused by name, since a smaller total would look like a result.
 */
import { byVersion } from '../backend/by-version.js';
import { compareCase } from '../compare/compare.js';
import { EXIT, type ExitCode, gravestExit } from '../compare/exit-codes.js';
import type { Judged, Result } from '../compare/judge.js';
import type { Parting } from '../compare/parting.js';
import { partingSubjects } from '../compare/parting-subjects.js';
import { failing } from '../compare/statuses.js';
import type { Axis, Comparison } from '../compare/types.js';
import { caseSetOf } from '../plan/case-set.js';
import { byId } from '../plan/order.js';
import { shardOf } from '../plan/shard.js';
import { backendHead, columnHeads } from '../plan/subjects.js';
import { failsUnsupported, Tally } from '../plan/tally.js';
import { DEFAULT_TARGET } from '../target/facts.js';
import { type Outcome, subjectName } from '../target/outcome.js';
import type { CaseEvent, HeaderEvent, RunEvent } from './events.js';
import type { Log } from './log.js';
import { checkComplete, checkSame, refuse } from './merge-checks.js';

/** A run without its footer, and the logs it comes from. */
interface Part {
  readonly names: readonly string[];
  readonly header: HeaderEvent;
  readonly cases: readonly CaseEvent[];
}

/**
 * @param logs at least one
 * @param judged what verdicts depend on, of a case of these logs; only asked for where subjects are brought together
 * @throws Problem with exit code 6
 */
export function merge(logs: readonly Log[], judged: (spec: CaseEvent['spec']) => Judged): RunEvent[] {
  checkComplete(logs);
  checkSame(logs);
  const bySubjects = new Map<string, Log[]>();
  for (const log of logs) {
    const key = JSON.stringify(log.header.subjects.map(({ id, features }) => [id, features]));
    bySubjects.set(key, [...(bySubjects.get(key) ?? []), log]);
  }
  const parts = [...bySubjects.values()].map(wholeOf);
  const { header, cases } = parts.length === 1 ? (parts[0] as Part) : together(parts, judged);
  const tally = new Tally();
  for (const { comparison } of cases) tally.add(comparison);
  const footer = tally.footer(failsUnsupported(header));
  const exitCode = gravestExit([
    footer.exitCode as ExitCode,
    ...(header.rerun?.outstanding ? [EXIT.outstanding] : []),
  ]);
  return [header, ...cases, { ...footer, exitCode }];
}

/** Shards of one environment as one. */
function wholeOf(logs: readonly Log[]): Part {
  const [first] = logs as [Log];
  const names = logs.map(({ name }) => name);
  const whole = logs.filter(({ header }) => header.shard === undefined);
  if (whole.length > 0) {
    if (logs.length > 1) {
      const who = first.header.subjects.map(({ name }) => name).join(', ');
      refuse(`${names.join(' and ')} are of the same subjects (${who}), and not shards of one run`);
    }
    return { names, header: first.header, cases: first.cases };
  }
  const byIndex = new Map<number, Log>();
  const { shard, ...header } = first.header;
  const { of, caseSet } = shard as NonNullable<HeaderEvent['shard']>;
  for (const log of logs) {
    const { index } = log.header.shard as NonNullable<HeaderEvent['shard']>;
    const before = byIndex.get(index);
    if (before !== undefined) refuse(`${before.name} and ${log.name} are both shard ${index}/${of}`);
    if (log.header.command.join('\n') !== header.command.join('\n')) {
      refuse(`${first.name} and ${log.name} are shards of runs with other options`);
    }
    byIndex.set(index, log);
    const stray = log.cases.find(({ spec }) => shardOf(spec.id, of) !== index);
    if (stray !== undefined) refuse(`${log.name}: ${stray.spec.id} is not of shard ${index}/${of}`);
  }
  const missing = Array.from({ length: of }, (_, at) => at + 1).filter((index) => !byIndex.has(index));
  if (missing.length > 0) {
    const which = missing.map((index) => `${index}/${of}`).join(', ');
    refuse(`missing ${missing.length === 1 ? 'shard' : 'shards'} ${which} of ${names.join(', ')}`);
  }
  const cases = logs.flatMap((log) => log.cases).sort((a, b) => byId(a.spec.id, b.spec.id));
  if (caseSetOf(cases.map(({ spec }) => spec)) !== caseSet) {
    refuse(`${names.join(', ')}: together they are not the cases that were to run`);
  }
  return { names, header: { ...header, caseSet }, cases };
}

/** Different subjects of the same cases: every case is compared anew. */
function together(parts: readonly Part[], judged: (spec: CaseEvent['spec']) => Judged): Part {
  const [first] = parts as [Part];
  const from = new Map<string, string>();
  for (const { header, names } of parts) {
    if (header.caseSet !== first.header.caseSet) {
      refuse(`${first.names.join(', ')} and ${names.join(', ')} are runs of different cases`);
    }
    for (const { name } of header.subjects) {
      const before = from.get(name);
      if (before !== undefined) refuse(`${before} and ${names.join(', ')} both have the subject ${name}`);
      from.set(name, names.join(', '));
    }
  }
  const columns = parts
    .flatMap((part) => part.header.subjects.map((subject, index) => ({ part, subject, index })))
    .sort(({ subject: { id: a } }, { subject: { id: b } }) =>
      a.arch !== b.arch
        ? order(a.arch, b.arch)
        : byVersion(a.revision, b.revision) || order(a.target, b.target),
    );
  const features = columns.map(({ subject }) => new Set(subject.features));
  const cases = first.cases.map(({ spec }, at): CaseEvent => {
    const results = columns.map(({ part, index }, column): Result => {
      const { comparison } = part.cases[at] as CaseEvent;
      const outcome = comparison.outcomes[index] as Outcome;
      return { outcome, features: features[column] as ReadonlySet<string> };
    });
    const comparison = compareCase(judged(spec), results, first.header.axis);
    const traced = parts.flatMap((part) => part.cases[at]?.comparison.parting ?? []);
    return { event: 'case', spec, comparison: withKept(comparison, traced, first.header.axis) };
  });
  const head = columnHeads(columns.map(({ subject }) => subject.id));
  const subjects = columns.map(({ subject }) => ({
    ...subject,
    short: head(backendHead(subject.short), subject.id),
  }));
  const command = commandOf(
    [...new Set(columns.map(({ part }) => part))].map(({ header }) => header.command),
  );
  return {
    names: parts.flatMap(({ names }) => names),
    header: { ...first.header, subjects, command },
    cases,
  };
}

/**
 * With the traces that an environment has kept of a subject that fails, at best those that one run would have kept. A pair
 * from two environments was never traced.
 */
function withKept(comparison: Comparison, traced: readonly Parting[], axis: Axis): Comparison {
  const who = partingSubjects(comparison, axis);
  if (who === null) return comparison;
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  const failed = new Set(bad.map(({ subject }) => subjectName(subject)));
  const rank = ({ subjects: [left, right] }: Parting) =>
    (left === who[0] ? 2 : 0) + (left === who[0] && right === who[1] ? 1 : 0);
  const [parting] = traced
    .filter(({ subjects: [left] }) => failed.has(left))
    .sort((a, b) => rank(b) - rank(a));
  return parting === undefined ? comparison : { ...comparison, parting };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Options that choose subjects, in the order in which a run writes them. */
const CHOOSING = ['arch', 'kernel', 'target'] as const;

/** The one command that has all the subjects, where these differ in one option at most; else one after the other. */
function commandOf(commands: readonly (readonly string[])[]): string[] {
  const given = commands.map(optionsOf);
  const same = (key: (typeof CHOOSING)[number] | 'rest') =>
    given.every((one) => JSON.stringify(one[key]) === JSON.stringify(given[0]?.[key]));
  const [first] = given as [ReturnType<typeof optionsOf>];
  if (same('rest') && CHOOSING.filter((key) => !same(key)).length <= 1) {
    // `--seed N` ends a command; what chooses subjects stands where a run would put it.
    const all = (key: (typeof CHOOSING)[number]) => {
      if (same(key)) return first[key];
      const none = key === 'target' ? [DEFAULT_TARGET] : [];
      return [...new Set(given.flatMap((one) => (one[key].length > 0 ? one[key] : none)))];
    };
    const named = CHOOSING.flatMap((key) => all(key).flatMap((name) => [`--${key}`, name]));
    return [...first.rest.slice(0, first.at), ...named, ...first.rest.slice(first.at)];
  }
  return commands.flatMap((command, index) => (index === 0 ? command : [';', 'ftrace-conform', ...command]));
}

function optionsOf(command: readonly string[]) {
  const chosen = { arch: [] as string[], kernel: [] as string[], target: [] as string[] };
  const rest: string[] = [];
  for (let at = 0; at < command.length; at++) {
    const word = command[at] as string;
    const key = CHOOSING.find((one) => word === `--${one}`);
    if (key === undefined) rest.push(word);
    else chosen[key].push(command[++at] as string);
  }
  const place = rest.findIndex((word) => word.startsWith('--'));
  return { ...chosen, rest, at: place < 0 ? rest.length : place };
}
