// SPDX-License-Identifier: MIT
/** What the ftrace core works on, and what it asks of its surroundings. */
import type { Backend, Config, Fregs, ModuleText } from '../backend/contract.js';
import type { Machine } from '../machine/types.js';
import type { Clock } from './clock.js';
import type { Tasks } from './tasks.js';

/** ftrace_func_t. `op` is the ops being called. */
export type FtraceFunc = (ip: bigint, parentIp: bigint, op: FtraceOps, fregs: Fregs) => void;

/** enum ftrace_ops_cmd: what an IPMODIFY ops and a direct ops on one function ask of the direct one. */
export type OpsCommand =
  | 'ENABLE_SHARE_IPMODIFY_SELF'
  | 'ENABLE_SHARE_IPMODIFY_PEER'
  | 'DISABLE_SHARE_IPMODIFY_PEER';

/** struct ftrace_ops. Filters hold rec->ip; an empty filter matches every record. */
export interface FtraceOps {
  readonly name: string;
  /** Address of the structure in kernel data: what the trampoline passes and the literal holds. */
  readonly address: bigint;
  /** Address of the C function in `func`. */
  funcAddress: bigint;
  /** `null` only where somebody has cleared it. */
  func: FtraceFunc | null;
  flags: number;
  filter: Set<bigint>;
  notrace: Set<bigint>;
  /** Private trampoline, 0: none. */
  trampoline: bigint;
  /** Bytes. */
  trampolineSize: number;
  /** Address of a direct trampoline, 0: none. */
  directCall: bigint;
  /** Of direct ops that can share a function with IPMODIFY. */
  opsFunc?: (ip: bigint, command: OpsCommand) => Result;
}

/** struct dyn_ftrace: one call site. */
export interface DynFtrace {
  /** Name and address of the function it belongs to. */
  readonly function: string;
  readonly symbol: bigint;
  readonly ip: bigint;
  /** Text of its own near the site, for out-of-line stubs. */
  readonly stub: bigint;
  /** Of a module out of reach. */
  readonly module: ModuleText | null;
  flags: number;
  /** Number of ops tracing it. */
  count: number;
}

/** Part of the kernel that plants breakpoints. */
export interface TrapHandler {
  /** Whether a trap at this address is for it. */
  owns(pc: bigint): boolean;
  /** Gets the pt_regs of the exception; execution goes on as they say. */
  handle(regs: Fregs): void;
}

/** The surroundings: a machine, a back-end, addresses. */
export interface Environment {
  readonly machine: Machine;
  readonly config: Config;
  readonly backend: Backend;
  /** Address of a trampoline or data symbol. @throws RangeError */
  symbol(name: string): bigint;
  /** Address of a symbol, or `undefined`. */
  findSymbol(name: string): bigint | undefined;
  /**
   * Address of a C function that the harness plays: `body` gets the values of the argument registers and
   * may return a value for the first return register. Asking again for a name replaces its body.
   */
  cFunction(name: string, body: (args: readonly bigint[]) => bigint | undefined): bigint;
  /**
   * The C code called `by` calls a function of the kernel that may be traced, without a look at what it returns. The
   * kernel has the function if the case has one of that name.
   */
  call(by: string, name: string, args: readonly bigint[]): void;
  readonly clock: Clock;
  /** Symbol of the assembler that has called the C function that runs. */
  calledFrom(): string | undefined;
  /** Address of zeroed kernel data, 16-byte aligned. */
  allocate(bytes: number): bigint;
  /** Room for one dynamic trampoline, or one displaced instruction; what /proc/kallsyms calls it. */
  allocateText(name: string): bigint;
  /** Gives it back; any address inside of the trampoline will do. */
  freeText(address: bigint): void;
  /** Who is asked when the machine stops at a breakpoint, in this order. */
  addTrapHandler(handler: TrapHandler): void;
  readonly tasks: Tasks;
  /** A store of a code update is made, and its synchronisation: other CPUs look. */
  stored(): void;
  /** Makes stores while no other CPU runs. */
  stopMachine(update: () => void): void;
  /** Who executes the breakpoint at that address gets the effect of `instead`; `null`: no more. */
  breakpoint(address: bigint, instead: Uint8Array | null): void;
  /** In text of the kernel that calls may not reach from its beginning. */
  fixedTrampolines(): readonly bigint[];
  /** A place in C code where an interrupt may come. */
  interruptible(place: string): void;
  /** Tells `explain` where the ftrace_regs of the callback being entered lies. */
  sawFtraceRegs(address: bigint): void;
  /** Tells `explain` what the C side did. */
  event(name: string, detail: string | (() => string)): void;
}

/** A negative errno or 0, as the kernel API returns. */
export type Result = number;
