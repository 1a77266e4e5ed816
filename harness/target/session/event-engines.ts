// SPDX-License-Identifier: MIT
/**
 * What stands behind the probes of dynamic events. fprobe: linux 7.2 kernel/trace/trace_fprobe.c __register_trace_fprobe,
 * trace_fprobe_verify_target; linux 6.12 the same file, where the fprobe is registered with the definition, disabled; kprobes
 * are so at every revision. Tracepoints are not modelled: such an event never fires.
 */
import type { Definition } from '../../ftrace/events/definition.js';
import type { EventProbe } from '../../ftrace/events/dynamic-events.js';
import { fprobeEvent } from './event-fprobe.js';
import { kprobeEvent } from './event-kprobe.js';
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
