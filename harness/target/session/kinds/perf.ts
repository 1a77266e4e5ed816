// SPDX-License-Identifier: MIT
/** perf's ftrace:function event with a filter. linux 7.2 kernel/trace/trace_event_perf.c: perf_ftrace_event_register. */
import { ERRNO } from '../../../backend/errno.js';
import { OPS } from '../../../ftrace/flags.js';
import { runSample } from '../programs.js';
import { declaredHashes, type Maker } from './registration.js';

export const perf: Maker = (session, spec) => {
  const event = session.perf.create(
    spec.name,
    (name) => session.processor.callerOf(name),
    (ip, parentIp, regs) => {
      if (spec.entry) runSample(session, spec, spec.entry, { ip, parentIp, regs });
    },
  );
  return {
    register: () => {
      const hashes = declaredHashes(session, spec);
      if (!hashes) return -ERRNO.EINVAL;
      if (!(event.ops.flags & OPS.ENABLED)) {
        const result = session.ftrace.setHash(event.ops, hashes.filter, hashes.notrace);
        if (result !== 0) return result;
      }
      return session.perf.open(event);
    },
    unregister: () => session.perf.close(event),
    // PERF_EVENT_IOC_ENABLE and its opposite schedule the event in and out.
    setDisabled: (disabled) => {
      event.scheduled = !disabled && (event.ops.flags & OPS.ENABLED) !== 0;
      return 0;
    },
  };
};
