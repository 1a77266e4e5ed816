// SPDX-License-Identifier: MIT
/**
 * What a case can cover: upstream tests about function-boundary tracing and bugs that back-ends and the core once had. The
 * closed list, so that a mistyped id is refused. The tables are below `covers/`, a file per suite.
 */
import { nearest } from '../ctype/nearest.js';
import { bpfKprobes } from './covers/bpf-kprobes.js';
import { bpfTrampolines } from './covers/bpf-trampolines.js';
import { bugs } from './covers/bugs.js';
import { ftracetest } from './covers/ftracetest.js';
import { kernel } from './covers/kernel.js';
import { livepatch } from './covers/livepatch.js';
import { type Unit, unitsOf } from './covers/unit.js';
import { refuseTwice } from './scope.js';
import type { Source } from './source.js';
import type { Scalar } from './tree.js';

export type { Unit } from './covers/unit.js';

/** In the order in which they are listed. */
export const units: readonly Unit[] = [
  ...[kernel, ftracetest, bpfTrampolines, bpfKprobes, livepatch].flatMap(unitsOf),
  ...bugs.map(([id, about]): Unit => ({ id, row: id, restatable: 'bug', kernels: null, about, verdicts: 1 })),
];

/** Units, and rows as a whole. */
export const coverIds: ReadonlySet<string> = new Set(units.flatMap(({ id, row }) => [row, id]));

/** @throws CaseError for an id that is not in the list, or twice in `covers` */
export function checkCovers(source: Source, covers: readonly Scalar[]): void {
  for (const { text, offset } of covers) {
    if (coverIds.has(text)) continue;
    const near = nearest(text, coverIds);
    source.fail(
      'unknown-name',
      offset,
      `there is no upstream test or historical bug \`${text}\``,
      near === undefined
        ? 'ids are those of `ftrace-conform list --covers`: FP-02, x86-rth-missing-ret-slot'
        : `did you mean \`${near}\`?`,
    );
  }
  refuseTwice(source, covers);
}
