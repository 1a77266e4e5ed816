// SPDX-License-Identifier: MIT
/** What a handler reads through the ftrace_regs API, in normal form: one function per accessor of the case language. */
import type { Backend, Fregs } from '../../backend/contract.js';
import { errnoName } from '../../backend/errno.js';
import { getField } from '../../backend/fields.js';
import type { Accessor } from '../../case/types.js';
import type { ReturnType } from '../../ctype/types.js';
import { CaseProblem } from './host.js';
import type { NormalForm } from './normal.js';

/** One handler's call: what it was given, and what normal form needs to know. */
export interface Reading {
  readonly fregs: Fregs;
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
  /** A zeroed per-CPU pt_regs for one kind of conversion. */
  buffer(kind: 'partial' | 'perf'): bigint;
  /** 7.2 function_get_true_parent_ip(). */
  trueParent(): bigint;
}

type Reader = (reading: Reading, parameter: string) => string;

const number = (parameter: string) => Number.parseInt(parameter, 10);

interface Named {
  readonly name: string;
  readonly offset: number;
  readonly size: 1 | 2 | 4 | 8;
}

/** A named field of a structure, as a word in normal form. */
function field(
  reading: Reading,
  address: bigint,
  what: string,
  fields: readonly Named[],
  name: string,
): string {
  if (!fields.some((candidate) => candidate.name === name)) {
    const known = fields.map((candidate) => candidate.name).join(', ');
    throw new CaseProblem(`${what} has no field ${name} here; it has ${known}`);
  }
  return reading.normal.word(getField({ ...reading.fregs, address }, { fields }, name), reading.sp);
}

function ptRegs(reading: Reading, address: bigint, name: string): string {
  const { fields } = reading.backend.layouts.ptRegs(reading.fregs.config);
  return field(reading, address, 'pt_regs', fields, name);
}

function framePointer(reading: Reading): string {
  const value = reading.backend.accessors.getFramePointer(reading.fregs);
  return value === reading.fp ? 'fp' : reading.normal.stackAddress(value, reading.sp);
}

/** Converts as the API does, then hands the pt_regs to `read`. */
function converted(reading: Reading, kind: 'partial' | 'perf'): bigint {
  const { accessors } = reading.backend;
  const buffer = reading.buffer(kind);
  if (kind === 'partial') return accessors.partialRegs(reading.fregs, buffer);
  accessors.fillPerfRegs(reading.fregs, buffer);
  return buffer;
}

const READERS: Readonly<Record<string, Reader>> = {
  instruction_pointer: ({ fregs, backend, normal }) =>
    normal.code(backend.accessors.getInstructionPointer(fregs)),
  stack_pointer: ({ fregs, backend, normal, sp }) =>
    normal.stackAddress(backend.accessors.getStackPointer(fregs), sp),
  frame_pointer: framePointer,
  return_value: ({ fregs, backend, normal, result, exit, sp }) => {
    const word = backend.accessors.getReturnValue(fregs);
    return exit ? normal.typedWord(word, result, sp) : normal.word(word, sp);
  },
  return_address: ({ fregs, backend, normal }) => normal.code(backend.accessors.getReturnAddress(fregs)),
  argument: ({ fregs, backend, normal, sp }, n) =>
    normal.word(backend.accessors.getArgument(fregs, number(n)), sp),
  stack_nth: ({ fregs, backend, normal, sp }, n) =>
    normal.word(backend.accessors.getKernelStackNth(fregs, number(n)), sp),
  get_regs: ({ fregs, backend }) => (backend.accessors.getRegs(fregs) === 0n ? 'NULL' : 'regs'),
  regs: (reading, name) => {
    const regs = reading.backend.accessors.getRegs(reading.fregs);
    return regs === 0n ? 'NULL' : ptRegs(reading, regs, name);
  },
  field: (reading, name) => {
    const { fields } = reading.backend.layouts.ftraceRegs(reading.fregs.config);
    return field(reading, reading.fregs.address, 'ftrace_regs', fields, name);
  },
  register_offset: ({ fregs, backend }, name) => {
    const query = backend.accessors.queryRegisterOffset;
    return query ? errnoName(query(fregs, name)) : 'not defined';
  },
  partial_regs: (reading, name) => ptRegs(reading, converted(reading, 'partial'), name),
  perf_regs: (reading, name) => ptRegs(reading, converted(reading, 'perf'), name),
  user_mode: (reading, kind) => {
    const address = converted(reading, kind === 'perf' ? 'perf' : 'partial');
    return String(reading.backend.accessors.userMode({ ...reading.fregs, address }));
  },
  symbol_address: ({ fregs, backend, normal, ip }) =>
    normal.code(backend.callsite.symbolAddress(fregs.machine, ip, fregs.config)),
  ip_offset: ({ ip, symbol }) => String(ip - symbol),
  resume_offset: ({ fregs, backend, ip }) => String(backend.accessors.getInstructionPointer(fregs) - ip),
  true_parent: (reading) => reading.normal.code(reading.trueParent()),
};

/** @throws CaseProblem for a name this subject's structures do not have */
export function readAccessor(reading: Reading, accessor: Accessor): string {
  const reader = READERS[accessor.name];
  if (!reader) throw new CaseProblem(`no accessor ${accessor.text}`);
  return reader(reading, accessor.parameter ?? '');
}
