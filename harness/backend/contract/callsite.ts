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
   * for a hotpatch trampoline (s390). Zero until the back-end writes there. With {@link CallSite.stubTables} the address of
   * a stub in an area (powerpc64), which need not be in range; 0: the area is used up.
   */
  readonly stub: bigint;
  /** __module_text_address(rec->ip), where the module lies out of reach. */
  readonly module?: ModuleText | null;
  /** Where {@link CallSite.longBranches} has put fixed trampolines, in ends of the text that calls may not reach. */
  readonly fixed?: readonly bigint[];
}

/** The texts that take their stubs from areas of their own. */
export type SiteText = 'text' | 'init' | 'module';

/** Where there may be stubs: in .text, at its end, in .init.text, in the text of a module. */
export type StubPlace = 'text' | 'textEnd' | 'init' | 'module';

/** An array of stubs, which sites take in turn. */
export interface StubArea {
  readonly start: bigint;
  /** How many there are. */
  readonly count: number;
  /** How many are taken; more than there are, where one was not found. */
  taken: number;
}

/** Stubs that are made room for when the kernel is linked, or a module loaded, and taken when sites become records. */
export interface StubTables {
  /** Bytes of a stub. */
  readonly bytes: number;
  /** For how many there is room when so many sites were counted in each text. */
  counts(sites: Readonly<Record<SiteText, number>>): Readonly<Record<StubPlace, number>>;
  /** The area that a site takes the next stub of. A site that finds it used up is refused: its `stub` is 0. */
  place(ip: bigint, text: SiteText, areas: Readonly<Record<StubPlace, StubArea>>): StubPlace;
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
   * `longBranches`: where there are some near a function out of reach. Absent: they have none.
   */
  link?(
    f: bigint,
    config: Config,
    symbol: (name: string) => bigint,
    longBranches?: bigint | null,
  ): Uint8Array;
  /** ftrace_call_adjust: address in the table → rec->ip; 0: skipped. */
  callAdjust(machine: Machine, address: bigint, config: Config, symbol: Site['symbol']): bigint;
  /** arch_ftrace_get_symaddr: rec->ip → F; 0 when it cannot tell. */
  symbolAddress(machine: Machine, ip: bigint, config: Config): bigint;
  /** Absent, or `null`: stubs are no tables, each site has room for its own. */
  stubTables?(config: Config): StubTables | null;
  /**
   * ftrace_dyn_arch_init(), and the linker: fixed trampolines in 64 bytes at `room`, near text out of reach. Absent: no text
   * of a kernel is.
   */
  longBranches?(site: Omit<Site, 'ip' | 'ops' | 'stub'>, room: bigint): readonly PatchStore[];
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
