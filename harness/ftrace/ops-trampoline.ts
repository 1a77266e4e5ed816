// SPDX-License-Identifier: MIT
/** Trampolines made for one ops, where the architecture makes any. linux 7.2 arch/x86/kernel/ftrace.c. */
import { OPS } from './flags.js';
import type { Environment, FtraceOps } from './types.js';

/** arch_ftrace_update_trampoline: only for ops without one. `func`: what it calls. */
export function buildTrampoline(env: Environment, ops: FtraceOps, func: bigint): void {
  const build = env.backend.callsite.opsTrampoline;
  if (!build || ops.trampoline !== 0n) return;
  const saveRegs = (ops.flags & OPS.SAVE_REGS) !== 0;
  const at = env.allocateText('ftrace_trampoline');
  const made = build(env, { address: ops.address, func, saveRegs, at });
  ops.trampoline = made.entry;
  ops.trampolineSize = made.size;
  ops.flags |= OPS.ALLOC_TRAMP;
}

export interface OpsTrampoline {
  readonly start: bigint;
  readonly saveRegs: boolean;
}

/** ftrace_ops_trampoline(): that of a registered ops which an address lies in. */
export function opsTrampoline(list: readonly FtraceOps[], address: bigint): OpsTrampoline | undefined {
  const ops = list.find(
    ({ trampoline, trampolineSize }) =>
      trampoline <= address && address < trampoline + BigInt(trampolineSize),
  );
  return ops && { start: ops.trampoline, saveRegs: (ops.flags & OPS.SAVE_REGS) !== 0 };
}
