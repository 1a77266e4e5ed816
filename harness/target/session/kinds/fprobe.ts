// SPDX-License-Identifier: MIT
/** An fprobe by list of symbols. linux 7.2 kernel/trace/fprobe.c: register_fprobe_syms. */
import { ERRNO } from '../../../backend/errno.js';
import { apiExists } from '../../../ftrace/api.js';
import { absent } from '../../outcome.js';
import { runHandler } from '../handlers.js';
import { ipsOf, type Maker, recordsOf } from './registration.js';

export const fprobe: Maker = (session, spec) => {
  const { entry, exit } = spec;
  const { revision } = session.host.config;
  const view = apiExists('ftrace_partial_regs', revision) ? 'ftrace_regs' : 'pt_regs';
  // 6.1's handlers are not told where the function returns to.
  const told = (retIp: bigint) =>
    apiExists('fprobe_entry_cb', revision) ? retIp : absent('fprobe_entry_cb');
  const made = session.fprobes.create({
    name: spec.name,
    dataSize: spec.dataSize,
    maxActive: spec.maxActive,
    disabled: spec.flags.includes('DISABLED'),
    shared: spec.flags.includes('KPROBE_SHARED'),
    entry:
      entry &&
      (({ ip, retIp, fregs, data }) => {
        const call = { when: 'entry', ip, parentIp: told(retIp), fregs, view, data } as const;
        return runHandler(session, spec, entry, call) ? 1 : 0;
      }),
    exit:
      exit &&
      (({ ip, retIp, fregs, data }) => {
        const call = { when: 'exit', ip, parentIp: told(retIp), fregs, view, data } as const;
        runHandler(session, spec, exit, call);
      }),
  });
  return {
    register: () => {
      const filter = recordsOf(session, spec.on);
      const notrace = recordsOf(session, spec.notrace);
      if (filter === null || notrace === null) return -ERRNO.ENOENT;
      const all = spec.on.length === 0 ? [...session.ftrace.records.values()] : filter;
      const excluded = ipsOf(notrace);
      return session.fprobes.register(made, new Set([...ipsOf(all)].filter((ip) => !excluded.has(ip))));
    },
    unregister: () => session.fprobes.unregister(made),
    setDisabled: (disabled) => {
      made.disabled = disabled;
      return 0;
    },
    nmissed: () => made.nmissed,
  };
};
