// SPDX-License-Identifier: MIT
/**
 * Who is called when a site calls: the list function, and the assist function that protects one callback. linux 7.2
 * kernel/trace/ftrace.c: __ftrace_ops_list_func, ftrace_ops_assist_func, ftrace_ops_test.
 */
import type { Fregs } from '../backend/contract.js';
import { OPS } from './flags.js';
import type { TraceRecursion } from './recursion.js';
import type { Environment, FtraceOps } from './types.js';

interface Dispatcher {
  readonly env: Environment;
  /** Of the task that runs. */
  readonly recursion: TraceRecursion;
  readonly rcuIsWatching: boolean;
  kill(why: string, at: { readonly function: string }): void;
}

/** @param list newest first */
export function callList(
  dispatcher: Dispatcher,
  list: readonly FtraceOps[],
  ip: bigint,
  parentIp: bigint,
  fregs: Fregs,
): void {
  const { env, recursion, rcuIsWatching } = dispatcher;
  const bit = recursion.trylock('LIST');
  if (bit === null) return;
  try {
    for (const ops of [...list]) {
      if (ops.flags & OPS.STUB || !mayCall(ops, rcuIsWatching) || !wants(env, ops, ip, fregs)) continue;
      if (ops.func === null) {
        // FTRACE_WARN_ON: those further down the list are not called either.
        dispatcher.kill('ops without a function', { function: ops.name });
        return;
      }
      env.event(`list calls ${ops.name}`, '');
      ops.func(ip, parentIp, ops, fregs);
    }
  } finally {
    recursion.unlock(bit);
  }
}

export function callAssisted(
  { recursion, rcuIsWatching }: Dispatcher,
  ip: bigint,
  parentIp: bigint,
  op: FtraceOps,
  fregs: Fregs,
): void {
  const bit = recursion.trylock('LIST');
  if (bit === null) return;
  try {
    if (mayCall(op, rcuIsWatching)) op.func?.(ip, parentIp, op, fregs);
  } finally {
    recursion.unlock(bit);
  }
}

/** FTRACE_OPS_FL_RCU: not called where RCU is not watching. */
function mayCall({ flags }: FtraceOps, rcuIsWatching: boolean): boolean {
  return !(flags & OPS.RCU) || rcuIsWatching;
}

/** ftrace_ops_test: filters, and not before the site calls the trampoline that saves what was asked. */
function wants(env: Environment, ops: FtraceOps, ip: bigint, fregs: Fregs): boolean {
  const regs = ops.flags & OPS.SAVE_REGS && env.config.has('DYNAMIC_FTRACE_WITH_REGS');
  if (regs && env.backend.accessors.getRegs(fregs) === 0n) return false;
  return matches(ops, ip);
}

/** The filter rule: in the filter or the filter empty, and not in notrace. */
export function matches(ops: Pick<FtraceOps, 'filter' | 'notrace'>, ip: bigint): boolean {
  return (ops.filter.size === 0 || ops.filter.has(ip)) && !ops.notrace.has(ip);
}

/** ftrace_ops_get_func: whether the assist function must stand between trampoline and callback. */
export function needsAssist(ops: FtraceOps): boolean {
  return (ops.flags & (OPS.RECURSION | OPS.RCU)) !== 0;
}
