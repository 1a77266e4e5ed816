// SPDX-License-Identifier: MIT
/**
 * What changed between kernels is seen by comparing revisions of one back-end. The sentences are typed from the
 * kernels' sources; each says what one transition changed.
 */
import { describe, expect, test } from 'vitest';
import { parseCases } from '../harness/case/parse.js';
import { compareCase } from '../harness/compare/compare.js';
import { loadCases } from '../harness/plan/cases.js';
import { discover } from '../harness/plan/discover.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';
import { createModelTarget } from '../harness/target/model/model.js';

const cases = loadCases(select([], defaultPlace(packageRoot, packageRoot)), parseCases);
const loaded = await discover([]);

function changed(id: string, arch: string): string | null {
  const spec = cases.find((one) => one.id === id);
  const backend = loaded.find((one) => one.backend.arch === arch);
  if (!spec || !backend) throw new RangeError(`no case ${id} or no back-end ${arch}`);
  const results = backend.backend.revisions.map((revision) => {
    const target = createModelTarget(backend, revision);
    return { outcome: target.run(spec), features: target.features };
  });
  const { sentence, explained } = compareCase(spec, results, 'revision');
  expect(explained).toBe(true);
  return sentence;
}

describe.each([
  // REGS to ARGS: 288 bytes to 112, or the 80 of the plain trampoline; one patched instruction of two.
  ['riscv', 'transitions/stack-use-save-regs-if-supported', /get_regs of f as regs, the others as NULL/],
  ['riscv', 'transitions/stack-use', /^only 6\.1 differs: .* block of f as sp-80, the others as sp-112$/],
  ['riscv', 'transitions/patch-place', /^only 7\.2 differs: .* ip_offset of f as 4, the others as 0$/],
  ['riscv', 'transitions/whole-registers', /^only 6\.1 differs: .* get_regs of f as regs, .* NULL$/],
  ['arm64', 'transitions/stack-use', /^only 6\.1 differs: .* block of f as sp-352, the others as sp-144$/],
  ['arm64', 'transitions/whole-registers', /^only 6\.1 differs: .* get_regs of f as regs, .* NULL$/],
  // Patchable entries: one NOP, and a stub that saves the link register.
  ['powerpc', 'transitions/patch-place', /^only 7\.2 differs: .* ip_offset of f as 8, the others as 12$/],
  // ftrace_regs at exit, and for handlers of the graph tracer.
  ['x86_64', 'transitions/graph-handler-registers', /^only 7\.2 differs: `error set argument\(0\)/],
  ['x86_64', 'transitions/fprobe-registers-x86_64', /^only 7\.2 differs: .* get_regs of f as NULL, .* regs$/],
  // One graph user, then sixteen.
  ['arm64', 'transitions/graph-second-user', /^only 6\.1 differs: `error register second = -EBUSY` is seen/],
  // fprobe from rethook to function graph.
  [
    'x86_64',
    'transitions/fprobe-maxactive',
    /^only 7\.2 differs: `entry watch down\(1\) parent=down` is seen/,
  ],
  ['s390', 'transitions/fprobe-entry-recursion', /nmissed of watch is 0 on 7\.2, 1 on 6\.12$/],
  ['powerpc', 'transitions/fprobe-full-stack', /`entry watch inner\(1\) parent=outer` is not seen on 7\.2/],
  ['s390', 'changes/return-value-fprobe.u64', /^7\.2 and 6\.12 differ: /],
] as const)('%s: %s', (arch, id, sentence) => {
  test('says what changed', () => expect(changed(id, arch)).toMatch(sentence));
});
