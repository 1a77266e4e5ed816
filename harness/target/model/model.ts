// SPDX-License-Identifier: MIT
/**
 * The default target: the back-end's assembler text in our interpreter. Needs no tools. The program is assembled
 * once per subject; every case starts from the same pristine machine.
 */
import type { Config, LoadedBackend, MemoryMap, Revision } from '../../backend/contract.js';
import { C_FUNCTIONS, cellAddresses, cellWords } from '../../backend/externals.js';
import { requireSymbols } from '../../backend/required-symbols.js';
import { STACKS, stackOf } from '../../backend/stacks.js';
import type { Case } from '../../case/types.js';
import { apiOf } from '../../ftrace/api.js';
import { assemble, type Program } from '../../machine/asm/program.js';
import type { TrampolineText } from '../../machine/asm/trampoline-text.js';
import { type Budget, createInterpreter, type Interpreter } from '../../machine/interpreter.js';
import { lacking } from '../lacking.js';
import type { Outcome, SubjectId } from '../outcome.js';
import { MODULE_BYTES, SLOT_NAMES, slotsSource } from '../session/address-book.js';
import {
  type Explainer,
  FAR,
  FAR_BYTES,
  type Host,
  LIMIT_BYTES,
  LIMIT_MIB,
  silent,
} from '../session/host.js';
import { type Run, runCase } from '../session/run-case.js';
import { C_FUNCTION_BYTES } from '../session/session.js';
import type { Target } from '../target.js';
import { Tracing } from './tracing.js';

/** Sizes of regions are multiples of this. */
const PAGE_BYTES = 0x1000;
const C_BYTES = 0x1_0000;
const DATA_BYTES = 0x4_0000;
/** Room for the data cells that a back-end declares. */
const CELL_BYTES = 0x1000n;
const MIB = 0x10_0000n;

const wholePages = (bytes: bigint) => Math.ceil(Number(bytes) / PAGE_BYTES) * PAGE_BYTES;

/** Kconfig symbols of a back-end at a revision. */
export function configOf(
  { backend }: LoadedBackend,
  revision: Revision,
): Config & { readonly on: ReadonlySet<string> } {
  const on = new Set(
    Object.entries(backend.features)
      .filter(([, revisions]) => revisions[revision] === true)
      .map(([name]) => name),
  );
  return { revision, on, has: (feature) => on.has(feature) };
}

export interface ModelHost extends Host {
  readonly machine: Interpreter;
  readonly config: Config & { readonly on: ReadonlySet<string> };
}

/**
 * A machine with the back-end's trampolines in it.
 * @throws AsmError when their source does not assemble, BackendError when it lacks what the harness calls
 */
export function createModelHost(
  loaded: LoadedBackend,
  revision: Revision,
  budget: Partial<Budget> = {},
): ModelHost {
  const { backend } = loaded;
  const { abi, instructions, registers, layouts } = backend;
  const config = configOf(loaded, revision);
  const declared = layouts.dataCells(config);
  const cells = cellAddresses(declared, abi.memory.data);
  const externals = new Map<string, bigint>([
    ...C_FUNCTIONS.map((name, index) => [name, abi.memory.c + BigInt(index) * C_FUNCTION_BYTES] as const),
    ...cells,
  ]);
  const program = assemble({
    sources: [...loaded.sources, { file: 'functions', text: slotsSource(abi.returnInstruction) }],
    instructions,
    defines: Object.fromEntries([...config.on].map((name) => [`CONFIG_${name}`, 1])),
    constants: layouts.asmOffsets(config),
    externals,
    base: abi.memory.text,
    byteOrder: abi.byteOrder,
  });
  requireSymbols(loaded, config, program.symbols);
  const textBytes = wholePages(program.end - program.base);
  const limit = (mib: number) => ({
    ...{ name: `text ${mib} MiB away`, kind: 'text' as const },
    start: abi.memory.text + BigInt(mib) * MIB,
    size: textBytes + LIMIT_BYTES,
  });
  const machine = createInterpreter({
    program,
    instructions,
    registers,
    byteOrder: abi.byteOrder,
    budget,
    landingPads: instructions.landingPads !== undefined && config.has(instructions.landingPads),
    regions: [
      { name: 'text', kind: 'text', start: abi.memory.text, size: textBytes },
      { name: 'C text', kind: 'text', start: abi.memory.c, size: C_BYTES },
      { name: 'far text', kind: 'text', start: abi.memory.text + FAR, size: FAR_BYTES },
      limit(-LIMIT_MIB),
      limit(LIMIT_MIB),
      { name: 'data', kind: 'data', start: abi.memory.data, size: DATA_BYTES },
      ...Array.from({ length: STACKS }, (_, task) => ({
        name: task === 0 ? 'stack' : `stack of task ${task}`,
        kind: 'stack' as const,
        start: stackOf(abi.memory, task),
        size: abi.memory.threadSize,
      })),
      ...moduleRegions(abi.memory),
    ],
  });
  const symbols = new Map([...externals, ...program.symbols]);
  const symbol = (name: string) => {
    const address = symbols.get(name);
    if (address === undefined) throw new RangeError(`a data cell names ${name}, which is no symbol`);
    return address;
  };
  for (const [address, value] of cellWords(declared, symbol)) machine.storeWord(address, 8, value);
  machine.seal();
  return {
    backend,
    config,
    machine,
    symbols,
    text: trampolineText(program),
    symbolOf: (address) => program.symbolOf(address),
    endOfCells: abi.memory.data + CELL_BYTES,
    endOfData: abi.memory.data + BigInt(DATA_BYTES),
    farText: abi.memory.text + FAR,
    steps: () => machine.steps,
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

/** Texts of modules out of reach, with nothing in them. */
function moduleRegions({ modules }: MemoryMap) {
  const region = (name: string, start: bigint) => ({
    ...{ name, kind: 'text' as const, start, size: MODULE_BYTES },
  });
  return modules ? [region('module text', modules.text), region('module init text', modules.initText)] : [];
}

/**
 * Assembles when first needed: a subject that no case can run on costs nothing. `prepare`, `run` and `explain` throw
 * as {@link createModelHost} where the sources are broken.
 */
export function createModelTarget(loaded: LoadedBackend, revision: Revision): Target {
  const { on } = configOf(loaded, revision);
  const untraced = loaded.backend.untraced?.includes(revision) ?? false;
  const features = untraced ? on : new Set([...on, ...apiOf(revision)]);
  const missing = untraced ? ['FUNCTION_TRACER'] : [];
  const id: SubjectId = { arch: loaded.backend.arch, revision, target: 'model' };
  let made: ModelHost | undefined;
  const hosted = (): ModelHost => {
    made ??= createModelHost(loaded, revision);
    return made;
  };

  const start = (spec: Case, explainer: Explainer): Run => {
    const lacks = lacking({ features, missing }, spec);
    if (lacks.length > 0) {
      const outcome: Outcome = {
        case: spec.id,
        subject: id,
        end: { kind: 'unsupported', lacks },
        observations: [],
        instructions: 0,
      };
      return { outcome, made: [] };
    }
    const host = hosted();
    return runCase(host, spec, explainer, id, () => host.machine.reset());
  };

  return {
    id,
    features,
    missing,
    prepare: () => void hosted(),
    run: (spec) => start(spec, silent).outcome,
    explain: (spec) => {
      if (lacking({ features, missing }, spec).length > 0)
        return { outcome: start(spec, silent).outcome, trace: [] };
      const host = hosted();
      const tracing = new Tracing(host);
      host.machine.trace((step) => tracing.instruction(step));
      try {
        const { outcome, made } = start(spec, tracing);
        return { outcome, trace: tracing.finish(made) };
      } finally {
        host.machine.trace(null);
      }
    },
  };
}
