// SPDX-License-Identifier: MIT
/** Parts of a mail: lines of 72 columns, who else was asked, and between which kernels it changed. */
import { byVersion } from '../../backend/by-version.js';
import { listed } from '../../compare/sentence.js';
import { failing, STATUSES } from '../../compare/statuses.js';
import type { Verdict } from '../../compare/types.js';
import type { CaseEvent } from '../events.js';
import { columns, wrap } from '../wrap.js';

/**
 * Lines of at most `width` columns that keep the indent of the first; the following have `hang` columns. A word that is
 * too long is broken; a control character is a blank.
 */
export function fold(given: string, width: number, hang: number): string[] {
  const text = given.replace(/\p{Cc}+/gu, ' ');
  if (columns(text) <= width) return [text];
  const indent = /^ */.exec(text)?.[0] ?? '';
  const [first = '', ...rest] = wrap(text.slice(indent.length), width - Math.max(indent.length, hang));
  return [`${indent}${first}`, ...rest.map((line) => ' '.repeat(hang) + line)].flatMap((line) =>
    broken(line, width, hang),
  );
}

function broken(line: string, width: number, hang: number): string[] {
  if (line.length <= width) return [line];
  return [line.slice(0, width), ...broken(' '.repeat(hang) + line.slice(width), width, hang)];
}

/** Back-ends on which the case is as expected where it fails, and those that cannot tell. */
export function siblings({ comparison }: CaseEvent, bad: readonly Verdict[]): string {
  const revisions = new Set(bad.map(({ subject }) => subject.revision));
  const failingArchs = new Set(bad.map(({ subject }) => subject.arch));
  const there = comparison.verdicts.filter(
    ({ subject }) => revisions.has(subject.revision) && !failingArchs.has(subject.arch),
  );
  const archs = (wanted: (verdict: Verdict) => boolean) => [
    ...new Set(there.filter(wanted).map(({ subject }) => subject.arch)),
  ];
  const broken = archs(({ status }) => failing(status));
  const good = archs(({ status }) => STATUSES[status].ran && !failing(status)).filter(
    (arch) => !broken.includes(arch),
  );
  const place = `at ${listed([...revisions].sort(byVersion))}`;
  if (!there.some(({ status }) => STATUSES[status].ran)) return `No other architecture runs it ${place}.`;
  if (good.length === 0) return `No other architecture is as expected ${place}.`;
  return `As expected ${place}: ${listed(good)}.`;
}

/** For each failing back-end with several revisions: `Kernels, s390: 6.1 as expected, 7.2 differs.` */
export function kernelsTried({ comparison }: CaseEvent, bad: readonly Verdict[]): string[] {
  return [...new Set(bad.map(({ subject }) => subject.arch))].flatMap((arch) => {
    const own = comparison.verdicts
      .filter(({ subject }) => subject.arch === arch)
      .sort((a, b) => byVersion(a.subject.revision, b.subject.revision));
    if (own.length < 2) return [];
    const told = own.map(({ subject, status }) => `${subject.revision} ${STATUSES[status].brief}`);
    return [`Kernels, ${arch}: ${told.join(', ')}.`];
  });
}

/** `v6.12..v7.2`, where each failing subject was as expected at the revision before; `null` where that is not so. */
export function kernelRange(
  cases: readonly { readonly event: CaseEvent; readonly bad: readonly Verdict[] }[],
): string | null {
  const ranges = new Set(
    cases.flatMap(({ event, bad }) =>
      [...new Set(bad.map(({ subject }) => subject.arch))].map((arch) => {
        const own = event.comparison.verdicts
          .filter(({ subject, status }) => subject.arch === arch && STATUSES[status].ran)
          .sort((a, b) => byVersion(a.subject.revision, b.subject.revision));
        const first = own.findIndex(({ status }) => failing(status));
        if (first < 1) return '';
        return `v${own[first - 1]?.subject.revision}..v${own[first]?.subject.revision}`;
      }),
    ),
  );
  const [range = ''] = ranges;
  return ranges.size === 1 && range !== '' ? range : null;
}
