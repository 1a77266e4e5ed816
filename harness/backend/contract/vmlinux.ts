// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: real kernels of the architecture. Where to get them, how their images are linked, and under
 * which names a debugger's tables know what the back-end calls otherwise.
 */
import type { Machine } from '../../machine/types.js';
import type { MemoryMap } from './abi.js';
import type { Config, Revision } from './config.js';

export interface Vmlinux {
  /** Debian's name of the architecture (dpkg --print-architecture). */
  readonly debian: string;
  /** Debian's meta package at each revision: it depends on the package of the current build. Absent: there is none. */
  readonly packages: Readonly<Partial<Record<Revision, string>>>;
  /** Link address of byte 0 of an image that has no program headers. */
  base(revision: Revision): bigint;
  /** e_machine and e_flags of an ELF file wrapped round an image. */
  readonly elf: { readonly machine: number; readonly flags: number };
  /** Options with which llvm-objdump knows every instruction of these kernels. */
  readonly disassembler: readonly string[];
  /** Mnemonic as llvm-objdump prints it, or with the first operand, → ours, where they differ. */
  readonly mnemonics: Readonly<Record<string, string>>;
  /** Mnemonics of what fills the room up to the next function. */
  readonly padding: readonly string[];
  /** Symbols of the common trampolines; those that a kernel lacks do not count. */
  readonly trampolines: readonly string[];
  /** Member of the C structure for a field of ours, as C writes it: `regs[3]`, `stackframe.record.fp`. */
  member(structure: 'pt_regs' | 'ftrace_regs', field: string, config: Config): string;
  /** Symbol of ours → the kernel's, where they differ. */
  readonly symbols: Readonly<Record<string, string>>;
  /**
   * Bytes at the head of the call site's shape that a function may lack, as compilers leave out what it does not need;
   * its symbol then is where the rest begins.
   */
  optionalHead(config: Config): number;
  /** What the linker makes of a site's bytes, where {@link CallSite.link} does not say. */
  linked?(compiled: Uint8Array, f: bigint, config: Config, symbol: (name: string) => bigint): Uint8Array;
  /** Features of ours that are no Kconfig symbols: no config file tells of them. */
  readonly unconfigured: readonly string[];
  /** Feature → why a distribution's kernel has it otherwise than the modelled configuration. */
  readonly configuredOtherwise: Readonly<Record<string, string>>;
  readonly run: VmlinuxRun;
}

/** How the image runs in user mode, beside what a kernel makes while it runs: functions of a case, stubs, stacks. */
export interface VmlinuxRun {
  /** Where the byte linked at {@link Vmlinux.base} lies: the distance is a multiple of the largest alignment of the image. */
  at(revision: Revision): bigint;
  /** Where all else lies, within branch range of the image's trampolines; the image ends below it, or begins above. */
  readonly memory: MemoryMap;
  /** Symbol of ours → names of what does its work in an image; the first that is there counts. */
  stands(config: Config): Readonly<Record<string, readonly string[]>>;
  /** Those that have no symbol in the image, found in its code. */
  located?(image: ImageText): ReadonlyMap<string, bigint>;
  /** What user mode refuses and trampolines have. */
  readonly privileged: readonly Privileged[];
  /** Words of 8 bytes that are otherwise, of the image or of our data: by address. @param symbol finds ours */
  words?(image: ImageText, symbol: (name: string) => bigint): ReadonlyMap<bigint, bigint>;
  /** Places in a copy of code that hold 32-bit distances to what is not copied, as the kernel that copies knows them. */
  distances?(image: ImageText): ReadonlyMap<bigint, string>;
}

/** Code and data of an image where they lie in user mode. */
export interface ImageText {
  readonly config: Config;
  /** Of ours or of the image. @throws RangeError if there is none */
  symbol(name: string): bigint;
  find(name: string): bigint | undefined;
  /** In the byte order of the architecture. */
  word(address: bigint, bytes: 1 | 2 | 4 | 8): bigint;
}

/** A privileged instruction, and what it does as far as trampolines can tell. */
export interface Privileged {
  /** In the manual's words. */
  readonly text: string;
  readonly mask: number;
  /** What a word of 32 bits is under the mask. */
  readonly value: number;
  /** Gives where execution goes on. @param at address of the instruction */
  execute(machine: Pick<Machine, 'read' | 'write' | 'loadWord'>, word: number, at: bigint): bigint;
}
