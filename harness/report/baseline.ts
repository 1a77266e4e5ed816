// SPDX-License-Identifier: MIT
/**
 * Baselines: a run boiled down to one line per case and one letter per subject, for a file that is committed, so that
 * `git diff` is the regression. Letters are those of compare/statuses.ts. They stand before the id: lines line up
 * without padding, and a longer id changes no other line.
 *
 *     # ftrace-conform baseline 1
 *     # harness 0.1.0
 *     # interpretation 1
 *     # axis arch
 *     # subjects arm64@6.1/model arm64@7.2/model
 *     # subjects s390@7.2/model
 *     # letters p as expected, u unsupported, …
 *     pp p fprobe/arguments.1
 *     uF p fprobe/arguments.2
 */
import { EXIT } from '../compare/exit-codes.js';
import type { CaseStanding, Standing } from '../compare/over-time.js';
import { NO_LETTER, SEVERITY, STATUSES } from '../compare/statuses.js';
import type { Axis, Status } from '../compare/types.js';
import { byId } from '../plan/order.js';
import { Problem } from '../plan/problem.js';
import { type SubjectId, subjectName } from '../target/outcome.js';

/** Format written, and the only one read. */
export const BASELINE_FORMAT = 1;

/** By which a baseline is told from a log. */
export const BASELINE_HEAD = '# ftrace-conform baseline ';

const AXES: readonly Axis[] = ['arch', 'revision', 'target'];

const LETTERS: ReadonlyMap<string, Status | null> = new Map([
  ...SEVERITY.map((status): [string, Status] => [STATUSES[status].letter, status]),
  [NO_LETTER, null],
]);

/** Sorted by id; what has no verdict at all is left out. */
export function baselineText(standing: Standing): string {
  const groups = groupsOf(standing.subjects);
  const lines = [
    `${BASELINE_HEAD}${BASELINE_FORMAT}`,
    `# harness ${standing.harness}`,
    `# interpretation ${standing.interpretation}`,
    `# axis ${standing.axis}`,
    ...groups.map((group) => `# subjects ${group.map(({ id }) => subjectName(id)).join(' ')}`),
    `# letters ${legend()}`,
  ];
  for (const [id, { statuses }] of [...standing.cases].sort(([a], [b]) => byId(a, b))) {
    if (statuses.every((status) => status === null)) continue;
    lines.push(caseLine(id, statuses, groups));
  }
  return `${lines.join('\n')}\n`;
}

function caseLine(id: string, statuses: CaseStanding['statuses'], groups: readonly Group[]): string {
  const letters = groups.map((group) => group.map(({ place }) => letterOf(statuses[place] ?? null)).join(''));
  return `${letters.join(' ')} ${id}`;
}

function letterOf(status: Status | null): string {
  return status === null ? NO_LETTER : STATUSES[status].letter;
}

function legend(): string {
  const words = [...SEVERITY]
    .reverse()
    .map((status) => `${STATUSES[status].letter} ${STATUSES[status].brief}`);
  return `${words.join(', ')}, ${NO_LETTER} no verdict`;
}

type Group = readonly { readonly id: SubjectId; readonly place: number }[];

/** Neighbours of one back-end stand together, as in the matrix. */
function groupsOf(subjects: readonly SubjectId[]): Group[] {
  const groups: { id: SubjectId; place: number }[][] = [];
  subjects.forEach((id, place) => {
    const last = groups.at(-1);
    if (last?.[0]?.id.arch === id.arch) last.push({ id, place });
    else groups.push([{ id, place }]);
  });
  return groups;
}

/**
 * @param text with line ends of either kind: a checkout may have made CRLF of them
 * @param name how the file is called in errors
 * @throws Problem with exit code 6 for a text that is no baseline of this format, or not sorted
 */
export function readBaseline(text: string, name: string): Standing {
  const lines = text.split(/\r?\n/);
  const refuse = (why: string, line: number) =>
    new Problem(`${name}:${line}: ${why}; baseline refused`, EXIT.refused);
  if (lines.pop() !== '') throw refuse('the last line is cut off', lines.length + 1);
  const [head = ''] = lines;
  if (!head.startsWith(BASELINE_HEAD)) throw refuse(`does not begin with "${BASELINE_HEAD.trim()}"`, 1);
  const format = head.slice(BASELINE_HEAD.length);
  if (format !== String(BASELINE_FORMAT))
    throw refuse(`format ${format}, but this version reads format ${BASELINE_FORMAT}`, 1);
  const facts = new Map<string, string>();
  const groups: string[][] = [];
  let start = 1;
  for (; lines[start]?.startsWith('#'); start++) {
    const [, key = '', value = ''] = /^# ([a-z]+) (.+)$/.exec(lines[start] as string) ?? [];
    if (key === 'subjects') groups.push(value.split(' '));
    else if (['harness', 'interpretation', 'axis', 'letters'].includes(key) && !facts.has(key))
      facts.set(key, value);
    else throw refuse('a line of the head that is not understood, or twice there', start + 1);
  }
  const fact = (key: string, good: (value: string) => boolean): string => {
    const value = facts.get(key);
    if (value === undefined) throw refuse(`the head lacks "# ${key} …"`, start);
    if (!good(value)) throw refuse(`the head says ${key} ${value}`, start);
    return value;
  };
  const names = groups.flat();
  if (names.length === 0) throw refuse('the head names no subjects', start);
  if (new Set(names).size < names.length) throw refuse('the head names a subject twice', start);
  const shape = new RegExp(`^(${groups.map((group) => `.{${group.length}}`).join(' ')}) (\\S+)$`);
  const cases = new Map<string, CaseStanding>();
  let last: string | undefined;
  for (let at = start; at < lines.length; at++) {
    const [, letters = '', id = ''] = shape.exec(lines[at] as string) ?? [];
    if (id === '') throw refuse(`not one letter for each of ${names.length} subjects, then an id`, at + 1);
    if (last !== undefined && byId(last, id) >= 0) throw refuse(`${id} must stand before ${last}`, at + 1);
    const statuses = [...letters.replaceAll(' ', '')].map((letter) => {
      const status = LETTERS.get(letter);
      if (status === undefined) throw refuse(`no verdict has the letter ${letter}`, at + 1);
      return status;
    });
    if (statuses.length !== names.length) throw refuse('blanks among the letters', at + 1);
    cases.set(id, { statuses, detail: null });
    last = id;
  }
  return {
    harness: fact('harness', () => true),
    interpretation: Number(fact('interpretation', (value) => /^\d{1,9}$/.test(value))),
    axis: fact('axis', (value) => AXES.some((axis) => axis === value)) as Axis,
    subjects: names.map((subject) => subjectIdOf(subject) ?? fail(refuse(`no subject: ${subject}`, start))),
    cases,
  };
}

function fail(problem: Problem): never {
  throw problem;
}

/** `arm64@6.1/model` */
function subjectIdOf(name: string): SubjectId | undefined {
  const [, arch = '', revision = '', target = ''] = /^([^@/\s]+)@([^@/\s]+)\/([^@/\s]+)$/.exec(name) ?? [];
  return target === '' ? undefined : { arch, revision, target };
}

/** Whether a text means to be a baseline rather than a log. */
export function isBaseline(text: string): boolean {
  return text.startsWith(BASELINE_HEAD);
}
