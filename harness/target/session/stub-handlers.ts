// SPDX-License-Identifier: MIT
/** The C side of direct-call stubs: a direct trampoline's function, and the programs of a BPF trampoline. */
import type { ProbeSpec } from '../../case/types.js';
import type { DynFtrace } from '../../ftrace/types.js';
import { signatureOf } from './calls.js';
import { CaseProblem, Crash } from './host.js';
import { readPlace } from './image.js';
import type { Session } from './session.js';
import { runStep } from './steps.js';

/** The steps a direct function or a program may take; it has no ftrace_regs to read. */
function runSteps(session: Session, probe: ProbeSpec): void {
  const actions = (probe.kind === 'fexit' ? probe.exit : probe.entry) ?? [];
  const frame = session.processor.frames.innermost;
  session.env.interruptible(probe.name);
  for (const action of actions) {
    switch (action.do) {
      case 'read':
      case 'set':
      case 'override':
      case 'skip_exit':
      case 'skip_single_step':
      case 'store_data':
      case 'load_data':
      case 'task_variable':
        throw new CaseProblem(`${action.do} needs an ftrace_regs; a ${probe.kind} probe has none`);
      default:
        if (frame) session.inHandler(probe.name, frame, () => runStep(session, action, frame, new Map()));
    }
  }
}

/** Arguments are as in a call of the traced function, as far as they are in registers. */
export function directHandler(session: Session, probe: ProbeSpec): void {
  const { backend, config, machine } = session.host;
  const { processor, normal } = session;
  const { selfIp } = backend.layouts.stubs(config).direct;
  const resume = machine.loadWord(processor.frames.sp + BigInt(selfIp), 8);
  const fn = session.book.functionAt(resume);
  if (!fn?.spec) throw new Crash(`direct trampoline entered from ${normal.code(resume)}`, probe.name);
  const { parameters } = signatureOf(fn);
  session.recorder.observe('entry', {
    probe: probe.name,
    function: resume === fn.body ? fn.name : normal.code(resume),
    arguments: parameters.map(({ type }, index) => {
      const place = fn.placement?.parameters[index]?.pieces[0];
      if (place?.in !== 'register') return '-';
      return normal.typedWord(readPlace(machine, place, 0n), type);
    }),
  });
  runSteps(session, probe);
}

/** Arguments are the words of the program context, as bpf_get_func_arg() counts them. */
export function programHandler(session: Session, probe: ProbeSpec, rec: DynFtrace, context: bigint): void {
  const { backend, config, machine } = session.host;
  const { normal } = session;
  const layout = backend.layouts.stubs(config).bpf;
  const fn = session.functionNamed(rec.function);
  const { parameters, result } = signatureOf(fn);
  const { argumentRegisters, stackArguments } = backend.abi;
  const sp = session.processor.calls.innermost?.sp;
  // Words in the order of the registers, then of the stack: where an argument's first word is, placement tells.
  const args = parameters.map(({ type }, index) => {
    const { byReference = false, pieces } = fn.placement?.parameters[index] ?? { pieces: [] };
    const [place] = pieces;
    if (!place) throw new CaseProblem(`no place for argument ${index} of ${fn.name}`);
    const word =
      place.in === 'register'
        ? argumentRegisters.indexOf(place.register)
        : argumentRegisters.length + (place.at - stackArguments) / 8;
    const value = machine.loadWord(context + BigInt(layout.arguments + 8 * word), 8);
    // What is passed by reference and has two words, the trampoline has fetched (linux 7.2 arch/*/net/bpf_jit_comp*.c).
    const fetched = byReference && type.size > 8 && type.size <= 16;
    return normal.typedWord(fetched ? machine.loadWord(value, 8) : value, type, sp);
  });
  const observation = session.recorder.observe(probe.kind === 'fexit' ? 'exit' : 'entry', {
    probe: probe.name,
    function: rec.function,
    arguments: args,
  });
  if (probe.kind === 'fexit' && result.kind !== 'void') {
    const word = machine.loadWord(context + BigInt(layout.result), 8);
    observation.set('return', normal.typedWord(word, result, sp));
  }
  runSteps(session, probe);
}
