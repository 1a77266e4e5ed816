// SPDX-License-Identifier: MIT
/**
 * `explain`: everything that happened in one case, instruction by instruction; with `--vs`, two subjects
 * aligned by event. Without `--arch` the odd one out is explained against one of the others.
 */
import type { Case } from '../case/types.js';
import { compareCase } from '../compare/compare.js';
import { diffLines } from '../compare/diff.js';
import { EXIT } from '../compare/exit-codes.js';
import { judge } from '../compare/judge.js';
import { normalForm } from '../compare/normal.js';
import { STATUSES } from '../compare/statuses.js';
import { alignTraces, inNormalForm, partingOf } from '../compare/trace-align.js';
import { Problem } from '../plan/problem.js';
import { closeAll, partsOf, type Subject } from '../plan/subjects.js';
import { coloured, mayColour, type Paint, plain } from '../report/style.js';
import { wrap } from '../report/wrap.js';
import { DEFAULT_TARGET } from '../target/facts.js';
import { lacking } from '../target/lacking.js';
import { type Outcome, subjectName } from '../target/outcome.js';
import type { Invocation } from './invocation.js';
import { checkedCases, selectedSubjects } from './selection.js';
import { drawPairs, drawTrace } from './trace-draw.js';

export async function explain(invocation: Invocation): Promise<number> {
  const cases = await checkedCases(invocation);
  const [spec] = cases as [Case];
  if (cases.length > 1) {
    const ids = cases.slice(0, 12).map(({ id }) => `  ${id}`);
    throw new Problem(
      `explain takes one case; ${invocation.arguments[0]} names ${cases.length}, for example\n${ids.join('\n')}`,
    );
  }
  const made: Subject[] = [];
  try {
    const [left, right] = await pair(invocation, spec, made);
    return explained(invocation, spec, left, right);
  } finally {
    closeAll(made);
  }
}

function explained(
  { options, io }: Invocation,
  spec: Case,
  left: Subject,
  right: Subject | undefined,
): number {
  const paint = mayColour(options.color, io.isTerminal, io.environment) ? coloured : plain;
  const width = Math.max(80, Math.min(io.columns, 120));
  const print = (lines: readonly string[]) => io.out(`${lines.join('\n')}\n`);
  print([`${paint('bold', spec.id)}  ${spec.title}`, ...wrap(spec.why.trim(), width), '']);

  const first = traced(left, spec);
  const [a, nameA] = [first.outcome, subjectName(left.target.id)];
  if (right === undefined) {
    print([paint('bold', nameA), ...drawTrace(first.trace, width, paint), '']);
    print(verdictLines(spec, [left], [a], width, paint));
    return EXIT.ok;
  }
  const second = traced(right, spec);
  const [b, nameB] = [second.outcome, subjectName(right.target.id)];
  const pairs = alignTraces(first.trace, second.trace);
  print(drawPairs(pairs, [nameA, nameB], width, paint));
  print([
    '',
    paint('bold', 'Where they part'),
    ...partingOf(pairs, [nameA, nameB])
      .flatMap((text) => wrap(text, width - 2))
      .map((text) => `  ${text}`),
    '',
  ]);
  const diff = diffLines(nameA, normalForm(a.observations), nameB, normalForm(b.observations));
  print([
    paint('bold', 'Outcomes'),
    ...(diff === null ? ['  equal'] : diff.split('\n').map((line) => `  ${painted(line, paint)}`)),
    '',
  ]);
  print(verdictLines(spec, [left, right], [a, b], width, paint));
  return EXIT.ok;
}

/** @throws Problem for a target that cannot trace */
function traced({ target }: Subject, spec: Case) {
  if (target.explain === undefined) {
    const { arch, revision } = target.id;
    throw new Problem(
      `${subjectName(target.id)} runs cases and cannot trace them\nthe model can: ftrace-conform explain ${spec.id} --arch ${arch}@${revision}/${DEFAULT_TARGET}`,
    );
  }
  const { outcome, trace } = target.explain(spec);
  return { outcome, trace: inNormalForm(trace, outcome) };
}

/**
 * The subject to explain, and the one to hold against it.
 * @param made all that were thought of, to be closed
 */
async function pair(
  invocation: Invocation,
  spec: Case,
  made: Subject[],
): Promise<readonly [Subject, Subject?]> {
  const { arch, vs, target: on } = invocation.options;
  if (arch.length > 1) throw new Problem('explain takes one --arch; the second back-end is --vs');
  if (on.length > 1) throw new Problem('explain takes one --target; the second is of --vs NAME/TARGET');
  const [name] = arch;
  if (name !== undefined) {
    const left = await subjectNamed(invocation, name, spec, made);
    if (vs === undefined) return [left];
    const right = await subjectNamed(invocation, vs, spec, made);
    const [a, b] = [left, right].map(({ target }) => subjectName(target.id));
    if (a === b) {
      throw new Problem(
        `--arch ${name} and --vs ${vs} are the same subject, ${a}; name another back-end, another revision as NAME@REVISION, or another target as NAME/TARGET`,
      );
    }
    return [left, right];
  }
  if (vs !== undefined) throw new Problem('--vs needs --arch: two back-ends are compared');
  const all = await selectedSubjects(invocation);
  made.push(...all);
  const subjects = runnable(all, spec);
  const results = subjects.map(({ target }) => ({ outcome: target.run(spec), features: target.features }));
  const { classes } = compareCase(spec, results, 'arch');
  const find = (wanted: string | undefined) =>
    subjects.find(({ target }) => subjectName(target.id) === wanted);
  const odd = find(classes.at(-1)?.subjects[0]) ?? (subjects[0] as Subject);
  return classes.length < 2 ? [odd] : [odd, find(classes[0]?.subjects[0]) as Subject];
}

/**
 * `arch`: its newest revision that can run the case; `arch@6.12`: that one; `arch/target` and `arch@6.12/target`: there,
 * instead of on `--target`.
 */
async function subjectNamed(
  invocation: Invocation,
  name: string,
  spec: Case,
  made: Subject[],
): Promise<Subject> {
  const { options } = invocation;
  const { arch, revision, target } = partsOf(name);
  const kernel = revision === undefined ? options.kernel : [revision];
  const on = target === undefined ? options.target : [target];
  const wanted = { ...invocation, options: { ...options, kernel, target: on } };
  const subjects = await selectedSubjects(wanted, [arch]);
  made.push(...subjects);
  // From the newest on, so that no older target is made for nothing.
  const able = subjects.findLast((subject) => canRun(subject, spec));
  return able ?? (runnable(subjects, spec).at(-1) as Subject);
}

function canRun({ target }: Subject, spec: Case): boolean {
  return target.skips === undefined && lacking(target, spec).length === 0;
}

/** @throws Problem when none has the features */
function runnable(subjects: readonly Subject[], spec: Case): Subject[] {
  const able = subjects.filter((subject) => canRun(subject, spec));
  if (able.length > 0) return able;
  const idle = subjects.at(-1)?.target;
  if (idle?.skips !== undefined)
    throw new Problem(`${subjectName(idle.id)} cannot run here: ${idle.skips}`, EXIT.nothing);
  const [{ target }] = subjects as [Subject];
  throw new Problem(
    `${spec.id} does not run on ${subjectName(target.id)}: it lacks ${lacking(target, spec).join(', ')}`,
    EXIT.nothing,
  );
}

function verdictLines(
  spec: Case,
  subjects: readonly Subject[],
  outcomes: readonly Outcome[],
  width: number,
  paint: Paint,
): string[] {
  const results = outcomes.map((outcome, index) => ({
    outcome,
    features: subjects[index]?.target.features ?? new Set<string>(),
  }));
  const [a, b] = outcomes.map(({ subject }) => subject);
  const along = a && b && a.arch === b.arch && a.revision === b.revision ? 'target' : 'arch';
  const { sentence, explained } = compareCase(spec, results, along);
  const lines = results
    .map((result) => judge(spec, result))
    .flatMap(({ status, subject, reason, divergences }) => [
      `${paint(STATUSES[status].colour, status)} ${subjectName(subject)}${reason === '' ? '' : `: ${reason}`}`,
      ...divergences.map(({ because, source }) => `  declared: ${because.trim()} (${source})`),
    ]);
  lines.unshift(paint('bold', 'Judged each alone'));
  if (sentence !== null) lines.push(`${explained ? 'declared' : 'not declared'}: ${sentence}`);
  return lines.flatMap((line) => wrap(line, width));
}

function painted(line: string, paint: Paint): string {
  if (line.startsWith('-')) return paint('red', line);
  return line.startsWith('+') ? paint('green', line) : line;
}
