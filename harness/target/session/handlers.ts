// SPDX-License-Identifier: MIT
/** A probe's handler at work: the observation it makes, then its actions in order. */
import type { Action, ProbeSpec } from '../../case/types.js';
import type { ReturnType, Signature } from '../../ctype/types.js';
import { absent, type FieldText } from '../outcome.js';
import { act, type HandlerCall, type HandlerOnly } from './actions.js';
import { signatureOf, type Touched } from './calls.js';
import { CaseProblem } from './host.js';

import { apiOf, missing, type Reading } from './read.js';
import type { Session } from './session.js';
import { runStep, type Scope } from './steps.js';

const VOID: ReturnType = { kind: 'void', name: 'void', size: 0 };

/** Runs a handler. Returns true when it asked for no exit handler, or for no single step. */
export function runHandler(
  session: Session,
  probe: ProbeSpec,
  actions: readonly Action[],
  call: HandlerCall,
): boolean {
  const { normal, book } = session;
  const fn = book.functionAt(call.ip);
  // A kprobe may sit anywhere in a function.
  const known = fn !== undefined && (fn.ip === call.ip || call.view === 'pt_regs');
  const signature = fn?.spec ? signatureOf(fn) : null;
  const invocation = session.processor.calls.innermost;
  const reading = readingOf(session, call, fn?.symbol ?? call.ip, signature?.result ?? VOID);

  const observation = session.recorder.observe(call.when, {
    probe: probe.name,
    function: known ? fn.name : normal.code(call.ip),
  });
  if (signature) {
    if (call.when !== 'exit') observation.set('arguments', argumentsSeen(reading, signature));
    else if (signature.result.kind !== 'void')
      observation.set('return', returnSeen(reading, call, signature));
  }
  observation.set('parent', typeof call.parentIp === 'string' ? call.parentIp : normal.code(call.parentIp));
  if (call.depth !== undefined) observation.set('depth', String(call.depth));

  session.env.interruptible(probe.name);
  const scope: Scope = new Map();
  let skip = false;
  for (const action of actions) {
    // A kprobe that overrides has set the instruction pointer, and says so.
    if (action.do === 'override' && probe.kind === 'kprobe') skip = true;
    if (action.do === 'skip_exit' || action.do === 'skip_single_step') skip = true;
    else if (!act(session, action, call, reading, observation, scope)) {
      const frame = session.processor.frames.innermost;
      if (!frame) throw new CaseProblem('a handler ran outside a call');
      const step = action as Exclude<typeof action, HandlerOnly>;
      session.inHandler(probe.name, frame, () => runStep(session, step, frame, scope));
    }
  }
  if (invocation) noteTouched(invocation.touched, actions, call.when);
  return skip;
}

/** Argument by position, as a tool reads it that knows the declared type. */
function argumentsSeen(reading: Reading, { parameters }: Signature): FieldText {
  const lack = missing(reading, 'argument');
  if (lack !== null || !reading.fregs) return absent(lack ?? '');
  const { fregs, normal, sp } = reading;
  const api = apiOf(reading);
  return parameters.map(({ type }, index) => normal.typedWord(api.getArgument(fregs, index), type, sp));
}

function returnSeen(reading: Reading, call: HandlerCall, { result }: Signature): FieldText {
  const { fregs, normal, sp } = reading;
  if (fregs) return normal.typedWord(apiOf(reading).getReturnValue(fregs), result, sp);
  if (call.retval === undefined || call.retval === null) return absent('FUNCTION_GRAPH_RETVAL');
  return normal.typedWord(call.retval, result, sp);
}

/** What the actions change on purpose. */
function noteTouched(touched: Touched, actions: readonly Action[], when: HandlerCall['when']): void {
  for (const action of actions) {
    if (action.do === 'override') touched.result = true;
    if (action.do !== 'set') continue;
    if (when === 'exit') touched.result = true;
    else if (action.accessor.name !== 'instruction_pointer') touched.arguments = true;
  }
}

function readingOf(session: Session, call: HandlerCall, symbol: bigint, result: ReturnType): Reading {
  const { registers, calls } = session.processor;
  const invocation = calls.innermost;
  const { backend, config, machine } = session.host;
  const { framePointer, stackPointer } = backend.abi;
  const preserved = (register: string) => invocation && registers.valueIn(invocation.preserved, register);
  return {
    fregs: call.fregs,
    view: call.view,
    machine,
    config,
    backend,
    normal: session.normal,
    ip: call.ip,
    symbol,
    sp: invocation?.sp ?? 0n,
    fp: (framePointer === stackPointer ? invocation?.sp : preserved(framePointer)) ?? 0n,
    result,
    exit: call.when === 'exit',
    cookie: call.cookie ?? 0n,
    buffer: (kind) => session.ptRegsBuffer(kind),
    trueParent: (fregs) => {
      const parent = typeof call.parentIp === 'string' ? 0n : call.parentIp;
      return session.graph.cursor()(parent, backend.graph.trueParentRetp(fregs));
    },
  };
}
