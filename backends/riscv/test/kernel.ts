// SPDX-License-Identifier: MIT
/**
 * A small kernel for the tests: the trampolines assembled for one configuration, a traced function F in its
 * slot, C functions as callouts, one ops. It plays C as harshly as the ABI allows: every caller-saved register
 * and the dead stack are poisoned before a return.
 */
import { readFileSync } from 'node:fs';
import type { Config, Patch, Site } from '../../../harness/backend/contract.js';
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
  file: 'backends/riscv/trampoline.S',
  text: readFileSync(new URL('../trampoline.S', import.meta.url), 'utf8'),
};

const { text, c, data, stack, threadSize } = abi.memory;

/** C functions, each a callout in the window `c`. */
const C_FUNCTIONS = [
  ...['callback', 'parent', 'ftrace_return_to_handler', 'prepare_ftrace_return', 'rethook_handler'],
  ...['direct_func_0', 'direct_func_1', 'direct_func_2', 'direct_func_3'],
  ...[0, 1, 2, 3].flatMap((n) => [`bpf_entry_func_${n}`, `bpf_exit_func_${n}`]),
  ...[0, 1, 2, 3].flatMap((n) => [`bpf_enter_func_${n}`, `bpf_leave_func_${n}`]),
  ...[0, 1, 2, 3].map((n) => `bpf_mod_func_${n}`),
];
const DATA = {
  function_trace_op: data,
  ftrace_call_dest: data + 8n,
  ops: data + 0x100n,
  ftrace_nop_ops: data + 0x200n,
  buffer: data + 0x400n,
};

/** What the helper in front of a BPF program gives. */
const START_TIME = 0x5eed_0123n;

/** Cells of the BPF images: the body's address, how many modify-return programs there are. */
const CELLS = ['bpf_body', 'bpf_mod_links'].flatMap((name) => [0, 1, 2, 3].map((n) => `${name}_${n}`));

/** The traced function, and its stack pointer at entry; far from both ends of the stack. */
export const F = text + 0x20010n;
export const S = stack + 0x2000n;
/** Where the traced function returns to. */
export const P = c + 0x10n;

export const STACK_ARGUMENTS = [0x5a00n, 0x5a01n, 0x5a02n, 0x5a03n] as const;

export interface Kernel {
  readonly machine: Interpreter;
  readonly config: Config;
  symbol(name: string): bigint;
  /** The site of F, as the patch functions take it. */
  readonly site: Site;
  /** Carries out a patch. @throws Error for a refused one */
  apply(patch: Patch): void;
  /** F as initialised at boot, then enabled with `ops`, whose func is `callback`. */
  trace(trampoline?: string): void;
  /** Every register a distinct value, sp = S, ra = P, four stack arguments, pc = F. */
  enter(): void;
  /** Runs to the next callout and gives its name. @throws Error on any other stop */
  reach(): string;
  /** Returns from the C function at the callout; `results` go to a0, a1. */
  leave(...results: readonly bigint[]): void;
  /** Field of the struct ftrace_regs at `address`. */
  field(address: bigint, name: string): bigint;
}

const indexOf = (register: string) => (registers.names as readonly string[]).indexOf(register);

/** A value no other register has, nor any poison or address. */
export const valueIn = (register: string) => 0x1111_0000_0000_0000n + BigInt(indexOf(register));

const programs = new Map<string, Program>();

/** Assembled once per configuration. */
function programOf(config: Config, externals: ReadonlyMap<string, bigint>): Program {
  const on = Object.keys(features).filter((feature) => config.has(feature));
  const key = [config.revision, ...on].join();
  const ready =
    programs.get(key) ??
    assemble({
      sources: [source],
      instructions,
      defines: Object.fromEntries(on.map((feature) => [`CONFIG_${feature}`, 1])),
      constants: layouts.asmOffsets(config),
      externals,
      base: text,
      byteOrder: abi.byteOrder,
    });
  programs.set(key, ready);
  return ready;
}

export function boot(config: Config): Kernel {
  const externals = new Map<string, bigint>(Object.entries(DATA));
  for (const [index, name] of C_FUNCTIONS.entries()) externals.set(name, c + BigInt(16 * index));
  for (const [index, name] of CELLS.entries()) externals.set(name, data + 0x600n + BigInt(8 * index));
  const program = programOf(config, externals);
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
  const callouts = new Map(C_FUNCTIONS.map((name) => [symbol(name), name]));
  callouts.set(P, 'parent').set(F + BigInt(shape.resume), 'body');
  for (const address of callouts.keys()) machine.setCallout(address);
  machine.storeWord(DATA.ops, 8, symbol('callback'));
  const { directCall } = layouts.ftraceOps(config);
  if (directCall !== null) machine.storeWord(DATA.ops + BigInt(directCall), 8, 0n);
  machine.storeWord(DATA.function_trace_op, 8, DATA.ops);
  for (const n of [0, 1, 2, 3]) machine.storeWord(symbol(`bpf_body_${n}`), 8, F + 8n);
  machine.storeWord(DATA.ftrace_call_dest, 8, symbol('ftrace_stub'));

  const ip = callsite.callAdjust(machine, F + BigInt(shape.table), config);
  const site: Site = { machine, config, ip, symbol, ops: DATA.ops, stub: 0n };
  let epoch = 0;

  const kernel: Kernel = {
    machine,
    config,
    symbol,
    site,
    apply(patch) {
      if ('error' in patch) throw new Error(`refused: ${patch.error}`);
      for (const { address, bytes } of patch.stores) machine.store(address, bytes);
    },
    trace(trampoline = 'ftrace_caller') {
      kernel.apply(callsite.initNop({ ...site, ops: DATA.ftrace_nop_ops }));
      kernel.apply(callsite.makeCall(site, symbol(trampoline)));
      kernel.apply(callsite.updateFtraceFunc(site, symbol('callback')));
    },
    enter() {
      for (const name of registers.names) machine.write(name, valueIn(name));
      machine.write('sp', S);
      machine.write('ra', P);
      for (const [n, value] of STACK_ARGUMENTS.entries()) machine.storeWord(S + BigInt(8 * n), 8, value);
      machine.pc = F;
    },
    reach() {
      const stop = machine.run();
      const name = callouts.get(stop.pc);
      if (stop.kind !== 'callout' || name === undefined) {
        throw new Error(`${stop.kind} at 0x${stop.pc.toString(16)}: ${stop.why}`);
      }
      if (machine.read('sp') % 16n !== 0n) throw new Error(`SP not aligned at ${name}`);
      const helper = /^bpf_(enter|leave)_func_/.exec(name)?.[1];
      if (helper === undefined) return name;
      // Around a BPF program: it is to be run, and then no other.
      if (helper === 'leave' && machine.read('a1') !== START_TIME)
        throw new Error(`${name} is not told when the program began`);
      kernel.leave(helper === 'enter' ? START_TIME : 0n);
      return kernel.reach();
    },
    leave(...results) {
      const to = machine.read('ra');
      epoch++;
      for (const name of abi.callerSaved) machine.write(name, registerPoison(indexOf(name), epoch));
      machine.poison(stack, machine.read('sp'));
      for (const [n, value] of results.entries()) machine.write(`a${n}`, value);
      machine.pc = to;
    },
    field(address, name) {
      const found = layouts.ftraceRegs(config).fields.find((candidate) => candidate.name === name);
      if (!found) throw new RangeError(`no field ${name}`);
      return machine.loadWord(address + BigInt(found.offset), 8);
    },
  };
  return kernel;
}
