// SPDX-License-Identifier: MIT
/** Programs on fprobes and samples of perf at work: the observation each makes, then its actions in order. */
import type { Fregs } from '../../backend/contract.js';
import { setField } from '../../backend/fields.js';
import type { Action, ProbeSpec, StoredWord } from '../../case/types.js';
import type { ReturnType } from '../../ctype/types.js';
import { truncate } from '../../ctype/value.js';
import type { MultiCall } from '../../ftrace/kprobe-multi.js';
import { callchain } from './callchain.js';
import { signatureOf } from './calls.js';
import { CaseProblem } from './host.js';
import { type ContextReading, contextWord, parameter, readContext, resultWord } from './read-context.js';
import type { OpenObservation } from './recorder.js';
import type { Session } from './session.js';
import { evaluateIn, runStep, type Scope } from './steps.js';

const VOID: ReturnType = { kind: 'void', name: 'void', size: 0 };

/** Runs a kprobe_multi program or its like. Returns true when a session wants no run at the return. */
export function runProgram(
  session: Session,
  probe: ProbeSpec,
  actions: readonly Action[],
  call: MultiCall,
): boolean {
  const { normal } = session;
  const fn = session.book.functionAt(call.ip);
  const signature = fn?.spec ? signatureOf(fn) : null;
  const reading: ContextReading = {
    ...placed(session, call.regs, signature?.result ?? VOID, call.isReturn),
    funcIp: call.funcIp,
    cookie: call.cookie,
  };
  const observation = session.recorder.observe(call.isReturn ? 'exit' : 'entry', {
    probe: probe.name,
    function: fn?.ip === call.ip ? fn.name : normal.code(call.ip),
  });
  if (signature && !call.isReturn) {
    const seen = signature.parameters.map(({ type }, index) => {
      const word = parameter(reading, index);
      return word === null ? '-' : normal.typedWord(word, type, reading.sp);
    });
    observation.set('arguments', seen);
  } else if (signature && signature.result.kind !== 'void') {
    observation.set('return', normal.typedWord(resultWord(reading), signature.result, reading.sp));
  }
  let skip = false;
  for (const action of actions) {
    if (action.do === 'skip_exit') skip = true;
    else programAction(session, probe, action, call, reading, observation);
  }
  return skip;
}

function programAction(
  session: Session,
  probe: ProbeSpec,
  action: Action,
  call: MultiCall,
  reading: ContextReading,
  observation: OpenObservation,
): void {
  const none: Scope = new Map();
  const { data } = call;
  switch (action.do) {
    case 'override': {
      const { innermost } = session.processor.calls;
      if (innermost) innermost.touched.result = true;
      override(session, call, reading, evaluateIn(session, action.value, none));
      return;
    }
    case 'store_data':
      for (const [index, value] of action.values.entries()) data?.set(index, stored(reading, value));
      return;
    case 'load_data':
      observation.set('data', data ? session.normal.word(data.get(0), reading.sp) : 'NULL');
      return;
    case 'stack_trace':
      callchain(probe.name, reading);
      return;
    case 'set':
      throw new CaseProblem('a program that stores to its context was attached');
    default:
      contextAction(session, probe, action, reading, observation);
  }
}

/** bpf_override_return(): regs_set_return_value() and override_function_with_return() on the context. */
function override(
  session: Session,
  { regs, copied }: MultiCall,
  reading: ContextReading,
  value: bigint | readonly bigint[],
): void {
  const { accessors, layouts } = session.host.backend;
  const { result } = reading;
  const typed = result.kind === 'void' || result.kind === 'struct' ? value : truncate(value, result);
  const bits = BigInt.asUintN(64, scalar(typed));
  if (!copied) {
    accessors.setReturnValue(regs, bits);
    accessors.overrideWithReturn(regs, session.host.symbols.get('just_return_func') ?? 0n);
    return;
  }
  const layout = layouts.ptRegs(regs.config);
  const { result: rc, instructionPointer, link } = accessors.tracing;
  if (link === null) throw new CaseProblem('a pt_regs that is a copy has no stack to return by');
  setField(regs, layout, rc, bits);
  setField(regs, layout, instructionPointer, contextWord(reading, link));
}

/** One struct ftrace_entry of perf with the registers that go with it. */
export interface Sample {
  readonly ip: bigint;
  readonly parentIp: bigint;
  readonly regs: Fregs;
}

/** Takes a sample of perf's ftrace:function event. */
export function runSample(
  session: Session,
  probe: ProbeSpec,
  actions: readonly Action[],
  { ip, parentIp, regs }: Sample,
): void {
  const { normal } = session;
  const fn = session.book.functionAt(ip);
  const observation = session.recorder.observe('entry', {
    probe: probe.name,
    function: fn?.ip === ip ? fn.name : normal.code(ip),
    parent: normal.code(parentIp),
  });
  const reading = placed(session, regs, VOID, false);
  for (const action of actions) contextAction(session, probe, action, reading, observation);
}

/** What programs and samples can do alike. */
function contextAction(
  session: Session,
  probe: ProbeSpec,
  action: Action,
  reading: ContextReading,
  observation: OpenObservation,
): void {
  switch (action.do) {
    case 'read':
      for (const accessor of action.accessors) observation.set(accessor.text, readContext(reading, accessor));
      return;
    case 'set':
    case 'override':
    case 'skip_exit':
    case 'skip_single_step':
    case 'store_data':
    case 'load_data':
    case 'task_variable':
      throw new CaseProblem(`${action.do} cannot be done in a probe of kind ${probe.kind}`);
    default: {
      const frame = session.processor.frames.innermost;
      if (!frame) throw new CaseProblem('a program ran outside a call');
      session.inHandler(probe.name, frame, () => runStep(session, action, frame, new Map()));
    }
  }
}

function placed(session: Session, regs: Fregs, result: ReturnType, exit: boolean): ContextReading {
  const { registers, calls } = session.processor;
  const invocation = calls.innermost;
  const { framePointer, stackPointer } = session.host.backend.abi;
  const sp = invocation?.sp ?? 0n;
  const own = invocation && registers.valueIn(invocation.preserved, framePointer);
  return { session, regs, sp, fp: (framePointer === stackPointer ? sp : own) ?? 0n, result, exit };
}

/** A word for the run at the return: a value, or an argument as its macro gives it. */
function stored(reading: ContextReading, value: StoredWord): bigint {
  if (value.kind !== 'argument')
    return BigInt.asUintN(64, scalar(evaluateIn(reading.session, value, new Map())));
  const word = parameter(reading, value.index);
  if (word === null) throw new CaseProblem(`no PT_REGS_PARM${value.index + 1} on this architecture`);
  return word;
}

function scalar(value: bigint | readonly bigint[]): bigint {
  if (typeof value !== 'bigint') throw new CaseProblem('a struct cannot be stored in a register');
  return value;
}
