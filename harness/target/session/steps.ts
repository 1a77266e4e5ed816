// SPDX-License-Identifier: MIT
/** The steps of a case, wherever they stand: top level, a function's body, or a handler. */
import { ERRNO, errnoName } from '../../backend/errno.js';
import { evaluate, type NamedValue } from '../../case/evaluate.js';
import { otherCpu, recordFlags, stickyFlags } from '../../case/expectation-kinds.js';
import type { Expression, Step } from '../../case/types.js';
import type { Value, ValueType } from '../../ctype/types.js';
import { truncate } from '../../ctype/value.js';
import { apiExists } from '../../ftrace/api.js';
import { enabledFunctions } from '../../ftrace/enabled-functions.js';
import { recordFlagNames } from '../../ftrace/flags.js';
import { absent } from '../outcome.js';
import { signatureOf } from './calls.js';
import type { Frame } from './frames.js';
import { CaseProblem } from './host.js';
import { interruptedCall, takeInterrupt } from './interrupts.js';
import { recordsOf } from './kinds/registration.js';
import { unloadModule } from './module.js';
import type { Session } from './session.js';
import { stackTrace } from './stack-trace.js';
import { type Activity, withoutSleep } from './threads.js';

/** Names an expression may use: parameters and what `as` bound. */
export type Scope = Map<string, NamedValue>;

const NEUTRAL_FLAGS: ReadonlySet<string> = new Set(recordFlags);
const STICKY_FLAGS: ReadonlySet<string> = new Set(stickyFlags);

export function evaluateIn(session: Session, expression: Expression, scope: Scope): Value {
  return evaluate(expression, scope, (name) => session.addressOf(name));
}

export function isTrue(session: Session, when: Expression | null, scope: Scope): boolean {
  return when === null || evaluateIn(session, when, scope) !== 0n;
}

/** Argument values, truncated to the parameters' types as a C call would. */
export function argumentsOf(
  session: Session,
  name: string,
  expressions: readonly Expression[],
  scope: Scope,
): readonly Value[] {
  const { parameters } = signatureOf(session.functionNamed(name));
  return parameters.map(({ type }, index) => {
    const expression = expressions[index];
    return truncate(expression ? evaluateIn(session, expression, scope) : 0n, type);
  });
}

/** A step of a handler or an interrupt, where nobody may sleep. */
export function runStep(session: Session, step: Step, frame: Frame, scope: Scope): void {
  withoutSleep(doStep(session, step, frame, scope));
}

function* doSteps(session: Session, steps: readonly Step[], frame: Frame): Activity {
  for (const step of steps) yield* doStep(session, step, frame, new Map());
}

/** Registers, calls, observes. Tail calls are the body's business. */
export function* doStep(session: Session, step: Step, frame: Frame, scope: Scope): Activity {
  switch (step.do) {
    case 'register':
    case 'unregister':
    case 'enable':
    case 'disable':
      report(session, `${step.do} ${step.probe}`, session.probes[step.do](step.probe));
      return;
    case 'call': {
      const fn = session.functionNamed(step.function);
      const { result } = signatureOf(fn);
      if (!isTrue(session, step.when, scope)) {
        if (step.as && result.kind !== 'void') scope.set(step.as, { value: zeroOf(result), type: result });
        return;
      }
      const args = argumentsOf(session, step.function, step.arguments, scope);
      const making = session.call(fn, args, frame);
      const value = yield* step.idle ? session.ftrace.withoutRcu(making) : making;
      if (step.as && value !== null && result.kind !== 'void') scope.set(step.as, { value, type: result });
      return;
    }
    case 'filter':
      report(
        session,
        `filter ${step.probe}`,
        session.probes.filter(step.probe, step.hash, step.change, step.functions),
      );
      return;
    case 'modify_direct':
      report(session, `modify_direct ${step.probe}`, session.probes.modifyDirect(step.probe, step.to));
      return;
    case 'record':
      observeRecord(session, step.function);
      return;
    case 'count':
      observeCount(session, step);
      return;
    case 'set_graph_function':
    case 'set_graph_notrace':
      setGraphFile(session, step);
      return;
    case 'max_graph_depth':
      session.tracefs.graph.maxDepth = step.value;
      return;
    case 'tracing_thresh':
      report(session, `tracing_thresh ${step.value}`, session.tracefs.setThreshold(step.value));
      return;
    case 'ndelay':
      session.env.clock.pass(step.value);
      return;
    case 'link_info': {
      const info = session.probes.linkInfo(step.probe);
      if (typeof info === 'number') report(session, `link_info ${step.probe}`, info);
      else session.recorder.observe('link_info', { probe: step.probe, ...info });
      return;
    }
    case 'corrupt':
      corrupt(session, step.function);
      return;
    case 'pause_graph':
      session.graph.pause++;
      return;
    case 'unload_module':
      unloadModule(session);
      return;
    case 'resume_graph':
      session.graph.pause--;
      return;
    case 'ftrace_enabled':
      report(session, `ftrace_enabled ${step.value}`, session.ftrace.setEnabled(step.value));
      return;
    case 'stack_trace':
      stackTrace(session, frame);
      return;
    case 'enabled_functions':
      session.recorder.observe('enabled_functions', {
        lines: enabledFunctions(session.ftrace, (address) => session.normal.code(address)),
      });
      return;
    case 'in_task':
      session.threads.run(step.task, (own) => doSteps(session, step.does, own));
      return;
    case 'sleep':
      if (session.threads.isFirst)
        throw new CaseProblem('the first task sleeps, and nobody is left who could wake it');
      session.event('sleep', '');
      session.switchOut();
      yield;
      session.switchIn();
      session.event('wake', '');
      return;
    case 'wake':
      if (!session.threads.wake(step.task))
        session.recorder.observe('error', { call: `wake ${step.task}`, code: '-ESRCH' });
      return;
    case 'irq':
    case 'softirq':
    case 'nmi':
      takeInterrupt(session, step.do, step.does);
      return;
    case 'meanwhile': {
      const look = () => session.threads.run(otherCpu, (own) => doSteps(session, step.does, own));
      session.otherCpus.watch(look, () => runStep(session, step.step, frame, scope));
      return;
    }
    case 'interrupted':
      interruptedCall(session, step, () => runStep(session, step.call, frame, scope));
      return;
    case 'tail_call':
      throw new CaseProblem('a tail call can only end the body of a function');
  }
}

/** What a name is bound to whose call was skipped. */
function zeroOf(type: ValueType): Value {
  return type.kind === 'struct' ? type.members.map(() => 0n) : 0n;
}

/** API return codes other than 0 are observations. */
function report(session: Session, call: string, result: number): void {
  session.event(call, errnoName(result));
  if (result !== 0) session.recorder.observe('error', { call, code: errnoName(result) });
}

function observeRecord(session: Session, name: string): void {
  const fn = session.functionNamed(name);
  const rec = session.ftrace.records.get(fn.ip);
  if (!rec) {
    session.recorder.observe('error', { call: `record ${name}`, code: errnoName(-ERRNO.ENOENT) });
    return;
  }
  const { machine, config, backend } = session.host;
  const { state, target } = backend.callsite.describe(machine, rec.ip, config);
  const named = backend.callsite.namedOps?.(machine, rec.ip, rec.stub, config) ?? null;
  const flags = recordFlagNames(rec.flags);
  session.recorder.observe('record', {
    function: name,
    count: String(rec.count),
    flags: flags.filter((flag) => NEUTRAL_FLAGS.has(flag)),
    sticky: apiExists('FTRACE_FL_TOUCHED', config.revision)
      ? flags.filter((flag) => STICKY_FLAGS.has(flag))
      : absent('FTRACE_FL_TOUCHED'),
    site: state,
    calls: target === null ? undefined : session.trampolineKind(target),
    ops:
      named === null ? absent('DYNAMIC_FTRACE_WITH_CALL_OPS') : (session.ftrace.opsName(named) ?? 'unknown'),
  });
}

function observeCount(session: Session, step: Extract<Step, { do: 'count' }>): void {
  const { counter, probe, function: of } = step;
  session.recorder.observe('count', {
    counter,
    probe: probe ?? undefined,
    function: of ?? undefined,
    value: counted(session, step),
  });
}

function counted(session: Session, { counter, probe, function: of }: Extract<Step, { do: 'count' }>): string {
  const { stack } = session.graph;
  switch (counter) {
    case 'nmissed':
    case 'misses':
    case 'run_cnt':
      return String(session.probes.counter(probe ?? '', counter));
    case 'hits': {
      if (!session.host.config.has('FUNCTION_PROFILER')) return absent('FUNCTION_PROFILER');
      const { ip } = session.functionNamed(of ?? '');
      return String(session.tracefs.hits?.get(ip) ?? 0);
    }
    case 'trace_overrun':
      return String(stack.overrun);
    case 'depth':
      return String(stack.depth);
  }
}

/** Writes set_graph_function or set_graph_notrace: as for a filter, a function without a call site is refused. */
function setGraphFile(
  session: Session,
  step: Extract<Step, { do: 'set_graph_function' | 'set_graph_notrace' }>,
): void {
  const { graph } = session.tracefs;
  const file = step.do === 'set_graph_function' ? graph.functions : graph.notrace;
  const records = recordsOf(session, step.functions);
  if (records === null) {
    report(session, step.do, -ERRNO.EINVAL);
    return;
  }
  file.clear();
  for (const { ip } of records) file.add(ip);
}

/** Bytes no state of a call site has: every bit of the patched instruction turned over. */
function corrupt(session: Session, name: string): void {
  const { machine } = session.host;
  const { ip, symbol, shape } = session.functionNamed(name);
  const at = shape?.toggles === undefined ? ip : symbol + BigInt(shape.toggles);
  machine.store(
    at,
    machine.load(at, 4).map((byte) => byte ^ 0xff),
  );
}
