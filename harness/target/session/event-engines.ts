// SPDX-License-Identifier: MIT
/**
 * What stands behind the probes of dynamic events. fprobe: linux 7.2 kernel/trace/trace_fprobe.c __register_trace_fprobe,
 * trace_fprobe_verify_target; linux 6.12 the same file, where the fprobe is registered with the definition, disabled.
 * Tracepoints are not modelled: such an event never fires.
 */
import { ERRNO } from '../../backend/errno.js';
import type { Definition } from '../../ftrace/events/definition.js';
import type { EventProbe } from '../../ftrace/events/dynamic-events.js';
import { fprobeEvent } from './event-fprobe.js';
import { symbolsKnown } from './event-symbols.js';
import { CaseProblem } from './host.js';
import type { Session } from './session.js';

export function eventEngine(session: Session, definition: Definition): EventProbe {
  switch (definition.by) {
    case 'fprobe':
      return fprobeEvent(session, definition);
    case 'kprobe':
      return kprobeEvent(session, definition);
    case 'tracepoint':
      return { define: () => 0, setEnabled: () => 0, remove: () => {} };
  }
}

/** As far as a kprobe is registered without being armed: linux 7.2 kernel/trace/trace_kprobe.c __register_trace_kprobe. */
function kprobeEvent(session: Session, { symbol, arguments: args }: Definition): EventProbe {
  return {
    define: () => {
      // within_notrace_func: KPROBE_EVENTS_ON_NOTRACE is off.
      if (session.functionNamed(symbol).shape === null) return -ERRNO.EINVAL;
      return symbolsKnown(session, args);
    },
    setEnabled: (on) => {
      if (on) throw new CaseProblem('events on kprobes can be defined here, not enabled');
      return 0;
    },
    remove: () => {},
  };
}
