// SPDX-License-Identifier: MIT
/**
 * The modelled kernel of a subject, before any machine runs it: the back-end's sources laid out with the slots of functions
 * behind them, the addresses of C functions and data, and the map of memory. Every target that executes the sources
 * begins with it.
 */
import type { Backend, LoadedBackend, MemoryMap, Revision } from '../backend/contract.js';
import { C_FUNCTIONS, cellAddresses, cellWords } from '../backend/externals.js';
import { requireSymbols } from '../backend/required-symbols.js';
import { STACKS, stackOf } from '../backend/stacks.js';
import { assemble, type Program } from '../machine/asm/program.js';
import type { TrampolineText } from '../machine/asm/trampoline-text.js';
import { type Budget, createInterpreter, type Interpreter } from '../machine/interpreter.js';
import type { RegionSpec } from '../machine/memory.js';
import type { Machine } from '../machine/types.js';
import { configOf, type KnownConfig } from './features.js';
import { LARGE_BYTES, MODULE_BYTES, SLOT_NAMES, slotsSource } from './session/address-book.js';
import { FAR, FAR_BYTES, type Host, LIMIT_BYTES, LIMIT_MIB } from './session/host.js';
import { C_FUNCTION_BYTES } from './session/session.js';

/** Sizes of regions are multiples of this. */
const PAGE_BYTES = 0x1000;
const C_BYTES = 0x1_0000;
const DATA_BYTES = 0x4_0000;
/** Room for the data cells that a back-end declares. */
const CELL_BYTES = 0x1000n;
const MIB = 0x10_0000n;

const wholePages = (bytes: bigint) => Math.ceil(Number(bytes) / PAGE_BYTES) * PAGE_BYTES;

export interface Kernel {
  /** With the map of memory that this target has. */
  readonly backend: Backend;
  readonly config: KnownConfig;
  /** What was laid out: the back-end's sources, then the slots. */
  readonly sources: readonly { readonly file: string; readonly text: string }[];
  readonly program: Program;
  /** C functions and data cells, which the sources name and do not define. */
  readonly externals: ReadonlyMap<string, bigint>;
  readonly regions: readonly RegionSpec[];
  /** Initial words of data: address → value. */
  readonly words: ReadonlyMap<bigint, bigint>;
}

/** Code and data that are there already: another kernel's. */
export interface Given {
  readonly config: KnownConfig;
  /** Where symbols of ours lie there. */
  readonly symbols: ReadonlyMap<string, bigint>;
}

/**
 * @param memory where things lie, if not where the kernel has them
 * @param given what stands in for symbols of the sources
 * @throws AsmError when the sources do not assemble, BackendError when they lack what the harness calls
 */
export function buildKernel(
  loaded: LoadedBackend,
  revision: Revision,
  memory?: MemoryMap,
  given?: Given,
): Kernel {
  const backend = memory === undefined ? loaded.backend : placedAt(loaded.backend, memory);
  const { abi, instructions, layouts } = backend;
  const config = given?.config ?? configOf(loaded, revision);
  const declared = layouts.dataCells(config);
  const own: (readonly [string, bigint])[] = [
    ...C_FUNCTIONS.map((name, index) => [name, abi.memory.c + BigInt(index) * C_FUNCTION_BYTES] as const),
    ...cellAddresses(declared, abi.memory.data),
  ];
  const externals = new Map(own.map(([name, at]) => [name, given?.symbols.get(name) ?? at]));
  const sources = [...loaded.sources, { file: 'functions', text: slotsSource(abi.returnInstruction) }];
  const program = assemble({
    sources,
    instructions,
    defines: Object.fromEntries([...config.on].map((name) => [`CONFIG_${name}`, 1])),
    constants: layouts.asmOffsets(config),
    externals,
    base: abi.memory.text,
    byteOrder: abi.byteOrder,
  });
  requireSymbols(loaded, config, program.symbols);
  const symbol = (name: string) => {
    const address = given?.symbols.get(name) ?? externals.get(name) ?? program.symbols.get(name);
    if (address === undefined) throw new RangeError(`a data cell names ${name}, which is no symbol`);
    return address;
  };
  const regions = regionsOf(abi.memory, wholePages(program.end - program.base));
  return {
    ...{ backend, config, sources, program, externals, regions },
    words: cellWords(declared, symbol, abi.memory),
  };
}

/** What a kernel at other addresses is: pointers there have no bits in common at their top. */
function placedAt({ abi, graph, ...rest }: Backend, memory: MemoryMap): Backend {
  return {
    ...rest,
    abi: { ...abi, memory },
    graph: { ...graph, fprobeHeaderMsb: graph.fprobeHeaderMsb && 0n },
  };
}

function regionsOf(memory: MemoryMap, textBytes: number): RegionSpec[] {
  const limit = (mib: number) => ({
    ...{ name: `text ${mib} MiB away`, kind: 'text' as const },
    start: memory.text + BigInt(mib) * MIB,
    size: textBytes + LIMIT_BYTES,
  });
  return [
    { name: 'text', kind: 'text', start: memory.text, size: textBytes },
    { name: 'C text', kind: 'text', start: memory.c, size: C_BYTES },
    { name: 'far text', kind: 'text', start: memory.text + FAR, size: FAR_BYTES },
    limit(-LIMIT_MIB),
    limit(LIMIT_MIB),
    { name: 'data', kind: 'data', start: memory.data, size: DATA_BYTES },
    ...Array.from({ length: STACKS }, (_, task) => ({
      name: task === 0 ? 'stack' : `stack of task ${task}`,
      kind: 'stack' as const,
      start: stackOf(memory, task),
      size: memory.threadSize,
    })),
    ...moduleRegions(memory),
    ...largeRegions(memory),
  ];
}

/** Texts of modules out of reach, with nothing in them. */
function moduleRegions({ modules }: MemoryMap): RegionSpec[] {
  const region = (name: string, start: bigint) => ({
    ...{ name, kind: 'text' as const, start, size: MODULE_BYTES },
  });
  return modules ? [region('module text', modules.text), region('module init text', modules.initText)] : [];
}

/** Texts of a large kernel out of reach, with nothing in them. */
function largeRegions({ large }: MemoryMap): RegionSpec[] {
  const region = (name: string, start: bigint) => ({
    ...{ name, kind: 'text' as const, start, size: wholePages(BigInt(LARGE_BYTES)) },
  });
  return large ? [region('end of text', large.end), region('init text', large.initText)] : [];
}

/** The interpreter with the kernel in it. */
export function interpret(kernel: Kernel, budget: Partial<Budget> = {}): Interpreter {
  const { backend, config, program, regions } = kernel;
  const { instructions, registers, abi } = backend;
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: abi.byteOrder,
    budget,
    landingPads: instructions.landingPads !== undefined && config.has(instructions.landingPads),
    regions,
  });
  for (const [address, value] of kernel.words) machine.storeWord(address, 8, value);
  machine.seal();
  return machine;
}

/** What a session needs, around a machine that has this kernel in it. */
export function hostOf<M extends Machine>(
  { backend, config, program, externals }: Kernel,
  machine: M,
  steps: () => number | null,
): Host & { readonly machine: M; readonly config: KnownConfig } {
  const { memory } = backend.abi;
  return {
    ...{ backend, config, machine, steps },
    text: trampolineText(program),
    symbols: new Map([...externals, ...program.symbols]),
    symbolOf: (address) => program.symbolOf(address),
    endOfCells: memory.data + CELL_BYTES,
    endOfData: memory.data + BigInt(DATA_BYTES),
    farText: memory.text + FAR,
  };
}

/** What the back-end's sources are in the program; behind them come the slots of the functions. */
function trampolineText(program: Program): TrampolineText {
  const end = program.symbols.get(SLOT_NAMES[0] as string) as bigint;
  return {
    code: program.code.filter(({ address }) => address < end),
    symbols: new Map([...program.symbols].filter(([, address]) => address < end)),
    functions: program.functions,
    notes: (section) => program.notes(section),
  };
}
