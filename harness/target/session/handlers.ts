// SPDX-License-Identifier: MIT
/** A probe's handler at work: the observation it makes and the actions it takes. */
import type { Fregs } from '../../backend/contract.js';
import { fieldOf } from '../../backend/fields.js';
import type { Action, ProbeSpec } from '../../case/types.js';
import { truncate } from '../../ctype/value.js';
import type { GraphOps } from '../../ftrace/graph/fgraph.js';
import { ShadowStack } from '../../ftrace/graph/shadow-stack.js';
import { CaseProblem } from './host.js';
import { signatureOf } from './processor.js';
import { type Reading, readAccessor } from './read.js';
import type { OpenObservation } from './recorder.js';
import type { Session } from './session.js';
import { evaluateIn, runStep, type Scope } from './steps.js';

/** What the kernel gives a handler. */
export interface HandlerCall {
  readonly when: 'entry' | 'exit';
  readonly ip: bigint;
  readonly parentIp: bigint;
  readonly fregs: Fregs;
  /** Graph only. */
  readonly gops?: GraphOps;
  readonly depth?: number;
  /** fprobe only: offset of its entry data on the shadow stack. */
  readonly data?: number | null;
}

/** Runs a handler. Returns true when it asked for no exit handler. */
export function runHandler(
  session: Session,
  probe: ProbeSpec,
  actions: readonly Action[],
  call: HandlerCall,
): boolean {
  const { normal, book } = session;
  const fn = book.functionAt(call.ip);
  const known = fn !== undefined && fn.ip === call.ip;
  const signature = fn?.spec ? signatureOf(fn) : null;
  const invocation = session.processor.invocations.at(-1);
  const reading = readingOf(
    session,
    call,
    fn?.symbol ?? call.ip,
    signature?.result ?? { kind: 'void', name: 'void', size: 0 },
  );
  const { accessors } = session.host.backend;

  const observation = session.recorder.observe(call.when, {
    probe: probe.name,
    function: known ? fn.name : normal.code(call.ip),
  });
  if (call.when === 'entry' && signature) {
    observation.set(
      'arguments',
      signature.parameters.map(({ type }, index) =>
        normal.typedWord(accessors.getArgument(call.fregs, index), type, reading.sp),
      ),
    );
  }
  if (call.when === 'exit' && signature && signature.result.kind !== 'void') {
    observation.set(
      'return',
      normal.typedWord(accessors.getReturnValue(call.fregs), signature.result, reading.sp),
    );
  }
  observation.set('parent', normal.code(call.parentIp));
  if (call.depth !== undefined) observation.set('depth', String(call.depth));

  const scope: Scope = new Map();
  let skip = false;
  for (const action of actions) {
    if (action.do === 'skip_exit') skip = true;
    else if (!act(session, action, call, reading, observation, scope)) {
      const frame = session.processor.frames.at(-1);
      if (!frame) throw new CaseProblem('a handler ran outside a call');
      const step = action as Exclude<typeof action, HandlerOnly>;
      session.inHandler(probe.name, frame, () => runStep(session, step, frame, scope));
    }
  }
  if (invocation) noteTouched(invocation.touched, actions, call.when);
  return skip;
}

type HandlerOnly = Extract<
  Action,
  { do: 'read' | 'set' | 'override' | 'skip_exit' | 'store_data' | 'load_data' | 'task_variable' }
>;

/** What the actions change on purpose. */
function noteTouched(touched: Set<string>, actions: readonly Action[], when: 'entry' | 'exit'): void {
  for (const action of actions) {
    if (action.do === 'override') touched.add('result').add('ip');
    if (action.do !== 'set') continue;
    const { name } = action.accessor;
    if (name === 'instruction_pointer' && when === 'entry') touched.add('ip');
    else if (name === 'return_value' && when === 'exit') touched.add('result');
    else touched.add(when === 'entry' ? 'arguments' : 'result');
  }
}

/** Handler-only actions. Returns false for plain steps. */
function act(
  session: Session,
  action: Action,
  call: HandlerCall,
  reading: Reading,
  observation: OpenObservation,
  scope: Scope,
): boolean {
  const { accessors } = session.host.backend;
  const { stack } = session.graph;
  switch (action.do) {
    case 'read':
      for (const accessor of action.accessors)
        observation.set(accessor.text, readAccessor(reading, accessor));
      return true;
    case 'set':
      setAccessor(session, action, call, scope);
      return true;
    case 'override': {
      const value = number(evaluateIn(session, action.value, scope));
      const type = reading.result;
      const bits = type.kind === 'void' || type.kind === 'struct' ? value : truncate(value, type);
      accessors.setReturnValue(call.fregs, BigInt.asUintN(64, number(bits)));
      accessors.overrideWithReturn(call.fregs, session.host.symbols.get('just_return_func') ?? 0n);
      return true;
    }
    case 'store_data': {
      const at = call.gops ? stack.reserve(call.gops.index, action.bytes)?.at : call.data;
      if (at === undefined) observation.set('data', 'NULL');
      else if (at === null) throw new CaseProblem('store_data needs entry_data_size on the fprobe');
      else stack.set(at, BigInt.asUintN(64, number(evaluateIn(session, action.value, scope))));
      return true;
    }
    case 'load_data': {
      const at = dataOffset(session, call, action.parent);
      observation.set('data', at === null ? 'NULL' : session.normal.word(stack.get(at), reading.sp));
      return true;
    }
    case 'task_variable': {
      const at = ShadowStack.variable(call.gops?.index ?? 0);
      if (action.set) stack.set(at, BigInt.asUintN(64, number(evaluateIn(session, action.set, scope))));
      else observation.set('task_variable', session.normal.word(stack.get(at)));
      return true;
    }
    default:
      return false;
  }
}

function dataOffset(session: Session, call: HandlerCall, parent: number | null): number | null {
  const { stack } = session.graph;
  if (!call.gops) return call.data ?? null;
  const end = parent === null ? stack.current : stack.outer(parent);
  return end < 0 ? null : (stack.retrieve(call.gops.index, end)?.at ?? null);
}

function setAccessor(
  session: Session,
  action: Extract<Action, { do: 'set' }>,
  { fregs }: HandlerCall,
  scope: Scope,
): void {
  const { accessors, layouts } = session.host.backend;
  const value = BigInt.asUintN(64, number(evaluateIn(session, action.value, scope)));
  const layout = layouts.ftraceRegs(fregs.config);
  const store = (name: string) => {
    const { offset, size } = fieldOf(layout, name);
    fregs.machine.storeWord(fregs.address + BigInt(offset), size, value);
  };
  const { name, parameter } = action.accessor;
  switch (name) {
    case 'return_value':
      accessors.setReturnValue(fregs, value);
      return;
    case 'instruction_pointer':
      accessors.setInstructionPointer(fregs, value);
      return;
    case 'argument': {
      const field = accessors.argumentFields[Number(parameter)];
      if (field === undefined) throw new CaseProblem(`${action.accessor.text} is not in a register here`);
      store(field);
      return;
    }
    default: {
      if (!layout.fields.some((candidate) => candidate.name === parameter)) {
        throw new CaseProblem(`ftrace_regs has no field ${parameter} here`);
      }
      store(parameter ?? '');
    }
  }
}

function readingOf(session: Session, call: HandlerCall, symbol: bigint, result: Reading['result']): Reading {
  const invocation = session.processor.invocations.at(-1);
  return {
    fregs: call.fregs,
    backend: session.host.backend,
    normal: session.normal,
    ip: call.ip,
    symbol,
    sp: invocation?.sp ?? 0n,
    fp: invocation?.preserved.get(session.processor.abi.framePointer) ?? 0n,
    result,
    exit: call.when === 'exit',
    buffer: (kind) => session.ptRegsBuffer(kind),
    trueParent: () => {
      const retp = session.host.backend.graph.trueParentRetp(call.fregs);
      return session.graph.cursor()(call.parentIp, retp);
    },
  };
}

function number(value: bigint | readonly bigint[]): bigint {
  if (typeof value !== 'bigint') throw new CaseProblem('a struct cannot be stored in a register');
  return value;
}
