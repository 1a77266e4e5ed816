// SPDX-License-Identifier: MIT
/** A kretprobe, or several registered together. linux 7.2 kernel/kprobes.c: register_kretprobe, register_kretprobes. */
import { allOrNone } from '../../../ftrace/kprobes/kprobes.js';
import { runHandler } from '../handlers.js';
import { each, forget, placeOf, returnsTo } from './kprobe.js';
import type { Maker } from './registration.js';

export const kretprobe: Maker = (session, spec) => {
  const { kprobes, kretprobes } = session;
  const { entry, exit } = spec;
  const all = spec.on.map((name) =>
    kretprobes.create(
      spec.name,
      placeOf(session, name, spec.offset),
      { dataSize: spec.dataSize, maxActive: spec.maxActive },
      {
        entry:
          entry &&
          (({ ip, regs, data }) => {
            const parentIp = returnsTo(session, regs);
            const call = { when: 'entry', ip, parentIp, fregs: regs, view: 'pt_regs', data } as const;
            return runHandler(session, spec, entry, call);
          }),
        exit:
          exit &&
          (({ ip, regs, data, retAddr }) => {
            const call = { when: 'exit', ip, parentIp: retAddr, fregs: regs, view: 'pt_regs', data } as const;
            runHandler(session, spec, exit, call);
          }),
      },
    ),
  );
  let registered = false;
  return {
    register: () => {
      if (!registered) {
        for (const { kp } of all) {
          forget(kp);
          kp.disabled = spec.flags.includes('DISABLED');
        }
      }
      const result = allOrNone(all, kretprobes);
      registered ||= result === 0;
      return result;
    },
    unregister: () => {
      registered = false;
      return each(all, (one) => kretprobes.unregister(one));
    },
    setDisabled: (disabled) => each(all, ({ kp }) => (disabled ? kprobes.disable(kp) : kprobes.enable(kp))),
    /** As kprobe_profile has it: without an instance, and lost to recursion. */
    nmissed: () => all.reduce((sum, { nmissed, kp }) => sum + nmissed + kp.nmissed, 0),
  };
};
