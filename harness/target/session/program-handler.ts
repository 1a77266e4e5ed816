// SPDX-License-Identifier: MIT
/**
 * A BPF program on a trampoline at work: what it sees of its context, then its actions. linux 7.2
 * kernel/trace/bpf_trace.c (the helpers), kernel/bpf/verifier.c (bpf_get_func_ret, by kind of program).
 */
import { ERRNO, errnoName } from '../../backend/errno.js';
import type { Accessor, Action, Expression, ProbeSpec, StoredWord } from '../../case/types.js';
import type { Value } from '../../ctype/types.js';
import { argumentWords } from '../../ftrace/bpf-trampoline.js';
import type { DynFtrace } from '../../ftrace/types.js';
import { isHandlerOnly } from './actions.js';
import type { Fn } from './address-book.js';
import { signatureOf } from './calls.js';
import { CaseProblem } from './host.js';
import { argumentSizes } from './kinds/program.js';
import type { Session } from './session.js';
import { evaluateIn, runStep } from './steps.js';

/** One run of a program. */
interface Run {
  readonly session: Session;
  readonly probe: ProbeSpec;
  readonly fn: Fn;
  readonly context: bigint;
  /** bpf_get_attach_cookie(). */
  readonly cookie: bigint;
}

/** bpf_session_cookie(): a word of the trampoline's frame, by its program and context. */
type SessionCookies = Map<string, bigint>;
const cookies = new WeakMap<Session, SessionCookies>();

/** Runs a program. Returns what it ends with, 64 bits. */
export function programHandler(
  session: Session,
  probe: ProbeSpec,
  rec: DynFtrace,
  context: bigint,
  cookie: bigint,
): bigint {
  const fn = session.functionNamed(rec.function);
  const run: Run = { session, probe, fn, context, cookie };
  const kind = kindOf(probe);
  const exit = kind === 'fexit' || (kind === 'fsession' && isReturn(run));
  if (kind === 'fsession' && !exit) sessionCookies(session).delete(cookieKey(run));
  const actions = exit ? probe.exit : probe.entry;
  if (actions !== null) observe(run, actions, exit ? 'exit' : 'entry');
  return probe.returns ? BigInt.asUintN(64, number(constant(session, probe.returns))) : 0n;
}

/** Of a program on many functions: what it is on each. */
function kindOf({ kind }: ProbeSpec): string {
  return kind.replace('_multi', '');
}

/** bpf_session_is_return(). */
function isReturn({ session, context }: Run): boolean {
  const { machine } = session.host;
  return machine.loadWord(context + BigInt(stubs(session).isReturn), 8) !== 0n;
}

function observe(run: Run, actions: readonly Action[], when: 'entry' | 'exit'): void {
  const { session, probe, fn } = run;
  const observation = session.recorder.observe(when, {
    probe: probe.name,
    function: fn.name,
    arguments: argumentsSeen(run),
  });
  if (when === 'exit' && signatureOf(fn).result.kind !== 'void') observation.set('return', returnSeen(run));
  const frame = session.processor.frames.innermost;
  session.env.interruptible(probe.name);
  for (const action of actions) {
    if (!isHandlerOnly(action)) {
      if (frame) session.inHandler(probe.name, frame, () => runStep(session, action, frame, new Map()));
    } else if (action.do === 'read') {
      for (const accessor of action.accessors) observation.set(accessor.text, helper(run, accessor));
    } else if (action.do === 'store_data') {
      const [value] = action.values;
      if (value) sessionCookies(session).set(cookieKey(run), stored(run, value));
    } else if (action.do === 'load_data') {
      observation.set('data', session.normal.word(sessionCookies(session).get(cookieKey(run)) ?? 0n));
    } else throw new CaseProblem(`${action.do} needs an ftrace_regs; a ${probe.kind} probe has none`);
  }
}

/** What a session keeps: a value, or a word of the arguments. */
function stored(run: Run, value: StoredWord): bigint {
  return value.kind === 'argument' ? word(run, value.index) : number(constant(run.session, value));
}

function stubs(session: Session) {
  const { backend, config } = session.host;
  return backend.layouts.stubs(config).bpf;
}

/** The n-th word of the context. */
function word({ session, context }: Run, n: number): bigint {
  return session.host.machine.loadWord(context + BigInt(stubs(session).arguments + 8 * n), 8);
}

/** Words in the order of the registers, then of the stack: where an argument's first word is, placement tells. */
function argumentsSeen(run: Run): string[] {
  const { session, fn } = run;
  const { argumentRegisters, stackArguments } = session.host.backend.abi;
  const sp = session.processor.calls.innermost?.sp;
  return signatureOf(fn).parameters.map(({ type }, index) => {
    const { byReference = false, pieces } = fn.placement?.parameters[index] ?? { pieces: [] };
    const [place] = pieces;
    if (!place) throw new CaseProblem(`no place for argument ${index} of ${fn.name}`);
    const at =
      place.in === 'register'
        ? argumentRegisters.indexOf(place.register)
        : argumentRegisters.length + (place.at - stackArguments) / 8;
    const value = word(run, at);
    // What is passed by reference and has two words, the trampoline has fetched (linux 7.2 arch/*/net/bpf_jit_comp*.c).
    const fetched = byReference && type.size > 8 && type.size <= 16;
    return session.normal.typedWord(fetched ? session.host.machine.loadWord(value, 8) : value, type, sp);
  });
}

function returnSeen({ session, fn, context }: Run): string {
  const value = session.host.machine.loadWord(context + BigInt(stubs(session).result), 8);
  const sp = session.processor.calls.innermost?.sp;
  const { result } = signatureOf(fn);
  return result.kind === 'void'
    ? session.normal.word(value, sp)
    : session.normal.typedWord(value, result, sp);
}

function helper(run: Run, { name, parameter }: Accessor): string {
  const { session, probe, fn, cookie } = run;
  const sp = session.processor.calls.innermost?.sp;
  switch (name) {
    case 'func_ip':
      return session.normal.code(functionAddress(run));
    case 'cookie':
      return String(cookie);
    case 'func_arg_cnt':
      return String(argumentWords(argumentSizes(fn)));
    case 'func_arg': {
      const n = Number(parameter);
      return n < argumentWords(argumentSizes(fn))
        ? session.normal.word(word(run, n), sp)
        : errnoName(-ERRNO.EINVAL);
    }
    case 'func_ret':
      return kindOf(probe) === 'fentry' ? errnoName(-ERRNO.EOPNOTSUPP) : returnSeen(run);
    default:
      throw new CaseProblem(`a ${probe.kind} program has no ${name}`);
  }
}

/** BPF_TRAMP_F_IP_ARG: a constant of the image, or worked out from where the trampoline was called. */
function functionAddress({ session, fn, context }: Run): bigint {
  const { selfIp, funcIp } = stubs(session);
  if (funcIp === undefined) return fn.symbol;
  return session.host.machine.loadWord(context + BigInt(selfIp), 8) - BigInt(funcIp);
}

function sessionCookies(session: Session): SessionCookies {
  const made = cookies.get(session) ?? new Map();
  cookies.set(session, made);
  return made;
}

function cookieKey({ probe, context }: Run): string {
  return `${probe.name} 0x${context.toString(16)}`;
}

function constant(session: Session, expression: Expression): Value {
  return evaluateIn(session, expression, new Map());
}

function number(value: Value): bigint {
  if (typeof value !== 'bigint') throw new CaseProblem('a struct is no value of a program');
  return value;
}
