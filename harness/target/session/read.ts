// SPDX-License-Identifier: MIT
/** What a handler reads through the ftrace_regs API, in normal form: one function per accessor of the case language. */
import type { Backend, Config, Fregs, PtRegsApi } from '../../backend/contract.js';
import { errnoName } from '../../backend/errno.js';

import { fieldNamed, fieldOf, getField, unwritten } from '../../backend/fields.js';

import type { Accessor } from '../../case/types.js';
import type { ReturnType } from '../../ctype/types.js';
import { apiExists } from '../../ftrace/api.js';
import { type Machine, MachineFault } from '../../machine/types.js';
import { absent } from '../outcome.js';
import { CaseProblem } from './host.js';
import type { NormalForm } from './normal.js';

/**
 * What a handler was handed: ftrace_regs, the full pt_regs of a kprobe or of an older kernel's fprobe, or nothing (graph
 * callbacks before they were given ftrace_regs).
 */
export type View = 'ftrace_regs' | 'pt_regs' | 'none';

/** One handler's call: what it was given, and what normal form needs to know. */
export interface Reading {
  readonly fregs: Fregs | null;
  readonly view: View;
  readonly machine: Machine;
  readonly config: Config;
  readonly backend: Backend;
  readonly normal: NormalForm;
  readonly ip: bigint;
  /** Symbol address of the traced function. */
  readonly symbol: bigint;
  /** S of the traced function, and the frame pointer its caller had. */
  readonly sp: bigint;
  readonly fp: bigint;
  readonly result: ReturnType;
  readonly exit: boolean;
  /** bpf_get_attach_cookie() of a program. */
  readonly cookie: bigint;
  /** A zeroed per-CPU pt_regs for one kind of conversion. */
  buffer(kind: 'partial' | 'perf'): bigint;
  /** 7.2 function_get_true_parent_ip(). */
  trueParent(fregs: Fregs): bigint;
}

/** With registers in hand. */
type Given = Reading & { readonly fregs: Fregs; readonly api: PtRegsApi };

/** The functions that read and write what the handler was handed. */
export function apiOf({ view, backend }: Reading): PtRegsApi {
  return view === 'pt_regs' ? backend.kprobes.regs : backend.accessors;
}

interface Reader {
  /** Kernel function it is; `null`: present at every revision. */
  readonly api: string | null;
  /** pt_regs have a function of the same meaning. */
  readonly alsoPtRegs: boolean;
  read(reading: Given, parameter: string): string;
}

const number = (parameter: string) => Number.parseInt(parameter, 10);

interface Named {
  readonly name: string;
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
}

/** What normal form needs to know of a structure in memory. */
type Structure = Pick<Given, 'fregs' | 'backend' | 'normal' | 'sp' | 'fp'>;

/** A named field of a structure, as a word in normal form. */
function field(
  reading: Structure,
  address: bigint,
  what: string,
  fields: readonly Named[],
  name: string,
): string {
  const own = fieldNamed({ fields }, name, reading.backend.registers);
  if (own === undefined) {
    const known = fields.map((candidate) => candidate.name).join(', ');
    throw new CaseProblem(`${what} has no field ${name} here; it has ${known}`);
  }
  const value = getField({ ...reading.fregs, address }, { fields }, own);
  const { abi } = reading.backend;
  const chained = abi.frame.framePointer !== null || abi.framePointer === abi.stackPointer;
  if (value === reading.fp && !chained) return 'fp';
  // By value only whole words can be told for poison.
  const { offset, size } = fieldOf({ fields }, own);
  const narrow = size < 8 && value === unwritten(address + BigInt(offset), size, abi.byteOrder);
  return narrow ? 'stale' : reading.normal.word(value, reading.sp);
}

/** A field of the pt_regs at an address. @throws CaseProblem for a name it does not have */
export function ptRegsField(reading: Structure, address: bigint, name: string): string {
  const { fields } = reading.backend.layouts.ptRegs(reading.fregs.config);
  return field(reading, address, 'pt_regs', fields, name);
}

function framePointer(reading: Given): string {
  const value = reading.api.getFramePointer(reading.fregs);
  return value === reading.fp ? 'fp' : reading.normal.stackAddress(value, reading.sp);
}

/** Converts as the API does, then hands the pt_regs to `read`. */
function converted(reading: Given, kind: 'partial' | 'perf'): bigint {
  const { accessors } = reading.backend;
  const buffer = reading.buffer(kind);
  if (kind === 'partial') return accessors.partialRegs(reading.fregs, buffer);
  accessors.fillPerfRegs(reading.fregs, buffer);
  return buffer;
}

/** An accessor that fregs and pt_regs share. */
const shared = (api: string | null, read: Reader['read']): Reader => ({ api, alsoPtRegs: true, read });
const fregsOnly = (api: string | null, read: Reader['read']): Reader => ({ api, alsoPtRegs: false, read });

const READERS: Readonly<Record<string, Reader>> = {
  instruction_pointer: shared('ftrace_regs_get_instruction_pointer', ({ fregs, api, normal }) =>
    normal.code(api.getInstructionPointer(fregs)),
  ),
  stack_pointer: shared('ftrace_regs_get_stack_pointer', ({ fregs, api, normal, sp }) =>
    normal.stackAddress(api.getStackPointer(fregs), sp),
  ),
  frame_pointer: shared('ftrace_regs_get_frame_pointer', framePointer),
  return_value: shared('ftrace_regs_get_return_value', ({ fregs, api, normal, result, exit, sp }) => {
    const word = api.getReturnValue(fregs);
    return exit ? normal.typedWord(word, result, sp) : normal.word(word, sp);
  }),
  return_address: fregsOnly('ftrace_regs_get_return_address', ({ fregs, backend, normal }) =>
    normal.code(backend.accessors.getReturnAddress(fregs)),
  ),
  argument: shared('ftrace_regs_get_argument', ({ fregs, api, normal, sp }, n) =>
    normal.word(api.getArgument(fregs, number(n)), sp),
  ),
  stack_nth: shared('ftrace_regs_get_kernel_stack_nth', ({ fregs, api, normal, sp }, n) =>
    normal.word(api.getKernelStackNth(fregs, number(n)), sp),
  ),
  get_regs: shared(null, ({ fregs, backend, view }) =>
    view === 'pt_regs' || backend.accessors.getRegs(fregs) !== 0n ? 'regs' : 'NULL',
  ),
  regs: shared(null, (reading, name) => {
    const regs =
      reading.view === 'pt_regs' ? reading.fregs.address : reading.backend.accessors.getRegs(reading.fregs);
    return regs === 0n ? 'NULL' : ptRegsField(reading, regs, name);
  }),
  field: fregsOnly(null, (reading, name) => {
    const { fields } = reading.backend.layouts.ftraceRegs(reading.config);
    return field(reading, reading.fregs.address, 'ftrace_regs', fields, name);
  }),
  register_offset: fregsOnly('ftrace_regs_query_register_offset', ({ fregs, backend }, name) => {
    const query = backend.accessors.queryRegisterOffset;
    return query ? errnoName(query(fregs, name)) : 'not defined';
  }),
  partial_regs: fregsOnly('ftrace_partial_regs', (reading, name) =>
    ptRegsField(reading, converted(reading, 'partial'), name),
  ),
  perf_regs: fregsOnly('ftrace_fill_perf_regs', (reading, name) =>
    ptRegsField(reading, converted(reading, 'perf'), name),
  ),
  user_mode: fregsOnly('ftrace_partial_regs', (reading, kind) => {
    const address = converted(reading, kind === 'perf' ? 'perf' : 'partial');
    return String(reading.backend.accessors.userMode({ ...reading.fregs, address }));
  }),
  resume_offset: shared('ftrace_regs_get_instruction_pointer', ({ fregs, api, ip }) =>
    String(api.getInstructionPointer(fregs) - ip),
  ),
  block: shared(null, ({ fregs, normal, sp }) => normal.stackAddress(fregs.address, sp)),
  true_parent: fregsOnly('function_get_true_parent_ip', (reading) =>
    reading.normal.code(reading.trueParent(reading.fregs)),
  ),
};

/** What this kernel lacks for reading an accessor in this handler; `null`: nothing. */
export function missing({ fregs, view, config }: Reading, name: string): string | null {
  const reader = READERS[name];
  if (!fregs) return 'function_graph_enter_regs';
  // regs_get_kernel_argument(), which not every architecture has had.
  if (view === 'pt_regs' && name === 'argument' && !config.has('HAVE_FUNCTION_ARG_ACCESS_API'))
    return 'HAVE_FUNCTION_ARG_ACCESS_API';
  if (view === 'pt_regs') return reader?.alsoPtRegs ? null : (reader?.api ?? 'ftrace_regs');
  return reader?.api && !apiExists(reader.api, config.revision) ? reader.api : null;
}

/** @throws CaseProblem for a name this subject's structures do not have */
export function readAccessor(reading: Reading, accessor: Accessor): string {
  const { machine, config, backend, normal, ip, symbol } = reading;
  if (accessor.name === 'ip_offset') return String(ip - symbol);
  if (accessor.name === 'symbol_address') {
    if (!apiExists('ftrace_get_symaddr', config.revision)) return absent('ftrace_get_symaddr');
    return normal.code(backend.callsite.symbolAddress(machine, ip, config));
  }
  if (accessor.name === 'cookie') return String(reading.cookie);
  const reader = READERS[accessor.name];
  if (!reader) throw new CaseProblem(`no accessor ${accessor.text}`);
  const lack = missing(reading, accessor.name);
  const { fregs } = reading;
  if (lack !== null || !fregs) return absent(lack ?? 'ftrace_regs');
  try {
    return reader.read({ ...reading, fregs, api: apiOf(reading) }, accessor.parameter ?? '');
  } catch (error) {
    // The accessor itself followed an address that leads nowhere: an oops in the handler.
    if (error instanceof MachineFault) return 'fault';
    throw error;
  }
}
