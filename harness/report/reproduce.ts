// SPDX-License-Identifier: MIT
/** The shortest commands that reproduce and explain what is not as expected. */
import type { Parting } from '../compare/parting.js';
import { failing } from '../compare/statuses.js';
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
  const options = header.axis === 'arch' ? only : ` --compare ${header.axis}`;
  const selector =
    group.length > 1 && (whole || group.length > IN_COMMAND) ? familyOf(first) : braced(group, IN_COMMAND);
  return `ftrace-conform run ${selector}${options}`;
}

/** Explains a case on its first failing back-end, against one that behaves otherwise; `null` where none fails. */
export function explainCommand({ spec, comparison }: CaseEvent): string | null {
  const archs = failingArchs({ comparison });
  if (archs[0] === undefined) return null;
  const others = comparison.classes.flatMap(({ subjects }) =>
    subjects.map((name) => name.split('@')[0] ?? ''),
  );
  const other = others.find((name) => !archs.includes(name));
  const versus = other === undefined ? '' : ` --vs ${other}`;
  return `ftrace-conform explain ${spec.id} --arch ${archs[0]}${versus}`;
}

/** Explains a case on the subjects that a trace is kept of. */
export function partingCommand(id: string, { subjects: [left, right] }: Parting): string {
  return `ftrace-conform explain ${id} --arch ${asArch(left)}${right === null ? '' : ` --vs ${asArch(right)}`}`;
}

/** `arm64@7.2/model` as `--arch` takes it. */
export function asArch(name: string): string {
  return name.replace(/\/[^/]*$/, '');
}

function failingArchs({ comparison }: Pick<CaseEvent, 'comparison'>): string[] {
  const bad = comparison.verdicts.filter(({ status }) => failing(status));
  return [...new Set(bad.map(({ subject }) => subject.arch))];
}
