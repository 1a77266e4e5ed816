// SPDX-License-Identifier: MIT
/** An ftrace_ops with a callback. linux 7.2 kernel/trace/ftrace.c: register_ftrace_function. */
import { ERRNO } from '../../../backend/errno.js';
import { OPS } from '../../../ftrace/flags.js';
import { runHandler } from '../handlers.js';
import { declaredHashes, type Maker } from './registration.js';

/**
 * Callbacks that do not ask for the RECURSION assist take the lock themselves, as in-kernel users do. A callback says
 * who it is by the ops that it is given, its third argument, which trampolines and the list function must get right.
 */
export const ops: Maker = (session, spec) => {
  const { ftrace } = session;
  const flags = spec.flags.reduce((bits, flag) => bits | OPS[flag as keyof typeof OPS], 0);
  const own = !(flags & OPS.RECURSION);
  const ftraceOps = ftrace.createOps(
    spec.name,
    (ip, parentIp, { name }, fregs) => {
      const bit = own ? ftrace.recursion.trylock('FTRACE') : null;
      if (own && bit === null) return;
      try {
        const given = name === spec.name ? spec : { ...spec, name };
        if (spec.entry)
          runHandler(session, given, spec.entry, { when: 'entry', ip, parentIp, fregs, view: 'ftrace_regs' });
      } finally {
        if (bit !== null) ftrace.recursion.unlock(bit);
      }
    },
    flags,
  );
  return {
    register: () => {
      const hashes = declaredHashes(session, spec);
      if (!hashes) return -ERRNO.EINVAL;
      // The filter of a live ops stays what it has become.
      if (!(ftraceOps.flags & OPS.ENABLED)) {
        const result = ftrace.setHash(ftraceOps, hashes.filter, hashes.notrace);
        if (result !== 0) return result;
      }
      return ftrace.register(ftraceOps);
    },
    unregister: () => ftrace.unregister(ftraceOps),
    hashes: () => ftraceOps,
    setHashes: ({ filter, notrace }) => ftrace.setHash(ftraceOps, filter, notrace),
  };
};
