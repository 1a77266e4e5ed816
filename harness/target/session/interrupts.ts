// SPDX-License-Identifier: MIT
/**
 * Interrupts. What an exception entry does is done: the registers are saved, the stack below SP is overwritten where
 * the ABI has no red zone, the preempt counter says what runs; and all is as it was when the handler returns.
 */
import type { InterruptKind, Step } from '../../case/types.js';
import type { RecursionContext } from '../../ftrace/recursion.js';
import type { MomentKind } from './moments.js';
import type { Session } from './session.js';
import { Sightings } from './sightings.js';
import { runStep } from './steps.js';

const CONTEXT: Readonly<Record<InterruptKind, RecursionContext>> = {
  irq: 'IRQ',
  softirq: 'SOFTIRQ',
  nmi: 'NMI',
};

/** How far below the interrupted stack pointer that of an NMI is where it has a stack of its own: more than anyone looks at. */
const NMI_STACK = 0x400n;

/** An interrupt that comes now, wherever the machine is. */
export function takeInterrupt(session: Session, kind: InterruptKind, does: readonly Step[]): void {
  const { processor, ftrace } = session;
  const { machine, frames, abi } = processor;
  const registers = machine.save();
  const { pc } = machine;
  const { sp, innermost } = frames;
  const fp = machine.read(abi.framePointer);
  // The code of an interrupt is played: the machine stands where the outermost one came.
  const came = innermost?.from ? innermost.afterCall : pc;
  session.event(kind, () => `at ${session.normal.code(pc)}`);
  const context = ftrace.recursion.context;
  ftrace.recursion.context = CONTEXT[kind];
  const untouched = kind === 'nmi' && abi.nmiStack ? NMI_STACK : BigInt(abi.redZone);
  machine.write(abi.stackPointer, frames.enterException(untouched));
  frames.fixRegisters();
  // Most unwinders of the models end at the exception; one with tables goes on from its pt_regs.
  if (abi.framePointer !== abi.stackPointer) machine.write(abi.framePointer, 0n);
  if (abi.linkRegister === null) machine.storeWord(frames.sp, 8, 0n);
  else machine.write(abi.linkRegister, 0n);
  const frame = frames.enter(kind, session.placeIn(kind));
  frame.from = { pc: came, sp, fp };
  for (const step of does) runStep(session, step, frame, new Map());
  frames.open.pop();
  frames.bury(sp - untouched);
  ftrace.recursion.context = context;
  machine.restore(registers);
  machine.pc = pc;
  session.event(`back from ${kind}`, '');
}

/** Which interrupts come in a run of a case: none, all that are asked for, or only the one of that number. */
export type Interrupting = 'none' | 'every' | number;

/** A call interrupted, and behind it what the interrupts saw. */
export function interruptedCall(
  session: Session,
  step: Extract<Step, { do: 'interrupted' }>,
  call: () => void,
): void {
  const { interrupting, moments: seen, recorder } = session;
  const begin = recorder.observations.length;
  const sightings = new Sightings(recorder, session.explain);
  const come = (kind: MomentKind) => {
    if (!isAt(session, step.at, kind)) return;
    if (step.by !== 'nmi' && session.processor.exceptions.masksInterrupts) return;
    const number = seen.length;
    seen.push(session.processor.machine.pc);
    if (interrupting !== 'every' && interrupting !== number) return;
    sightings.look(() => takeInterrupt(session, step.by, step.does));
  };
  try {
    if (interrupting === 'none') call();
    else session.processor.moments.watch(come, call);
  } finally {
    session.interrupted.push(...recorder.observations.slice(begin));
  }
  for (const group of sightings.different) recorder.append(group);
}

function isAt(session: Session, at: string, kind: MomentKind): boolean {
  if (at === 'every' || at === kind) return true;
  if (kind !== 'instruction') return false;
  const { pc } = session.processor.machine;
  const label = session.host.symbols.get(at);
  // What is made for one ops has a name only while it is there.
  return label === undefined ? session.book.codeName(pc) === at : label === pc;
}
