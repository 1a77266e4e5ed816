// SPDX-License-Identifier: MIT
/**
 * Contract of a back-end: the traced site of a function, what patches it and what each state of it is. F is the
 * function's symbol address.
 */
import type { Machine } from '../../machine/types.js';
import type { Config } from './config.js';

/** Negative errno values are returned as in the kernel: 0 or -errno. */
export interface PatchStore {
  readonly address: bigint;
  readonly bytes: Uint8Array;
  /**
   * The bytes begin with a breakpoint: whose execution has, by its handler, the effect of this instruction, until the
   * next store at this address.
   */
  readonly instead?: Uint8Array;
}

/** What an arch patch function would do: stores in order, or its error and the stores it had made by then. */
export type Patch =
  | { readonly stores: readonly PatchStore[] }
  | { readonly error: number; readonly stores?: readonly PatchStore[] };

export interface Site {
  readonly machine: Machine;
  readonly config: Config;
  /** rec->ip. */
  readonly ip: bigint;
  /** Address of a symbol of the trampoline source or of kernel data. @throws RangeError if unknown */
  symbol(name: string): bigint;
  /**
   * Address of the ftrace_ops that the site's literal must name (CALL_OPS): the only ops of the record if it
   * needs no assist wrapper, else the list ops; the nop ops when the site is being disabled.
   */
  readonly ops: bigint;
  /**
   * 64 bytes of text that belong to this record alone, 8-byte aligned and within branch range of the site: room
   * for an out-of-line stub (powerpc64) or a hotpatch trampoline (s390). Zero until the back-end writes there.
   */
  readonly stub: bigint;
  /** __module_text_address(rec->ip), where the module lies out of reach. */
  readonly module?: ModuleText | null;
}

/** The text of a module out of reach, as far as its sites need it. */
export interface ModuleText {
  /** Room for PLT entries, 64 bytes each: in the section for its text, in the one for its .init.text. */
  readonly plts: bigint;
  readonly initPlts: bigint;
  /** Whether the site is in .init.text. */
  readonly init: boolean;
}

export interface CallSiteShape {
  /** Bytes the compiler reserves before F. */
  readonly before: number;
  /** rec->ip - F. */
  readonly ip: number;
  /** Where the instruction that toggles begins - F; absent: at rec->ip. */
  readonly toggles?: number;
  /** Address after the site (where the body begins) - F. */
  readonly resume: number;
  /** Address recorded by the compiler in the table ftrace reads - F. */
  readonly table: number;
  /** Bytes as compiled, from F - before to F + resume. */
  readonly compiled: Uint8Array;
}

export interface CallSite {
  shape(config: Config): CallSiteShape;
  /**
   * What the linker makes of the compiled bytes of a function at `f`, same length: references to symbols filled in.
   * Absent: they have none.
   */
  link?(f: bigint, config: Config, symbol: (name: string) => bigint): Uint8Array;
  /** ftrace_call_adjust: address in the table → rec->ip; 0: skipped. */
  callAdjust(machine: Machine, address: bigint, config: Config, symbol: Site['symbol']): bigint;
  /** arch_ftrace_get_symaddr: rec->ip → F; 0 when it cannot tell. */
  symbolAddress(machine: Machine, ip: bigint, config: Config): bigint;
  /**
   * How many stubs the link leaves room for when the kernel's text has so many sites; each site takes the next one at boot,
   * and one that finds none has `stub` 0. Absent: stubs are no table.
   */
  stubTable?(sites: number): number;
  /** module_finalize(): the PLT entries for the trampolines. Absent: a module needs none. */
  modulePlts?(
    site: Omit<Site, 'ip' | 'ops' | 'stub'>,
    module: Omit<ModuleText, 'init'>,
  ): readonly PatchStore[];
  initNop(site: Site): Patch;
  makeCall(site: Site, target: bigint): Patch;
  makeNop(site: Site, target: bigint): Patch;
  modifyCall(site: Site, from: bigint, to: bigint): Patch;
  /** arch_ftrace_update_code() adds FTRACE_MAY_SLEEP to what is to be done. Absent: it does not. */
  maySleep?(config: Config): boolean;
  /**
   * The architecture's own ftrace_replace_code(): whether these FTRACE_MODIFY_* flags tell it to enable. Absent: the
   * generic one, which asks for FTRACE_MODIFY_ENABLE_FL.
   */
  enables?(flags: number): boolean;
  /** ftrace_update_ftrace_func: redirects the patched calls of the common trampolines to `func`. */
  updateFtraceFunc(site: Omit<Site, 'ip' | 'ops' | 'stub'>, func: bigint): Patch;
  /**
   * arch_ftrace_update_trampoline: a private trampoline for one ops, written at `at`; `null` where the
   * architecture builds none. `saveRegs`: the ops asked for SAVE_REGS. Returns its entry and size.
   */
  opsTrampoline:
    | null
    | ((
        site: Omit<Site, 'ip' | 'ops' | 'stub'>,
        ops: {
          readonly address: bigint;
          readonly func: bigint;
          readonly saveRegs: boolean;
          readonly at: bigint;
        },
      ) => { readonly entry: bigint; readonly size: number });
  /** arch_ftrace_update_code() stops all other CPUs until every store of an update is made. Absent: it never does. */
  stopsMachine?(config: Config): boolean;
  /** Text of the site in each state, for `record` observations: disabled, or a call (to `target`). */
  describe(
    machine: Machine,
    ip: bigint,
    config: Config,
  ): { readonly state: string; readonly target: bigint | null };
  /** CALL_OPS: address of the ftrace_ops that the site, or its stub, names now; `null` where there is none. */
  namedOps?(machine: Machine, ip: bigint, stub: bigint, config: Config): bigint | null;
}
