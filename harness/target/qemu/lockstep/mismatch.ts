// SPDX-License-Identifier: MIT
/** Where interpreter and QEMU part: plain records, and their text for a person. */

/** An instruction as it was executed. */
export interface Executed {
  readonly pc: bigint;
  /** Symbol and offset. */
  readonly at: string;
  /** As the source has it, macro arguments substituted. */
  readonly text: string;
  /** `file:line`; `''` for patched bytes. */
  readonly where: string;
  /** Section of the manual. */
  readonly manual: string;
}

export interface Mismatch {
  /** `register x3`, `memory 0x10`, `program counter`, `stop`. */
  readonly what: string;
  readonly model: string;
  readonly qemu: string;
  /** What was executed last; `null`: nothing of this run. */
  readonly instruction: Executed | null;
  /** Registers that the instruction names, with their values before it. */
  readonly operands: readonly (readonly [name: string, value: string])[];
  /** Those before it, the nearest last. */
  readonly before: readonly Executed[];
}

/** Ends the case: from here on the two go different ways. */
export class LockstepError extends Error {
  override readonly name = 'LockstepError';
  constructor(readonly mismatch: Mismatch) {
    super(mismatchText(mismatch).join('\n'));
  }
}

export const hex = (value: bigint) => `0x${BigInt.asUintN(64, value).toString(16)}`;

const placed = ({ where, text, at }: Executed) =>
  `${where === '' ? 'patched bytes' : where}  ${text}  (${at})`;

/** Lines without an indent. */
export function mismatchText({ what, model, qemu, instruction, operands, before }: Mismatch): string[] {
  const lines = [`${what}: interpreter ${model}, QEMU ${qemu}`];
  if (instruction === null) lines.push('before the first instruction of a run');
  else {
    lines.push(`after  ${placed(instruction)}`, `manual: ${instruction.manual}`);
    if (operands.length > 0)
      lines.push(`before it: ${operands.map(([name, value]) => `${name}=${value}`).join(' ')}`);
  }
  if (before.length > 0) lines.push('before:', ...before.map((step) => `  ${placed(step)}`));
  return lines;
}
