// SPDX-License-Identifier: MIT
/**
 * Direct calls: a call site that calls somebody's own trampoline. Three generations of the API: by address over one ops
 * that all share (linux 6.1), by ops (all), by a hash of addresses (linux 7.2 update_ftrace_direct_add). linux 6.1, 6.12,
 * 7.2 kernel/trace/ftrace.c: register_ftrace_direct, modify_ftrace_direct, call_direct_funcs.
 */
import { ERRNO } from '../backend/errno.js';
import { apiExists } from './api.js';
import { OPS } from './flags.js';
import type { Ftrace } from './ftrace.js';
import type { DynFtrace, FtraceOps, Result } from './types.js';

/** rec->ip → address of the trampoline, bit 0 set for one that is jumped to. */
export type DirectHash = ReadonlyMap<bigint, bigint>;

export class DirectCalls {
  /** direct_functions. At most one direct address per record. */
  readonly #table = new Map<bigint, bigint>();
  /** The ops of the API by address. */
  #shared: FtraceOps | null = null;

  constructor(readonly ftrace: Ftrace) {
    const directAt = (ip: bigint): bigint | undefined => this.#table.get(ip);
    ftrace.directAt = directAt;
  }

  createOps(name: string): FtraceOps {
    return this.ftrace.createOps(name, () => {}, 0);
  }

  get #available(): boolean {
    return this.ftrace.env.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS');
  }

  // -------------------------------------------------------------------------------------------- by ops

  register(ops: FtraceOps, address: bigint): Result {
    if (!this.#available) return -ERRNO.ENODEV;
    // ops->func and ops->trampoline, which are set and cleared together.
    if (ops.trampoline !== 0n || ops.flags & OPS.ENABLED || ops.filter.size === 0) return -ERRNO.EINVAL;
    if ([...ops.filter].some((ip) => this.#table.has(ip))) return -ERRNO.EBUSY;

    for (const ip of ops.filter) this.#table.set(ip, address);
    this.#prepare(ops);
    this.ftrace.setDirectCall(ops, address);
    const result = this.ftrace.registerAlone(ops);
    if (result !== 0) {
      for (const ip of ops.filter) this.#table.delete(ip);
      if (apiExists('reset_direct', this.ftrace.env.config.revision)) this.#reset(ops);
    }
    return result;
  }

  unregister(ops: FtraceOps): Result {
    if (!this.#registered(ops)) return -ERRNO.EINVAL;
    const result = this.ftrace.unregister(ops);
    for (const ip of ops.filter) this.#table.delete(ip);
    this.#reset(ops);
    return result;
  }

  /**
   * Swaps the address. A temporary stub ops on the same functions sends every call through the list
   * function meanwhile, so that no call is missed.
   */
  modify(ops: FtraceOps, address: bigint): Result {
    if (!this.#registered(ops)) return -ERRNO.EINVAL;
    return this.#behindStub(ops.filter, () => {
      const refused = this.ftrace.ipmodifyUpdate(ops, ops.filter, ops.filter, 'all');
      if (refused !== 0) return refused;
      for (const ip of ops.filter) this.#table.set(ip, address);
      this.ftrace.setDirectCall(ops, address);
      return 0;
    });
  }

  // ------------------------------------------------------------------------------------------- by hash

  /** update_ftrace_direct_add: registers the ops with the first entries, widens its filter with the others. */
  add(ops: FtraceOps, hash: DirectHash): Result {
    if (hash.size === 0 || [...hash.keys()].some((ip) => this.#table.has(ip))) return -ERRNO.EINVAL;
    const first = ops.filter.size === 0;
    if (first && (ops.trampoline !== 0n || ops.flags & OPS.ENABLED)) return -ERRNO.EINVAL;
    for (const [ip, address] of hash) this.#table.set(ip, address);
    const result = first ? this.#addFirst(ops, hash) : this.#update(ops, [...ops.filter, ...hash.keys()]);
    if (result !== 0) for (const ip of hash.keys()) this.#table.delete(ip);
    return result;
  }

  #addFirst(ops: FtraceOps, hash: DirectHash): Result {
    this.#prepare(ops);
    ops.filter = new Set(hash.keys());
    const result = this.ftrace.registerAlone(ops);
    if (result !== 0) {
      ops.filter = new Set();
      this.#reset(ops);
    }
    return result;
  }

  /** update_ftrace_direct_del: takes the ops off with its last entries. */
  del(ops: FtraceOps, hash: DirectHash): Result {
    if (hash.size === 0 || !this.#registered(ops)) return -ERRNO.EINVAL;
    if ([...hash].some(([ip, address]) => this.#table.get(ip) !== address)) return -ERRNO.EINVAL;
    const left = [...ops.filter].filter((ip) => !hash.has(ip));
    const result = left.length === 0 ? this.ftrace.unregister(ops) : this.#update(ops, left);
    if (result !== 0) return result;
    for (const ip of hash.keys()) this.#table.delete(ip);
    if (left.length > 0) return 0;
    ops.filter = new Set();
    this.#reset(ops);
    return 0;
  }

  /** update_ftrace_direct_mod: every function of the ops is asked whether it can share, not only those of the hash. */
  mod(ops: FtraceOps, hash: DirectHash): Result {
    if (hash.size === 0 || !this.#registered(ops)) return -ERRNO.EINVAL;
    return this.#behindStub(hash.keys(), () => {
      const refused = this.ftrace.ipmodifyUpdate(ops, ops.filter, ops.filter, 'all');
      if (refused !== 0) return refused;
      for (const [ip, address] of hash) if (this.#table.has(ip)) this.#table.set(ip, address);
      return 0;
    });
  }

  // ---------------------------------------------------------------------------------------- by address

  /** register_ftrace_direct(ip, address) of 6.1; `undefined`: no record there. */
  registerAt(rec: DynFtrace | undefined, address: bigint): Result {
    if (!this.#available) return -ERRNO.ENOTSUPP;
    if (!rec) return -ERRNO.ENODEV;
    if (this.#table.has(rec.ip)) return -ERRNO.EBUSY;
    const ops = this.#sharedOps();
    this.#table.set(rec.ip, address);
    const filter = new Set([...ops.filter, rec.ip]);
    let result: Result = 0;
    if (ops.flags & OPS.ENABLED) result = this.#update(ops, filter);
    else {
      ops.filter = filter;
      result = this.ftrace.registerAlone(ops);
      if (result !== 0) ops.filter.delete(rec.ip);
    }
    if (result !== 0) this.#table.delete(rec.ip);
    return result;
  }

  /** unregister_ftrace_direct(ip, address): another address than the registered one is only warned of. */
  unregisterAt(rec: DynFtrace | undefined): Result {
    if (!this.#available) return -ERRNO.ENOTSUPP;
    if (!rec || !this.#table.has(rec.ip)) return -ERRNO.ENODEV;
    const ops = this.#sharedOps();
    const left = [...ops.filter].filter((ip) => ip !== rec.ip);
    if (left.length > 0) this.#update(ops, left);
    else {
      this.ftrace.unregister(ops);
      ops.filter = new Set();
    }
    this.#table.delete(rec.ip);
    return 0;
  }

  /** modify_ftrace_direct(ip, old, new). */
  modifyAt(rec: DynFtrace | undefined, from: bigint, to: bigint): Result {
    if (!this.#available) return -ERRNO.ENOTSUPP;
    const old = rec && this.#table.get(rec.ip);
    if (!rec || old === undefined) return -ERRNO.ENODEV;
    if (old !== from) return -ERRNO.EINVAL;
    const swap = () => {
      this.#table.set(rec.ip, to);
      return 0;
    };
    // With other ops on the function the site calls the common trampoline, and the table is asked anew each time.
    return rec.count === 1 ? this.#behindStub([rec.ip], swap) : swap();
  }

  /** direct_ops: permanent, unlike those of the other generations. */
  #sharedOps(): FtraceOps {
    if (this.#shared === null) {
      this.#shared = this.createOps('direct_ops');
      this.#prepare(this.#shared);
      this.#shared.flags |= OPS.PERMANENT;
    }
    return this.#shared;
  }

  // -------------------------------------------------------------------------------------------- common

  #registered(ops: FtraceOps): boolean {
    return (ops.flags & OPS.DIRECT) !== 0 && (ops.flags & OPS.ENABLED) !== 0;
  }

  #update(ops: FtraceOps, ips: Iterable<bigint>): Result {
    return this.ftrace.setHash(ops, new Set(ips), new Set());
  }

  #prepare(ops: FtraceOps): void {
    const { config, symbol } = this.ftrace.env;
    const withRegs = config.has('DYNAMIC_FTRACE_WITH_REGS');
    const func: FtraceOps['func'] = (ip, _parentIp, op, fregs) => {
      const direct = this.#looksUp ? (this.#table.get(ip) ?? 0n) : op.directCall;
      if (direct !== 0n) this.ftrace.env.backend.accessors.setDirectCaller(fregs, direct);
    };
    ops.func = func;
    ops.flags |= OPS.DIRECT | (withRegs ? OPS.SAVE_REGS : 0);
    // Preset, so that no private trampoline is built: the common one knows the direct slot.
    ops.trampoline = symbol(withRegs ? 'ftrace_regs_caller' : 'ftrace_caller');
  }

  /** The callback finds the address in the table, or in the ops itself. */
  get #looksUp(): boolean {
    const { config } = this.ftrace.env;
    return (
      config.has('HAVE_SINGLE_FTRACE_DIRECT_OPS') || !apiExists('ftrace_ops.direct_call', config.revision)
    );
  }

  #reset(ops: FtraceOps): void {
    ops.trampoline = 0n;
    this.ftrace.setDirectCall(ops, 0n);
  }

  /** linux 6.1 kernel/bpf/trampoline.c bpf_trampoline_update, on -EAGAIN: so that the ops can be registered again. */
  clear(ops: FtraceOps): void {
    ops.func = null;
    ops.trampoline = 0n;
  }

  #behindStub(ips: Iterable<bigint>, act: () => Result): Result {
    const stub = this.ftrace.createOps('ftrace_direct_tmp_ops', () => {}, OPS.STUB);
    stub.filter = new Set(ips);
    const refused = this.ftrace.registerAlone(stub);
    if (refused !== 0) return refused;
    const result = act();
    this.ftrace.unregister(stub);
    return result;
  }
}
