// SPDX-License-Identifier: MIT
/** The C side of direct trampolines. */
import type { ProbeSpec } from '../../case/types.js';
import { isHandlerOnly } from './actions.js';
import { signatureOf } from './calls.js';
import { CaseProblem, Crash } from './host.js';
import { readPlace } from './image.js';
import type { Session } from './session.js';
import { runStep } from './steps.js';

/** The steps a direct function may take; it has no ftrace_regs to read. */
function runSteps(session: Session, probe: ProbeSpec): void {
  const frame = session.processor.frames.innermost;
  session.env.interruptible(probe.name);
  for (const action of probe.entry ?? []) {
    if (isHandlerOnly(action))
      throw new CaseProblem(`${action.do} needs an ftrace_regs; a direct probe has none`);
    if (frame) session.inHandler(probe.name, frame, () => runStep(session, action, frame, new Map()));
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
