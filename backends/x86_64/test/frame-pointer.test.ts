// SPDX-License-Identifier: MIT
/**
 * The kernel with frame pointers (UNWINDER_FRAME_POINTER), executed: what the corpus observes is what it observes of the
 * default, which has ORC tables. Its trampolines push frames for the traced function and for themselves (linux 7.2
 * arch/x86/kernel/ftrace_64.S save_mcount_regs), and restore %rbp from beneath them.
 */
import { describe, expect, test } from 'vitest';
import type { LoadedBackend } from '../../../harness/backend/contract.js';
import { parseCases } from '../../../harness/case/parse.js';
import { normalForm } from '../../../harness/compare/normal.js';
import { loadCases } from '../../../harness/plan/cases.js';
import { packageRoot } from '../../../harness/plan/package-root.js';
import { defaultPlace, select } from '../../../harness/plan/select.js';
import { createModelTarget } from '../../../harness/target/model/model.js';
import { loadBackend } from '../../../test/backend.js';
import { backend } from '../index.js';
import { FRAME_POINTER, REVISIONS } from './support.js';

const every = (value: boolean) => Object.fromEntries(REVISIONS.map((revision) => [revision, value]));
const turned = Object.fromEntries(
  Object.entries(FRAME_POINTER).map(([feature, value]) => [feature, every(value)]),
);
const usual = loadBackend(backend);
const framed: LoadedBackend = {
  ...usual,
  backend: {
    ...usual.backend,
    features: { ...usual.backend.features, ...turned },
  } as LoadedBackend['backend'],
};

const folders = [
  'arguments',
  'direct',
  'fprobe',
  'graph',
  'nesting',
  'ops',
  'registers',
  'returns',
  'unwind',
];
const cases = folders.map(
  (folder) =>
    [folder, loadCases(select([folder], defaultPlace(packageRoot, packageRoot)), parseCases)] as const,
);

/** Endless recursion (6.1, `fprobe/shared-recursion`) ends where the stack does, with larger frames at another word of it. */
const overflow = (line: string) => line.replace(/unmapped stack-0x[0-9a-f]+/, 'unmapped stack');

describe.each(REVISIONS)('at %s', (revision) => {
  const [plain, variant] = [createModelTarget(usual, revision), createModelTarget(framed, revision)];

  test.each(cases)('%s', (_, specs) => {
    const ran = (target: typeof plain) =>
      specs
        // Of tables there are none.
        .filter(({ requires }) => !requires.includes('UNWINDER_ORC'))
        .map((spec) => target.run(spec));
    const said = (outcomes: ReturnType<typeof ran>) =>
      outcomes.map(({ case: id, end, observations }) => [
        id,
        end.kind,
        ...normalForm(observations).map(overflow),
      ]);
    const steps = (outcomes: ReturnType<typeof ran>) =>
      outcomes.reduce((sum, { instructions }) => sum + (instructions ?? 0), 0);
    const [before, after] = [ran(plain), ran(variant)];
    expect(said(after)).toEqual(said(before));
    // It is another kernel: the frames cost instructions.
    expect(steps(after)).toBeGreaterThan(steps(before));
  });
});
