// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: real kernels of the architecture. Where to get them, how their images are linked, and under
 * which names a debugger's tables know what the back-end calls otherwise.
 */
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
}
