// SPDX-License-Identifier: MIT
/** The shortest commands that reproduce and explain what is not as expected. */
import type { Parting } from '../compare/parting.js';
import { failing, STATUSES } from '../compare/statuses.js';
import type { Comparison, Verdict } from '../compare/types.js';
import { archOf } from '../plan/subjects.js';
import { DEFAULT_TARGET } from '../target/facts.js';
import { subjectName } from '../target/outcome.js';
import type { CaseEvent, HeaderEvent } from './events.js';
import { braced, familyOf } from './rows.js';

/** Members of a family in a command; of more, the command runs the whole family. */
const IN_COMMAND = 8;

/**
 * Runs again what a group of cases of one family fails on.
 * @param whole whether these are all members of their family
 */
export function runCommand(group: readonly CaseEvent[], whole: boolean, header: HeaderEvent): string {
  const [first] = group as [CaseEvent];
  const { comparison } = first;
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  const archs = failingArchs(first);
  // What only comparison found out needs those it was compared with; the sentence may tell of several kernels.
  const beside = bad.some(({ reason }) => (comparison.sentence ?? '').includes(reason));
  const alone = !beside && header.axis === 'arch';
  const all = new Set(header.subjects.map(({ id }) => id.arch)).size;
  const only = alone && archs.length < all ? archs.map((arch) => ` --arch ${arch}`).join('') : '';
  const on = targetOptions(
    (alone ? bad.map(({ subject }) => subject) : header.subjects.map(({ id }) => id)).map((id) => id.target),
  );
  const options = `${header.axis === 'arch' ? only : ` --compare ${header.axis}`}${on}`;
  const selector =
    group.length > 1 && (whole || group.length > IN_COMMAND) ? familyOf(first) : braced(group, IN_COMMAND);
  return `ftrace-conform run ${selector}${options}`;
}

/**
 * Explains a case on its first failing back-end, against one that behaves otherwise: the same on another target, if that
 * does; `null` where none fails.
 */
export function explainCommand({ spec, comparison }: CaseEvent): string | null {
  const [first] = comparison.verdicts.filter(({ status }) => failing(status));
  if (first === undefined) return null;
  const command = `ftrace-conform explain ${spec.id}`;
  const elsewhere = otherTarget(first, comparison);
  if (elsewhere !== undefined)
    return `${command} --arch ${subjectName(first.subject)} --vs ${subjectName(elsewhere.subject)}`;
  const archs = failingArchs({ comparison });
  const others = comparison.classes.flatMap(({ subjects }) => subjects.map(archOf));
  const other = others.find((name) => !archs.includes(name));
  const versus = other === undefined ? '' : ` --vs ${other}`;
  const { arch, target } = first.subject;
  return `${command} --arch ${arch}${targetOptions([target])}${versus}`;
}

/** Of the same back-end and revision on another target, a subject that saw something else; at best one that passes. */
function otherTarget({ subject }: Verdict, { verdicts, classes }: Comparison): Verdict | undefined {
  const seen = (one: Verdict) =>
    classes.find(({ subjects }) => subjects.includes(subjectName(one.subject)))?.text.join('\n');
  const siblings = verdicts.filter(
    (one) =>
      STATUSES[one.status].ran &&
      one.subject.arch === subject.arch &&
      one.subject.revision === subject.revision,
  );
  const own = siblings.find((one) => one.subject.target === subject.target);
  const others = siblings.filter((one) => own !== undefined && seen(one) !== seen(own));
  return others.find(({ status }) => !failing(status)) ?? others[0];
}

/** Nothing for the default one alone. */
function targetOptions(targets: readonly string[]): string {
  const all = [...new Set(targets)].sort();
  if (all.length === 1 && all[0] === DEFAULT_TARGET) return '';
  return all.map((target) => ` --target ${target}`).join('');
}

/** Explains a case on the subjects that a trace is kept of. */
export function partingCommand(id: string, { subjects: [left, right] }: Parting): string {
  return `ftrace-conform explain ${id} --arch ${asArch(left)}${right === null ? '' : ` --vs ${asArch(right)}`}`;
}

/** `arm64@7.2/model` as `--arch` takes it: the default target goes without saying. */
export function asArch(name: string): string {
  return name.endsWith(`/${DEFAULT_TARGET}`) ? name.slice(0, -DEFAULT_TARGET.length - 1) : name;
}

function failingArchs({ comparison }: Pick<CaseEvent, 'comparison'>): string[] {
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  return [...new Set(bad.map(({ subject }) => subject.arch))];
}
