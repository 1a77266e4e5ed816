// SPDX-License-Identifier: MIT
/** One run of the interpreter against QEMU's log of the same run: every register before every instruction. */
import type { RegisterTable } from '../../../machine/instruction-set.js';
import type { LogRecord } from './log-format.js';
import { type Executed, hex, type Mismatch } from './mismatch.js';

/** An instruction that the interpreter executed. */
export interface Step extends Omit<Executed, 'at'> {
  /** Bytes. */
  readonly length: number;
  readonly mnemonic: string;
  /** Row of the instruction table. */
  readonly row: number;
  /** Register's place → value after it, of those that it changed. */
  readonly changes: readonly (readonly [index: number, value: bigint])[];
  /** Address and bytes of its stores. */
  readonly stores: readonly (readonly [address: bigint, width: number])[];
}

/** Steps shown before the one that is blamed. */
const SHOWN = 6;

export interface Rules {
  readonly registers: RegisterTable;
  /** Symbol and offset of an address. */
  readonly nameOf: (address: bigint) => string;
  /** Bits of each register that are compared. */
  readonly masks: readonly bigint[];
  /** Mnemonics of instructions that have two records. */
  readonly twice: readonly string[];
}

export interface Compared {
  readonly mismatch: Mismatch | null;
  /** Instructions before which everything was equal. */
  readonly steps: number;
  readonly untold: number;
}

/**
 * @param start registers before the first step; after the call those behind the last step that was reached
 * @param records of QEMU; further ones inside of an instruction that is several of the machine's are passed over
 */
export function compareSteps(
  rules: Rules,
  start: BigUint64Array,
  steps: readonly Step[],
  records: Iterator<LogRecord>,
): Compared {
  const { masks, registers } = rules;
  let untold = 0;
  const before = start;
  for (const [index, step] of steps.entries()) {
    const record = following(rules, steps[index - 1], records, step.pc);
    const parted = (what: string, model: string, qemu: string): Compared => ({
      mismatch: blame(rules, steps, index - 1, undone(before, steps[index - 1]), { what, model, qemu }),
      steps: index,
      untold,
    });
    if (record === null) return parted('program counter', hex(step.pc), 'stopped');
    if (record.pc !== step.pc) return parted('program counter', hex(step.pc), hex(record.pc));
    for (let place = 0; place < masks.length; place++) {
      const mask = masks[place] as bigint;
      const told = record.values[place];
      if (mask === 0n) continue;
      if (told == null) untold++;
      else if (((before[place] as bigint) & mask) !== told)
        return parted(`register ${registers.names[place]}`, hex((before[place] as bigint) & mask), hex(told));
    }
    keep(before, step);
  }
  const last = steps.at(-1);
  const further = following(rules, last, records, null);
  if (further === null) return { mismatch: null, steps: steps.length, untold };
  const told = { what: 'program counter', model: 'stopped', qemu: hex(further.pc) };
  const mismatch = blame(rules, steps, steps.length - 1, undone(before, last), told);
  return { mismatch, steps: steps.length, untold };
}

/** Values that the last step has overwritten, by place. */
const overwritten = new Map<number, bigint>();

function keep(values: BigUint64Array, { changes }: Step): void {
  overwritten.clear();
  for (const [place, value] of changes) {
    overwritten.set(place, values[place] as bigint);
    values[place] = value;
  }
}

/** Registers before the step after which these are. */
function undone(values: BigUint64Array, step: Step | undefined): BigUint64Array {
  const before = values.slice();
  if (step !== undefined) for (const [place, value] of overwritten) before[place] = value;
  return before;
}

/** The next record that is not one more of the step before. */
function following(
  { twice }: Rules,
  step: Step | undefined,
  records: Iterator<LogRecord>,
  expected: bigint | null,
): LogRecord | null {
  for (;;) {
    const { value, done } = records.next();
    if (done === true) return null;
    const record = value as LogRecord;
    if (step === undefined || record.pc === expected) {
      // A second record at the place of an instruction that jumps to itself is one of its own.
      if (step === undefined || !(twice.includes(step.mnemonic) && record.pc === step.pc)) return record;
      continue;
    }
    const offset = record.pc - step.pc;
    const inside = offset > 0n && offset < BigInt(step.length);
    if (!inside && !(offset === 0n && twice.includes(step.mnemonic))) return record;
  }
}

/** @param values registers before the step that is blamed */
export function blame(
  { registers: { names, aliases }, nameOf }: Rules,
  steps: readonly Step[],
  index: number,
  values: BigUint64Array,
  told: Pick<Mismatch, 'what' | 'model' | 'qemu'>,
): Mismatch {
  const step = steps[index];
  if (step === undefined) return { ...told, instruction: null, operands: [], before: [] };
  const words = new Set(
    (step.text.toLowerCase().match(/[a-z_][\w.]*/g) ?? []).map((name) => aliases[name] ?? name),
  );
  const operands = names.flatMap((name, place) =>
    words.has(name) ? [[name, hex(values[place] as bigint)] as const] : [],
  );
  const shown = ({ pc, text, where, manual }: Step): Executed => ({
    pc,
    at: nameOf(pc),
    text,
    where,
    manual,
  });
  const before = steps.slice(Math.max(0, index - SHOWN), index).map(shown);
  return { ...told, instruction: shown(step), operands, before };
}
