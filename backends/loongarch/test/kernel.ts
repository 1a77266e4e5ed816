// SPDX-License-Identifier: MIT
/**
 * A small kernel for the tests: the trampolines assembled for one configuration, a traced function F in its
 * slot, C functions as callouts, one ops. It plays C as harshly as the ABI allows: every caller-saved register
 * and the dead stack are poisoned before a return.
 */
import { readFileSync } from 'node:fs';
import type { Config, Patch, Site } from '../../../harness/backend/contract.js';
import { assemble } from '../../../harness/machine/asm/program.js';
import { createInterpreter, type Interpreter } from '../../../harness/machine/interpreter.js';
import { registerPoison } from '../../../harness/machine/poison.js';
import { abi } from '../abi.js';
import { callsite } from '../callsite.js';
import { features } from '../features.js';
import { instructions } from '../instructions.js';
import { layouts } from '../layout.js';
import { registers } from '../registers.js';

const source = {
  file: 'backends/loongarch/trampoline.S',
  text: readFileSync(new URL('../trampoline.S', import.meta.url), 'utf8'),
};

const { text, c, data, stack, threadSize } = abi.memory;

/** C functions, each a callout in the window `c`. */
const C_FUNCTIONS = [
  ...['callback', 'parent', 'elsewhere', 'ftrace_return_to_handler', 'rethook_handler'],
  ...[0, 1, 2, 3].flatMap((n) => [`direct_func_${n}`, `bpf_entry_func_${n}`, `bpf_exit_func_${n}`]),
  ...[0, 1, 2, 3].map((n) => `bpf_mod_func_${n}`),
];
const DATA = { function_trace_op: data, ops: data + 0x100n };

/** Cells of the BPF images: the body's address, how many modify-return programs there are. */
const CELLS = ['bpf_body', 'bpf_mod_links', 'bpf_slots'].flatMap((name) =>
  [0, 1, 2, 3].map((n) => `${name}_${n}`),
);

/** The traced function, and its stack pointer at entry; far from both ends of the stack. */
export const F = text + 0x20010n;
export const S = stack + 0x2000n;
/** Where the traced function returns to. */
export const P = c + 0x10n;

export const STACK_ARGUMENTS = [0x5a00n, 0x5a01n, 0x5a02n, 0x5a03n] as const;
export const ARGUMENTS = ['a0', 'a1', 'a2', 'a3', 'a4', 'a5', 'a6', 'a7'];
export const SAVED = ['fp', 's0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 's8'];

export interface Kernel {
  readonly machine: Interpreter;
  readonly config: Config;
  symbol(name: string): bigint;
  symbolOf(address: bigint): { readonly name: string; readonly offset: number } | undefined;
  /** The site of F, as the patch functions take it. */
  readonly site: Site;
  /** Carries out a patch. @throws Error for a refused one */
  apply(patch: Patch): void;
  /** F as initialised at boot, then enabled towards a trampoline; the callback is `callback`. */
  trace(trampoline?: string): void;
  /** Every register a distinct value, sp = S, ra = P, four stack arguments, pc = F. */
  enter(): void;
  /** Runs to the next callout and gives its name. @throws Error on any other stop */
  reach(): string;
  /** Returns from the C function at the callout; `results` go to a0, a1, and on. */
  leave(...results: readonly bigint[]): void;
  /** Word at an offset from an address. */
  word(address: bigint, offset?: number): bigint;
}

const indexOf = (register: string) => (registers.names as readonly string[]).indexOf(register);

/** A value no other register has, nor any poison or address. */
export const live = (register: string) => 0x1111_0000_0000_0000n + BigInt(indexOf(register));

export function boot(config: Config): Kernel {
  const externals = new Map<string, bigint>(Object.entries(DATA));
  for (const [index, name] of C_FUNCTIONS.entries()) externals.set(name, c + BigInt(16 * index));
  for (const [index, name] of CELLS.entries()) externals.set(name, data + 0x600n + BigInt(8 * index));
  const on = Object.keys(features).filter((feature) => config.has(feature));
  const program = assemble({
    sources: [source],
    instructions,
    defines: Object.fromEntries(on.map((feature) => [`CONFIG_${feature}`, 1])),
    constants: layouts.asmOffsets(config),
    externals,
    base: text,
    byteOrder: abi.byteOrder,
  });
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

  const shape = callsite.shape();
  machine.store(F - BigInt(shape.before), shape.compiled);
  const callouts = new Map(C_FUNCTIONS.map((name) => [symbol(name), name]));
  callouts.set(P, 'parent').set(F + BigInt(shape.resume), 'body');
  for (const address of callouts.keys()) machine.setCallout(address);
  machine.storeWord(DATA.function_trace_op, 8, DATA.ops);
  for (const n of [0, 1, 2, 3]) {
    machine.storeWord(symbol(`bpf_body_${n}`), 8, F + 8n);
    machine.storeWord(symbol(`bpf_slots_${n}`), 8, 12n);
  }

  const ip = callsite.callAdjust(machine, F + BigInt(shape.table));
  const site: Site = { machine, config, ip, symbol, ops: DATA.ops, stub: 0n };
  let epoch = 0;

  const kernel: Kernel = {
    machine,
    config,
    symbol,
    symbolOf(address) {
      if (address >= F && address < F + 0x100n) return { name: 'f', offset: Number(address - F) };
      const name = callouts.get(address & ~0xfn);
      return name === undefined ? program.symbolOf(address) : { name, offset: Number(address & 0xfn) };
    },
    site,
    apply(patch) {
      if ('error' in patch) throw new Error(`refused: ${patch.error}`);
      for (const { address, bytes } of patch.stores) machine.store(address, bytes);
    },
    trace(trampoline = 'ftrace_caller') {
      kernel.apply(callsite.initNop(site));
      kernel.apply(callsite.makeCall(site, symbol(trampoline)));
      kernel.apply(callsite.updateFtraceFunc(site, symbol('callback')));
    },
    enter() {
      for (const name of registers.names) machine.write(name, live(name));
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
      return name;
    },
    leave(...results) {
      const to = machine.read('ra');
      epoch++;
      for (const name of abi.callerSaved) machine.write(name, registerPoison(indexOf(name), epoch));
      machine.poison(stack, machine.read('sp'));
      for (const [n, value] of results.entries()) machine.write(`a${n}`, value);
      machine.pc = to;
    },
    word: (address, offset = 0) => machine.loadWord(address + BigInt(offset), 8),
  };
  return kernel;
}
