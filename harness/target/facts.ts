// SPDX-License-Identifier: MIT
/**
 * What the targets are made of, as data: help, reports and the blame for a difference are made from this table. How they
 * come to be stands in table.ts.
 */

export interface TargetFacts {
  /** What runs there; no final stop. */
  readonly about: string;
  /** What executes the instructions. */
  readonly machine: 'our interpreter' | 'QEMU';
  /** Whose trampolines these are. */
  readonly text: 'ours' | 'of the kernel';
  /** Whose C code is called. */
  readonly core: 'ours' | 'of the kernel';
  /** What to suspect, as a clause, where the target alone stands apart and none of these three does. */
  readonly alone: string;
  /** How many times as long as in the model a case takes, roughly: whether several threads are worth it. */
  readonly weight: number;
}

export const TARGET_FACTS = {
  model: {
    about: "the back-end's assembler text in our interpreter",
    machine: 'our interpreter',
    text: 'ours',
    core: 'ours',
    alone: 'our interpreter or instruction table is wrong',
    weight: 1,
  },
  'qemu-user': {
    about: 'the same trampolines, assembled by clang, under QEMU user mode',
    machine: 'QEMU',
    text: 'ours',
    core: 'ours',
    alone: 'clang assembles our trampolines otherwise, or we set up QEMU wrongly',
    weight: 10,
  },
  vmlinux: {
    about: 'the compiled trampolines of a kernel image, under QEMU user mode',
    machine: 'QEMU',
    text: 'of the kernel',
    core: 'ours',
    alone: "our trampoline is not the kernel's, or we do not set up the image as that kernel would",
    weight: 10,
  },
  kernel: {
    about: 'a booted Linux',
    machine: 'QEMU',
    text: 'of the kernel',
    core: 'of the kernel',
    alone: "configuration, boot-time patching or the kernel's C side makes the difference",
    weight: 100,
  },
} as const satisfies Readonly<Record<string, TargetFacts>>;

export type TargetName = keyof typeof TARGET_FACTS;

/** Every target of the design, whether this version has it or not. */
export const TARGET_NAMES = Object.keys(TARGET_FACTS) as readonly TargetName[];

/** Where cases run if nothing else is said. */
export const DEFAULT_TARGET: TargetName = 'model';

/** `undefined`: of a later version, as a log may have it. */
export function factsOf(target: string): TargetFacts | undefined {
  return Object.hasOwn(TARGET_FACTS, target) ? TARGET_FACTS[target as TargetName] : undefined;
}

/** Whether a kernel's own text ran there. */
export function runsKernelText(target: string): boolean {
  return factsOf(target)?.text === 'of the kernel';
}
