// SPDX-License-Identifier: MIT
/** A traced function's compiled body, played: observe the arguments, do the steps, return or jump on. */
import type { Step } from '../../case/types.js';
import type { Value } from '../../ctype/types.js';
import { truncate } from '../../ctype/value.js';
import type { Fn } from './address-book.js';
import { type ArgumentWords, type Invocation, signatureOf } from './calls.js';
import type { Frame } from './frames.js';
import { Crash } from './host.js';
import type { Session } from './session.js';
import { argumentsOf, doStep, evaluateIn, isTrue, type Scope } from './steps.js';
import type { Activity } from './threads.js';

export function* playBody(session: Session, fn: Fn): Activity {
  const { processor, recorder } = session;
  const { calls, frames } = processor;
  const invocation = calls.innermost;
  if (!invocation) throw new Crash(`${fn.name} entered without a call`, fn.name);
  const signature = signatureOf(fn);
  const { values, words } = calls.argumentsAtEntry(fn);
  recorder.observe('body', {
    function: fn.name,
    arguments: signature.parameters.map(({ type }, index) => session.normal.value(values[index] ?? 0n, type)),
  });
  for (const what of entryViolations(session, invocation, fn, words)) {
    recorder.observe('transparency', { function: fn.name, what });
  }
  const hidden = calls.hiddenAtEntry(fn);
  const scope: Scope = new Map();
  signature.parameters.forEach(({ name, type }, index) => {
    scope.set(name, { value: values[index] ?? 0n, type });
  });

  const frame = frames.enter(fn.name, fn.afterCall);
  const tail = yield* runBody(session, fn.spec?.does ?? [], frame, scope);
  if (tail) {
    const target = session.functionNamed(tail.function);
    const args = argumentsOf(session, tail.function, tail.arguments, scope);
    frames.leave(frame);
    invocation.fn = target;
    invocation.words = calls.writeTailArguments(target, args, hidden);
    session.event(`tail call ${target.name}`, `from ${fn.name}`);
    const { entryRegister } = processor.abi;
    if (entryRegister !== null) processor.machine.write(entryRegister, target.symbol);
    processor.machine.pc = target.symbol;
    return;
  }
  const returns = fn.spec?.returns ?? null;
  const value =
    returns && signature.result.kind !== 'void'
      ? truncate(evaluateIn(session, returns, scope), signature.result)
      : null;
  frames.leave(frame);
  finish(session, invocation, fn, value, hidden);
}

/** Does the steps; gives the tail call that ends the body, if one is taken. */
function* runBody(
  session: Session,
  steps: readonly Step[],
  frame: Frame,
  scope: Scope,
): Activity<Extract<Step, { do: 'tail_call' }> | null> {
  for (const step of steps) {
    if (step.do !== 'tail_call') yield* doStep(session, step, frame, scope);
    else if (isTrue(session, step.when, scope)) return step;
  }
  return null;
}

function finish(
  session: Session,
  invocation: Invocation,
  fn: Fn,
  value: Value | null,
  hidden: bigint | null,
): void {
  const { processor } = session;
  processor.calls.writeResult(fn, value, hidden);
  invocation.returned = value;
  session.event(`return from ${fn.name}`, '');
  processor.machine.pc = fn.returnAt;
}

/**
 * What the function could notice of being traced: the stack pointer, the preserved registers and the raw words
 * of its arguments must be as the caller left them, unless a handler changed them on purpose.
 */
function entryViolations(session: Session, invocation: Invocation, fn: Fn, words: ArgumentWords): string[] {
  const { processor } = session;
  const found: string[] = [];
  // A trampoline that calls the body itself gives it a stack of its own, and may use preserved registers: it
  // is held to them when it returns.
  const called = invocation.touched.stack;
  if (!called) {
    const off = processor.frames.distance(invocation.sp);
    if (off !== null) found.push(`stack pointer is ${off} at entry`);
  }
  for (const register of processor.registers.changedSince(invocation.preserved)) {
    if (called && processor.abi.calleeSaved.includes(register)) continue;
    found.push(`preserved register ${register} changed before entry`);
  }
  if (invocation.fn === fn && !invocation.touched.arguments) {
    words.forEach((parameter, index) => {
      const before = invocation.words[index] ?? [];
      if (parameter.some((word, piece) => word !== before[piece]))
        found.push(`argument ${index} changed before entry`);
    });
    for (const register of processor.registers.localChangedSince(invocation.local))
      found.push(`${register}, which may be an argument, changed before entry`);
  }
  return found;
}
