// SPDX-License-Identifier: MIT
/**
 * An event on a kprobe or kretprobe: registered with the definition, disabled, and armed while the event is enabled. linux 7.2
 * kernel/trace/trace_kprobe.c __register_trace_kprobe, enable_trace_kprobe, __kprobe_trace_func, __kretprobe_trace_func,
 * trace_kprobe_entry_handler.
 */
import type { Fregs } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import { fieldNamed, getField } from '../../backend/fields.js';
import type { Definition } from '../../ftrace/events/definition.js';
import type { EventProbe } from '../../ftrace/events/dynamic-events.js';
import { createKprobe } from '../../ftrace/kprobes/kprobe.js';
import type { Result } from '../../ftrace/types.js';
import { type Hit, observeHit } from './event-hit.js';
import { symbolsKnown } from './event-symbols.js';
import { CaseProblem } from './host.js';
import type { Session } from './session.js';

const WORD = 8;

/** A kprobe of either kind, as far as an event has to do with it. */
interface Armed {
  register(): Result;
  setEnabled(on: boolean): Result;
  unregister(): void;
}

export function kprobeEvent(session: Session, definition: Definition): EventProbe {
  const { symbol, offset, arguments: args, isReturn } = definition;
  const { shape } = session.functionNamed(symbol);
  // The models know the instructions of call sites only, and of some of them none that could be probed.
  const known =
    shape !== null && Number(offset) < shape.resume && session.host.config.has('KPROBE_ON_FUNC_ENTRY');
  const armed = known ? (isReturn ? onReturn : onInstruction)(session, definition) : null;
  return {
    define: () => {
      // within_notrace_func: KPROBE_EVENTS_ON_NOTRACE is off.
      if (shape === null) return -ERRNO.EINVAL;
      return symbolsKnown(session, args) || (armed?.register() ?? 0);
    },
    setEnabled: (on) => {
      if (armed) return armed.setEnabled(on);
      if (on) throw new CaseProblem(`the models have no instruction to probe at ${symbol}+${offset}`);
      return 0;
    },
    remove: () => armed?.unregister(),
  };
}

function placeOf(session: Session, { symbol, offset }: Definition) {
  return { symbol: session.functionNamed(symbol).symbol, offset: Number(offset) };
}

function hitOf(session: Session, regs: Fregs): Pick<Hit, 'api' | 'fregs' | 'register'> {
  return {
    api: session.host.backend.kprobes.regs,
    fregs: regs,
    register: (name) => registerOf(session, regs, name),
  };
}

/** regs_get_register(). */
function registerOf({ host }: Session, regs: Fregs, name: string): bigint {
  const layout = host.backend.layouts.ptRegs(host.config);
  const own = fieldNamed(layout, name, host.backend.registers);
  if (own === undefined) throw new CaseProblem(`pt_regs has no field ${name} here`);
  return getField(regs, layout, own);
}

function onInstruction(session: Session, definition: Definition): Armed {
  const { kprobes } = session;
  const kprobe = createKprobe(
    `${definition.group}/${definition.event}`,
    placeOf(session, definition),
    (self, regs) => {
      const ip = session.kprobes.hitAt(self);
      observeHit(session, definition, { ...hitOf(session, regs), when: 'entry', ip, retIp: 0n, data: null });
      return false;
    },
    null,
  );
  kprobe.disabled = true;
  return {
    register: () => kprobes.register(kprobe),
    setEnabled: (on) => (on ? kprobes.enable(kprobe) : kprobes.disable(kprobe)),
    unregister: () => void kprobes.unregister(kprobe),
  };
}

function onReturn(session: Session, definition: Definition): Armed {
  const { kprobes, kretprobes, host } = session;
  const { saved, maxActive } = definition;
  const kretprobe = kretprobes.create(
    `${definition.group}/${definition.event}`,
    placeOf(session, definition),
    { dataSize: WORD * saved.length, maxActive },
    {
      entry:
        saved.length === 0
          ? null
          : ({ regs, data }) => {
              for (const [at, index] of saved.entries())
                data?.set(at, host.backend.kprobes.regs.getArgument(regs, index));
              return false;
            },
      exit: ({ ip, regs, data, retAddr }) =>
        observeHit(session, definition, { ...hitOf(session, regs), when: 'exit', ip, retIp: retAddr, data }),
    },
  );
  kretprobe.kp.disabled = true;
  return {
    register: () => kretprobes.register(kretprobe),
    setEnabled: (on) => (on ? kprobes.enable(kretprobe.kp) : kprobes.disable(kretprobe.kp)),
    unregister: () => void kretprobes.unregister(kretprobe),
  };
}
