// SPDX-License-Identifier: MIT
/**
 * Unwind rows as objtool makes them for ORC: the instructions of every function are followed from its first one, what
 * each does to the stack pointer is seen by running it, and hints in the text say what cannot be seen. Sources: linux
 * 6.1, 6.12, 7.2 tools/objtool/check.c (validate_branch, update_cfi_state, validate_unwind_hints), orc_gen.c.
 */
import type { Code } from '../machine/asm/program.js';
import type { TrampolineText } from '../machine/asm/trampoline-text.js';
import type { Cpu, InstructionSet } from '../machine/instruction-set.js';

/** Where the frame of the caller ends, seen from a register: the canonical frame address (CFA), in bytes above it. */
export interface Row {
  readonly base: 'sp' | 'fp';
  readonly above: bigint;
  /** Where the frame pointer of the caller is, seen from the CFA; absent: still in the register. */
  readonly fp?: bigint;
}

/** A row, or that a trace ends here; `undefined` where no code that is known runs. */
export type RowAt = (address: bigint) => Row | 'end' | undefined;

/** What the text says itself, by address. */
export interface Hints {
  /** As where a function begins, as if SP were so many bytes below the CFA, or nothing is known. */
  readonly state: ReadonlyMap<bigint, 'function' | 'end' | bigint>;
  /** Calls to a label of the same function, which are followed. */
  readonly calls: ReadonlySet<bigint>;
}

export interface OrcArch {
  readonly instructions: InstructionSet;
  /** Index of the frame pointer. */
  readonly framePointer: number;
  /** Bytes on the stack when a function begins: a pushed return address. */
  readonly pushed: bigint;
  hints(text: TrampolineText): Hints;
}

/** Stack pointer and frame pointer on one path; a frame pointer that is not on the stack is not known. */
interface Known {
  readonly sp: bigint;
  readonly fp: bigint | null;
  /** Where the frame pointer of the entry was stored. */
  readonly saved: bigint | null;
}
type State = Known | 'end';

/** Any number: what counts is the distance. */
const CFA = 1n << 40n;
const STACK = 1n << 20n;
const FP_AT_ENTRY = 0x5afe_5afe_5afe_5afen;
const ALL_ONES = (1n << 64n) - 1n;

const isStack = (value: bigint) => value > CFA - STACK && value < CFA + STACK;

/** One instruction run with all registers but two, and all of memory, full of `fill`: branches go either way. */
function effect(arch: OrcArch, { address, length, op }: Code, before: Known, fill: bigint) {
  const { stackPointer: SP, registers } = arch.instructions;
  const x = new BigUint64Array(registers.names.length).fill(fill);
  x[SP] = before.sp;
  x[arch.framePointer] = before.fp ?? FP_AT_ENTRY;
  let { saved } = before;
  let to = address + BigInt(length);
  let pushed = false;
  const cpu: Cpu = {
    x,
    load: (at) => (at === saved ? FP_AT_ENTRY : fill),
    store: (at, _width, value) => {
      if (value === FP_AT_ENTRY) saved ??= at;
      if (value === address + BigInt(length)) pushed = true;
    },
    jump: (at) => {
      to = at;
    },
    land: (at) => {
      to = at;
    },
    instructionAt: () => {
      throw new RangeError('not followed');
    },
  };
  op(cpu);
  const [sp, fp] = [x[SP] as bigint, x[arch.framePointer] as bigint];
  const restored = fp === FP_AT_ENTRY && before.fp !== null;
  const after: State = isStack(sp)
    ? { sp, fp: isStack(fp) ? fp : null, saved: restored ? null : saved }
    : 'end';
  return { after, to, called: pushed && to !== address + BigInt(length) };
}

function rowOf(state: State): Row | 'end' {
  if (state === 'end') return state;
  const { sp, fp, saved } = state;
  const base = fp !== null && fp === saved ? ({ base: 'fp', above: CFA - fp } as const) : undefined;
  return {
    ...(base ?? { base: 'sp', above: CFA - sp }),
    ...(saved === null ? {} : { fp: saved - CFA }),
  };
}

/** Rows of a text. `warnings`: places that are reached with different rows; as in objtool the first counts. */
export interface Rows {
  readonly rows: ReadonlyMap<bigint, Row | 'end'>;
  readonly warnings: readonly string[];
}

export function followed(arch: OrcArch, text: TrampolineText): Rows {
  const { state: hinted, calls } = arch.hints(text);
  const codeAt = new Map(text.code.map((code) => [code.address, code]));
  const functions = new Set([...text.functions].map((name) => text.symbols.get(name)));
  const rows = new Map<bigint, Row | 'end'>();
  const warnings: string[] = [];
  const entry: Known = { sp: CFA - arch.pushed, fp: null, saved: null };

  const states = (from: bigint, before: State) => {
    const open: [bigint, State][] = [[from, before]];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const [address, came] = next;
      const code = codeAt.get(address);
      if (!code) continue;
      const hint = hinted.get(address);
      const here: State =
        hint === undefined
          ? came
          : hint === 'function'
            ? entry
            : hint === 'end'
              ? hint
              : { ...entry, sp: CFA - hint };
      const row = rowOf(here);
      const known = rows.get(address);
      if (known !== undefined) {
        if (JSON.stringify(known, text64) !== JSON.stringify(row, text64))
          warnings.push(`${code.where} ${code.text}: stack state mismatch`);
        continue;
      }
      rows.set(address, row);
      for (const [to, after] of successors(code, here)) if (!functions.has(to)) open.push([to, after]);
    }
  };

  const successors = (code: Code, here: State): (readonly [bigint, State])[] => {
    const after = code.address + BigInt(code.length);
    return [0n, ALL_ONES].flatMap((fill) => {
      try {
        const known = here === 'end' ? entry : here;
        const ran = effect(arch, code, known, fill);
        if (ran.called && !calls.has(code.address)) return [[after, here] as const];
        return [[ran.to, here === 'end' ? here : ran.after] as const];
      } catch {
        // A trap: nothing comes behind it.
        return [];
      }
    });
  };

  for (const name of text.functions) states(text.symbols.get(name) as bigint, entry);
  for (const address of hinted.keys()) if (!rows.has(address)) states(address, 'end');
  return { rows, warnings };
}

const text64 = (_key: string, value: unknown) => (typeof value === 'bigint' ? value.toString() : value);

const made = new WeakMap<TrampolineText, RowAt>();

/** The row of the instruction at or around an address. Made once for each text. */
export function rowsOf(arch: OrcArch, text: TrampolineText): RowAt {
  const known = made.get(text);
  if (known !== undefined) return known;
  const { rows } = followed(arch, text);
  const look: RowAt = (address) => {
    const code = text.code.findLast(({ address: start }) => start <= address);
    const inside = code !== undefined && address < code.address + BigInt(code.length);
    return inside ? rows.get(code.address) : undefined;
  };
  made.set(text, look);
  return look;
}
