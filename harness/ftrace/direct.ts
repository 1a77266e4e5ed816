// SPDX-License-Identifier: MIT
/**
 * Direct calls: a call site that calls somebody's own trampoline. linux 7.2 kernel/trace/ftrace.c:
 * register_ftrace_direct, unregister_ftrace_direct, modify_ftrace_direct, call_direct_funcs.
 */
import { ERRNO } from '../backend/errno.js';
import { apiExists } from './api.js';
import { OPS } from './flags.js';
import type { Ftrace } from './ftrace.js';
import type { FtraceOps, Result } from './types.js';

export class DirectCalls {
  /** direct_functions: ip → address. At most one direct address per record. */
  readonly #table = new Map<bigint, bigint>();

  constructor(readonly ftrace: Ftrace) {}

  createOps(name: string): FtraceOps {
    return this.ftrace.createOps(name, () => {}, 0);
  }

  #available(): boolean {
    return this.ftrace.env.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');
  }

  /** By address in the table, or from the ops itself. */
  #looksUp(): boolean {
    const { config } = this.ftrace.env;
    return (
      config.has('HAVE_SINGLE_FTRACE_DIRECT_OPS') || !apiExists('ftrace_ops.direct_call', config.revision)
    );
  }

  register(ops: FtraceOps, address: bigint): Result {
    if (!this.#available()) return -ERRNO.ENODEV;
    if (ops.flags & (OPS.ENABLED | OPS.DIRECT) || ops.filter.size === 0) return -ERRNO.EINVAL;
    if ([...ops.filter].some((ip) => this.#table.has(ip))) return -ERRNO.EBUSY;

    const withRegs = this.ftrace.env.config.has('DYNAMIC_FTRACE_WITH_REGS');
    for (const ip of ops.filter) this.#table.set(ip, address);
    ops.func = (ip, _parentIp, op, fregs) => {
      const direct = this.#looksUp() ? (this.#table.get(ip) ?? 0n) : op.directCall;
      if (direct !== 0n) this.ftrace.env.backend.accessors.setDirectCaller(fregs, direct);
    };
    ops.flags |= OPS.DIRECT | (withRegs ? OPS.SAVE_REGS : 0);
    // Preset, so that no private trampoline is built: the common one knows the direct slot.
    ops.trampoline = this.ftrace.env.symbol(withRegs ? 'ftrace_regs_caller' : 'ftrace_caller');
    this.ftrace.setDirectCall(ops, address);
    const result = this.ftrace.register(ops);
    if (result !== 0) this.#clear(ops);
    return result;
  }

  unregister(ops: FtraceOps): Result {
    if (!(ops.flags & OPS.DIRECT) || !(ops.flags & OPS.ENABLED)) return -ERRNO.EINVAL;
    const result = this.ftrace.unregister(ops);
    this.#clear(ops);
    return result;
  }

  /**
   * Swaps the address. A temporary stub ops on the same functions sends every call through the list
   * function meanwhile, so that no call is missed.
   */
  modify(ops: FtraceOps, address: bigint): Result {
    if (!(ops.flags & OPS.DIRECT) || !(ops.flags & OPS.ENABLED)) return -ERRNO.EINVAL;
    const stub = this.ftrace.createOps('ftrace_direct_tmp_ops', () => {}, OPS.STUB);
    stub.filter = new Set(ops.filter);
    const result = this.ftrace.register(stub);
    if (result !== 0) return result;
    for (const ip of ops.filter) this.#table.set(ip, address);
    this.ftrace.setDirectCall(ops, address);
    return this.ftrace.unregister(stub);
  }

  #clear(ops: FtraceOps): void {
    for (const ip of ops.filter) this.#table.delete(ip);
    ops.flags &= ~(OPS.DIRECT | OPS.SAVE_REGS);
    ops.trampoline = 0n;
    this.ftrace.setDirectCall(ops, 0n);
  }
}
