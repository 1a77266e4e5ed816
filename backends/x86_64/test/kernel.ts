// SPDX-License-Identifier: MIT
/**
 * A small kernel for the tests: the trampolines assembled for one configuration, a traced function F in its
 * slot, C functions as callouts, one ops. It plays C as harshly as the ABI allows: every caller-saved register,
 * the flags and the dead stack are poisoned before a return.
 */
import { readFileSync } from 'node:fs';
import type { Config, Fregs, Patch, Site } from '../../../harness/backend/contract.js';
import { cellAddresses } from '../../../harness/backend/externals.js';
import { assemble, type Program } from '../../../harness/machine/asm/program.js';
import { createInterpreter, type Interpreter } from '../../../harness/machine/interpreter.js';
import { registerPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { callsite } from '../callsite.js';
import { features } from '../features.js';
import { instructions } from '../instructions.js';
import { layouts } from '../layout.js';
import { registers } from '../registers.js';

const source = {
  file: 'backends/x86_64/trampoline.S',
  text: readFileSync(new URL('../trampoline.S', import.meta.url), 'utf8'),
};

const { text, c, data, stack, threadSize } = abi.memory;

/** C functions, each a callout in the window `c`. */
const C_FUNCTIONS = [
  ...['callback', 'parent', 'ftrace_return_to_handler', 'direct_target', 'replacement'],
  ...[0, 1, 2, 3].flatMap((n) => [`direct_func_${n}`, `bpf_entry_func_${n}`, `bpf_exit_func_${n}`]),
  'rethook_handler',
  ...[0, 1, 2, 3].map((n) => `bpf_mod_func_${n}`),
];

export const OPS = data + 0x100n;
/** The traced function, and its stack pointer at entry; far from both ends of the stack. */
export const F = text + 0x20010n;
export const S = stack + 0x2000n;
/** Where the traced function returns to. */
export const P = c + 0x10n;
/** Text to copy a per-ops trampoline to. */
export const COPY = text + 0x28000n;

export const STACK_ARGUMENTS = [0x5a00n, 0x5a01n, 0x5a02n, 0x5a03n, 0x5a04n, 0x5a05n] as const;

export interface Kernel {
  readonly machine: Interpreter;
  readonly program: Program;
  readonly config: Config;
  symbol(name: string): bigint;
  /** The site of F, as the patch functions take it. */
  readonly site: Site;
  /** Carries out a patch. @throws Error for a refused one */
  apply(patch: Patch): void;
  /** F as initialised at boot, then enabled: its site goes to `caller`, the trampolines call `callback`. */
  trace(caller: bigint): void;
  /** Every register a distinct value, the parent's address at S, six stack arguments, pc = F. */
  enter(): void;
  /** Runs to the next callout and gives its name. @throws Error on any other stop */
  reach(): string;
  /** Returns from the C function at the callout; `results` go to rax, rdx. */
  leave(...results: readonly bigint[]): void;
  /** Returns from the body of F by its RET; `results` go to rax, rdx. */
  finish(...results: readonly bigint[]): void;
  fregs(address: bigint): Fregs;
  /** Whole 8-byte field of the struct ftrace_regs at `address`. */
  field(address: bigint, name: string): bigint;
}

const indexOf = (register: string) => (registers.names as readonly string[]).indexOf(register);

/** A value no other register has, nor any poison or address. */
export const valueIn = (register: string) => 0x1111_0000_0000_0700n + BigInt(indexOf(register));

const linked = new WeakMap<Config, Program>();

/** The program of a configuration; assembled once, as it holds no state of a run. */
export function link(config: Config): Program {
  const program = linked.get(config) ?? assembleFor(config);
  linked.set(config, program);
  return program;
}

function assembleFor(config: Config): Program {
  const externals = cellAddresses(layouts.dataCells(config), data);
  for (const [index, name] of C_FUNCTIONS.entries()) externals.set(name, c + BigInt(16 * index));
  const on = Object.keys(features).filter((feature) => config.has(feature));
  return assemble({
    sources: [source],
    instructions,
    defines: Object.fromEntries(on.map((feature) => [`CONFIG_${feature}`, 1])),
    constants: layouts.asmOffsets(config),
    externals,
    base: text,
    byteOrder: abi.byteOrder,
  });
}

export function boot(config: Config): Kernel {
  const program = link(config);
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: abi.byteOrder,
    regions: [
      { name: 'text', kind: 'text', start: text, size: 0x30000 },
      { name: 'C', kind: 'text', start: c, size: 0x1000 },
      { name: 'data', kind: 'data', start: data, size: 0x1000 },
      { name: 'stack', kind: 'stack', start: stack, size: threadSize },
    ],
  });
  const symbol = (name: string): bigint => {
    const value = program.symbol(name);
    if (value === undefined) throw new RangeError(`no symbol ${name}`);
    return value;
  };

  const shape = callsite.shape(config);
  machine.store(F - BigInt(shape.before), shape.compiled);
  const epilogue = F + 0x40n;
  machine.store(epilogue, Uint8Array.of(0xc3));
  const callouts = new Map(C_FUNCTIONS.map((name) => [symbol(name), name]));
  callouts.set(F + BigInt(shape.resume), 'body');
  for (const address of callouts.keys()) machine.setCallout(address);
  machine.storeWord(symbol('function_trace_op'), 8, OPS);
  machine.storeWord(OPS, 8, symbol('callback'));
  for (const n of [0, 1, 2, 3]) machine.storeWord(symbol(`bpf_body_${n}`), 8, F + BigInt(shape.resume));

  const ip = callsite.callAdjust(machine, F + BigInt(shape.table), config);
  const site: Site = { machine, config, ip, symbol, ops: OPS, stub: 0n };
  let epoch = 0;
  const clobber = (...results: readonly bigint[]) => {
    epoch++;
    for (const name of abi.callerSaved) machine.write(name, registerPoison(indexOf(name), epoch));
    machine.poison(stack, machine.read('rsp'));
    for (const [n, value] of results.entries()) machine.write(abi.returnRegisters[n] as string, value);
  };

  const kernel: Kernel = {
    machine,
    program,
    config,
    symbol,
    site,
    apply(patch) {
      if ('error' in patch) throw new Error(`refused: ${patch.error}`);
      for (const { address, bytes } of patch.stores) machine.store(address, bytes);
    },
    trace(caller) {
      kernel.apply(callsite.initNop(site));
      kernel.apply(callsite.makeCall(site, caller));
      kernel.apply(callsite.updateFtraceFunc(site, symbol('callback')));
    },
    enter() {
      for (const name of registers.names) machine.write(name, valueIn(name));
      machine.write('rsp', S);
      machine.storeWord(S, 8, P);
      for (const [n, value] of STACK_ARGUMENTS.entries()) machine.storeWord(S + BigInt(8 + 8 * n), 8, value);
      machine.pc = F;
    },
    reach() {
      const stop = machine.run();
      const name = callouts.get(stop.pc);
      if (stop.kind !== 'callout' || name === undefined) {
        throw new Error(`${stop.kind} at 0x${stop.pc.toString(16)}: ${stop.why}`);
      }
      if (machine.read('rsp') % 8n !== 0n) throw new Error(`SP not aligned at ${name}`);
      return name;
    },
    leave(...results) {
      const sp = machine.read('rsp');
      const to = machine.loadWord(sp, 8);
      machine.write('rsp', sp + 8n);
      clobber(...results);
      machine.pc = to;
    },
    finish(...results) {
      clobber(...results);
      machine.pc = epilogue;
    },
    fregs: (address) => ({ machine, config, address }),
    field(address, name) {
      const found = layouts.ftraceRegs(config).fields.find((candidate) => candidate.name === name);
      if (!found) throw new RangeError(`no field ${name}`);
      return machine.loadWord(address + BigInt(found.offset), 8);
    },
  };
  return kernel;
}
