// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: how its code runs outside of the interpreter, assembled by clang and executed by QEMU.
 */
import type { MemoryMap } from './abi.js';

/** Bits of a register of QEMU's remote protocol that hold one of ours, or the part of ours that user mode has. */
export interface QemuBits {
  /** Its name there. */
  readonly register: string;
  /** The bits of ours that it holds; others of ours are what the harness last wrote. */
  readonly mask: bigint;
  /** Bit there of our bit 0. */
  readonly shift: number;
  /** What instructions read in the other bits of ours. Default: zeros. */
  readonly others?: bigint;
  /** The bits that the remote protocol can set without harm to others. Default: all that it holds. */
  readonly settable?: bigint;
}

/** How QEMU's log tells registers (`-d cpu`): one record before every instruction. */
export interface QemuLog {
  /**
   * Lines of a record, as they are: `{name}` stands for the hexadecimal digits of a register of ours or of the remote protocol,
   * `{name?}` for what may also be another word, which then does not tell it, `{}` for what is of no interest.
   */
  readonly lines: readonly string[];
  /** What each further line of a record begins with. */
  readonly rest: readonly string[];
  /** Mnemonics of instructions that have two records: QEMU gives them up and begins again. */
  readonly twice: readonly string[];
}

/** Where interpreter and QEMU rightly part: a run is not compared any further. */
export type QemuException = {
  /** One sentence. */
  readonly because: string;
  readonly source: string;
} & (
  | {
      /** Before one of these instructions, when it leaves other bits than `others` outside of `within` in the register. */
      readonly mnemonics: readonly string[];
      readonly register: string;
      readonly within: bigint;
      readonly others: bigint;
    }
  /** At a fault that the interpreter tells with these words. */
  | { readonly fault: string }
);

export interface Qemu {
  /** clang --target. */
  readonly triple: string;
  /** clang options beyond the triple: the instructions that sources may use. */
  readonly options: readonly string[];
  /** Symbol of the TOC base, where code has a TOC (Power ELFv2 ABI, 3.3: the linker puts it 0x8000 above `.got`). */
  readonly toc?: string;
  /** e_machine and e_flags of its programs (ELF psABI supplement), as QEMU's loader asks for them. */
  readonly elf: { readonly machine: number; readonly flags: number };
  /** QEMU user-mode emulator. */
  readonly user: string;
  /** QEMU system emulator and machine. */
  readonly system: string;
  readonly machine: string;
  readonly console: string;
  /** The program counter there. */
  readonly pc: string;
  /** Our register name → the name QEMU's remote protocol uses, where they differ, or the bits there that it is. */
  readonly registers: Readonly<Record<string, string | QemuBits>>;
  /**
   * Our registers that user mode has not: they hold what was written last. Instructions on them are privileged, see
   * {@link emulated}.
   */
  readonly hidden: readonly string[];
  /** Mnemonics of privileged instructions, which user mode refuses (SIGILL): the instruction table's meaning stands in. */
  readonly emulated: readonly string[];
  readonly log: QemuLog;
  readonly exceptions: readonly QemuException[];
  /**
   * What clang needs around an instruction to make the encoding that the instruction table has: pattern of the text → replacement,
   * as of String.replace.
   */
  readonly spelling: readonly (readonly [RegExp, string])[];
  /** Bits of a branch target that user mode takes for a tag and drops. */
  readonly tagBits: bigint;
  /** From the program counter that a breakpoint instruction stops at to the instruction, in bytes. */
  readonly trapOffset: bigint;
  /** The same of an {@link emulated} one. */
  readonly illegalOffset: bigint;
  /** From where it stops after a jump to where no instruction can begin, to there. */
  readonly misalignedOffset: bigint;
  /**
   * Relocations that copies of text have (ELF psABI supplement): type → what a linker puts there. `pc32`: the 32-bit distance
   * of the symbol from the place. A copy with others is linked each time that it is made.
   */
  readonly relocations: Readonly<Record<number, 'pc32'>>;
  /**
   * Where things lie in user mode, whose addresses have no upper half: at distances as in the kernel, as far as
   * code notices them, within a few GiB.
   */
  readonly memory: MemoryMap;
}
