// SPDX-License-Identifier: MIT
/**
 * perf's ftrace:function event: an ftrace_ops of its own that asks for no registers, and samples with those of whoever
 * called its callback. linux 7.2 kernel/trace/trace_event_perf.c: perf_ftrace_function_call, perf_ftrace_event_register;
 * the same in 6.1 and 6.12.
 */
import type { Caller, Fregs } from '../backend/contract.js';
import { OPS } from './flags.js';
import type { Ftrace } from './ftrace.js';
import type { FtraceOps, Result } from './types.js';

/** perf_trace_buf_submit() of one struct ftrace_entry with its registers. */
export type PerfSample = (ip: bigint, parentIp: bigint, regs: Fregs) => void;

export interface PerfFunctionEvent {
  readonly ops: FtraceOps;
  /** ops->private is this CPU: the event is scheduled in. */
  scheduled: boolean;
}

export class PerfFunctionEvents {
  constructor(readonly ftrace: Ftrace) {}

  /** `caller`: perf_ftrace_function_call() as it sees itself while the event of this name is being taken. */
  create(name: string, caller: (name: string) => Caller, sample: PerfSample): PerfFunctionEvent {
    const { env, recursion } = this.ftrace;
    const { size } = env.backend.layouts.ptRegs(env.config);
    const address = env.allocate(size);
    // perf_events are allocated: their ops is none of the kernel image.
    const ops = this.ftrace.createOps(
      name,
      (ip, parentIp) => {
        if (!this.ftrace.rcuIsWatching) return;
        const bit = recursion.trylock('FTRACE');
        if (bit === null) return;
        try {
          if (!event.scheduled) return;
          const regs: Fregs = { machine: env.machine, config: env.config, address };
          env.machine.store(address, new Uint8Array(size));
          env.backend.accessors.fetchCallerRegs(regs, caller(name));
          sample(ip, parentIp, regs);
        } finally {
          recursion.unlock(bit);
        }
      },
      OPS.DYNAMIC,
    );
    const event: PerfFunctionEvent = { ops, scheduled: false };
    return event;
  }

  /** TRACE_REG_PERF_OPEN, then TRACE_REG_PERF_ADD: opened enabled. */
  open(event: PerfFunctionEvent): Result {
    const result = this.ftrace.register(event.ops);
    if (result === 0) event.scheduled = true;
    return result;
  }

  /** TRACE_REG_PERF_CLOSE, which perf calls whether or not the ops is registered. */
  close(event: PerfFunctionEvent): Result {
    event.scheduled = false;
    return event.ops.flags & OPS.ENABLED ? this.ftrace.unregister(event.ops) : 0;
  }
}
