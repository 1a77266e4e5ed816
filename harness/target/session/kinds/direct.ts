// SPDX-License-Identifier: MIT
/** A direct call to a trampoline of its own. linux 7.2 kernel/trace/ftrace.c: register_ftrace_direct. */
import { ERRNO } from '../../../backend/errno.js';
import { OPS } from '../../../ftrace/flags.js';
import { CaseProblem } from '../host.js';
import { directHandler } from '../stub-handlers.js';
import { declaredHashes, type Maker } from './registration.js';

export const direct: Maker = (session, spec) => {
  const { host, ftrace } = session;
  const image = session.spec.probes.filter(({ kind }) => kind === 'direct').indexOf(spec);
  // A kernel without direct calls has none of them, and refuses to register any.
  const none = host.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? undefined : 0n;
  const near = host.symbols.get(`direct_tramp_${image}`) ?? none;
  if (near === undefined) throw new CaseProblem('more direct probes than the back-end has trampolines');
  const body = () => {
    directHandler(session, spec);
    return undefined;
  };
  const far = spec.far && near !== 0n;
  const trampoline = far ? session.farDirect(image, body) : near;
  if (!far) session.env.cFunction(`direct_func_${image}`, body);
  const ops = session.direct.createOps(spec.name);
  return {
    register: () => {
      const hashes = declaredHashes(session, spec);
      if (!hashes) return -ERRNO.EINVAL;
      if (!(ops.flags & OPS.ENABLED)) {
        const result = ftrace.setHash(ops, hashes.filter, hashes.notrace);
        if (result !== 0) return result;
      }
      return session.direct.register(ops, trampoline);
    },
    unregister: () => session.direct.unregister(ops),
    trampoline,
    modify: (to) => session.direct.modify(ops, to),
  };
};
