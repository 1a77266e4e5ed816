// SPDX-License-Identifier: MIT
/** An fgraph_ops. linux 7.2 kernel/trace/fgraph.c: register_ftrace_graph. */
import type { Fregs } from '../../../backend/contract.js';
import { ERRNO } from '../../../backend/errno.js';
import { OPS } from '../../../ftrace/flags.js';
import { absent } from '../../outcome.js';
import { runHandler } from '../handlers.js';
import { declaredHashes, type Maker } from './registration.js';

export const graph: Maker = (session, spec) => {
  const { accessors } = session.host.backend;
  const { entry, exit } = spec;
  const fgraph = session.graph;
  const told = absent('function_graph_enter_regs');
  const given = (fregs: Fregs | null) => ({ fregs, view: fregs === null ? 'none' : 'ftrace_regs' }) as const;
  const gops = fgraph.createOps(spec.name, {
    entry: ({ func, depth }, gops, fregs) => {
      if (!entry) return true;
      // Not from fregs: what the frame just pushed will return to, as for the tracer's funcgraph-retaddr.
      const { stack } = fgraph;
      const parentIp = fregs === null ? told : stack.frame(stack.frameStart()).ret;
      const call = { when: 'entry', ip: func, parentIp, ...given(fregs), gops, depth } as const;
      return !runHandler(session, spec, entry, call);
    },
    exit:
      exit &&
      (({ func, depth, retval }, gops, fregs) => {
        const parentIp = fregs === null ? told : accessors.getInstructionPointer(fregs);
        const call = { when: 'exit', ip: func, parentIp, ...given(fregs), gops, depth, retval } as const;
        runHandler(session, spec, exit, call);
      }),
  });
  return {
    register: () => {
      const hashes = declaredHashes(session, spec);
      if (!hashes) return -ERRNO.EINVAL;
      if (!(gops.ops.flags & OPS.GRAPH)) fgraph.setHash(gops, hashes.filter, hashes.notrace);
      return fgraph.register(gops);
    },
    unregister: () => fgraph.unregister(gops),
    hashes: () => gops.ops,
    setHashes: ({ filter, notrace }) => fgraph.setHash(gops, filter, notrace),
  };
};
