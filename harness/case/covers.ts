// SPDX-License-Identifier: MIT
/**
 * What a case can cover: the ids of upstream tests about function-boundary tracing (linux 7.2 kernel/trace, lib,
 * samples/ftrace, tools/testing/selftests), numbered per suite, and of bugs that back-ends and the core once had,
 * named after the place and the mistake. The closed list, so that a mistyped id is refused.
 */
import { nearest } from '../ctype/nearest.js';
import { refuseTwice } from './scope.js';
import type { Source } from './source.js';
import type { Scalar } from './tree.js';

/** Prefix, first and last number. */
const suites: readonly (readonly [string, number, number])[] = [
  // Boot self-tests of the function tracers.
  ['ST', 1, 17],
  ['ST', 20, 21],
  // KUnit tests of fprobe.
  ['FP', 1, 7],
  // KUnit tests of kprobes.
  ['KP', 1, 7],
  // KUnit tests of architectures.
  ['AR', 1, 10],
  // Samples.
  ['SM', 1, 10],
  // Ftracetest: direct calls.
  ['FD', 1, 2],
  // Ftracetest: function tracers.
  ['FT', 1, 20],
  // Ftracetest: dynamic events.
  ['DY', 1, 21],
  // Ftracetest: kprobes.
  ['KT', 1, 27],
  // Ftracetest: what lies beside.
  ['AD', 1, 5],
  // BPF selftests: trampolines.
  ['BT', 1, 56],
  // BPF selftests: kprobe_multi.
  ['BK', 1, 18],
  // BPF selftests: kprobes.
  ['BP', 1, 31],
  // BPF selftests: other users.
  ['BX', 1, 8],
  // Livepatch selftests.
  ['LP', 1, 13],
  // Others.
  ['OT', 1, 2],
];

const bugs: readonly string[] = [
  'x86-rth-missing-ret-slot',
  'x86-orc-in-copied-tramp',
  'x86-replace-code-flags',
  'x86-regs-caller-direct-unwind',
  'x86-tramp-ret-copy',
  'x86-bpf-call-depth-ip',
  'x86-kcfi-stub-type',
  'x86-short-jump-stub',
  'arm64-branch-range',
  'arm64-init-plt-range',
  'arm64-bpf-bti',
  'arm64-bpf-x20-stale',
  'arm64-kretprobe-unwind',
  'arm64-kret-zero-unchecked',
  'riscv-rth-layout',
  'riscv-fastcc-tregs',
  'riscv-callops-adjust',
  'riscv-s0-conditional',
  'riscv-bpf-s1-stale',
  'riscv-bpf-structops-ret32',
  'riscv-unwind-null-idx',
  'riscv-patch-path-traced',
  'loong-direct-ra-t0-swapped',
  'loong-direct-sample-order',
  'loong-bpf-structops-ret32',
  'loong-bpf-struct-arg',
  'loong-bpf-module-site',
  's390-getregs-partial',
  's390-graph-preempt-recursion',
  's390-caller-slot-missing',
  's390-traced-frame-missing',
  's390-graph-double-lock',
  's390-bpf-backchain',
  's390-bpf-plt-null',
  's390-stop-machine-traced',
  'ppc-notrace-teardown',
  'ppc-no-frame-for-traced',
  'ppc-getregs-partial',
  'ppc-graph-no-recursion-guard',
  'ppc-fprobe-msb',
  'ppc-ool-stub-overwritten',
  'ppc-ool-reserve-index',
  'ppc-stub-undercount',
  'ppc-livepatch-toc-slot',
  'ppc-bpf-size-undercount',
  'ppc-bpf-livepatch-fmodret',
  'core-retaddr-idx',
  'core-sleeptime-twice',
  'core-exit-recursion',
  'core-fprobe-preempt-traced',
  'core-fprobe-no-grace',
  'core-fprobe-reregister',
  'core-rethook-zero-pool',
  'core-rethook-rcu',
  'core-fprobe-exit-norecursion-2023',
  'core-kretprobe-flush-deadlock',
  'core-kprobe-disarm-disabled',
  'core-direct-hash-not-cleaned',
  'core-fl-tramp-self',
  'core-direct-register-cleanup',
  'core-subops-all',
  'core-nmi-recursion-bit0',
  'core-multi-entry-ip-ibt',
  'core-structops-ret-dropped',
  'core-bpf-struct-on-stack',
];

export const coverIds: ReadonlySet<string> = new Set([
  ...suites.flatMap(([prefix, first, last]) =>
    Array.from(
      { length: last - first + 1 },
      (_, index) => `${prefix}-${String(first + index).padStart(2, '0')}`,
    ),
  ),
  ...bugs,
]);

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
        ? 'ids are those of harness/case/covers.ts: FP-02, x86-rth-missing-ret-slot'
        : `did you mean \`${near}\`?`,
    );
  }
  refuseTwice(source, covers);
}
