// SPDX-License-Identifier: MIT
/**
 * What a program reads of the pt_regs that is its context, and what a perf sample holds of one: by the macros of BPF programs
 * (linux 7.2 tools/lib/bpf/bpf_tracing.h) and user_mode().
 */
import type { Fregs } from '../../backend/contract.js';
import { fieldNamed, getField } from '../../backend/fields.js';
import type { Accessor } from '../../case/types.js';
import type { ReturnType } from '../../ctype/types.js';
import { absent } from '../outcome.js';
import { CaseProblem } from './host.js';
import { ptRegsField } from './read.js';
import type { Session } from './session.js';

/** One context, and what normal form needs to know. */
export interface ContextReading {
  readonly session: Session;
  readonly regs: Fregs;
  /** S of the traced function, and the frame pointer its caller had. */
  readonly sp: bigint;
  readonly fp: bigint;
  readonly result: ReturnType;
  readonly exit: boolean;
  /** Programs only. */
  readonly funcIp?: bigint;
  readonly cookie?: bigint;
}

/** Raw word of a field. */
export function contextWord(
  { session, regs }: Pick<ContextReading, 'session' | 'regs'>,
  name: string,
): bigint {
  return getField(regs, session.host.backend.layouts.ptRegs(regs.config), name);
}

/** PT_REGS_PARM1(), …; `null` where there is no such macro: the argument is on the stack. */
export function parameter(reading: ContextReading, index: number): bigint | null {
  const name = reading.session.host.backend.accessors.tracing.parameters[index];
  return name === undefined ? null : contextWord(reading, name);
}

/** PT_REGS_RC(). */
export function resultWord(reading: ContextReading): bigint {
  return contextWord(reading, reading.session.host.backend.accessors.tracing.result);
}

/** Word of a register by its name in the ABI; 0 where the structure has none. */
export function registerWord(reading: ContextReading, register: string): bigint {
  const { layouts, registers } = reading.session.host.backend;
  const own = fieldNamed(layouts.ptRegs(reading.regs.config), register, registers);
  return own === undefined ? 0n : contextWord(reading, own);
}

/** A code address: where inside of an entry trampoline is no matter. */
function code(session: Session, address: bigint): string {
  const inside = session.host.symbolOf(address)?.name;
  return inside?.startsWith('ftrace_') || inside === '__ops_trampolines'
    ? 'trampoline'
    : session.normal.code(address);
}

/** @throws CaseProblem for what no context has: the case was not checked */
export function readContext(reading: ContextReading, { name, parameter: of, text }: Accessor): string {
  const { session, regs, sp, result, exit } = reading;
  const { normal } = session;
  const { accessors } = session.host.backend;
  switch (name) {
    case 'func_ip':
      return normal.code(reading.funcIp ?? 0n);
    case 'cookie':
      return String(reading.cookie ?? 0n);
    case 'argument': {
      const word = parameter(reading, Number(of));
      return word === null ? absent(`PT_REGS_PARM${Number(of) + 1}`) : normal.word(word, sp);
    }
    case 'return_value': {
      const word = resultWord(reading);
      return exit ? normal.typedWord(word, result, sp) : normal.word(word, sp);
    }
    case 'instruction_pointer':
      return code(session, contextWord(reading, accessors.tracing.instructionPointer));
    case 'stack_pointer':
      return normal.stackAddress(contextWord(reading, accessors.tracing.stackPointer), sp);
    case 'user_mode':
      return String(accessors.userMode(regs));
    case 'regs':
      return ptRegsField({ ...reading, ...session.host, normal, fregs: regs }, regs.address, of ?? '');
    default:
      throw new CaseProblem(`${text} cannot be read from a pt_regs`);
  }
}
