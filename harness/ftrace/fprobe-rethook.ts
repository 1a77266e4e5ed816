// SPDX-License-Identifier: MIT
/**
 * fprobe before 7.2: one SAVE_REGS ftrace_ops per probe, and a rethook for its exit handler. linux 6.1 and 6.12
 * kernel/trace/fprobe.c. The pool of rethook nodes bounds how many calls are watched at once.
 */
import type { Fregs } from '../backend/contract.js';
import { ERRNO } from '../backend/errno.js';
import type { DataWords } from './data-words.js';
import { OPS } from './flags.js';
import type { Fprobe, FprobeEngine, FprobeSpec } from './fprobe.js';
import type { Ftrace } from './ftrace.js';
import { KprobeBusy } from './kprobe-busy.js';
import type { Rethook, Rethooks } from './rethook.js';
import type { FtraceOps, Result } from './types.js';

/** num_possible_cpus() of the modelled machine. */
const CPUS = 4;

interface Engine {
  readonly ops: FtraceOps;
  rethook: Rethook | null;
}

export class RethookFprobes implements FprobeEngine {
  readonly #engines = new Map<Fprobe, Engine>();
  readonly #kprobeBusy: KprobeBusy;

  constructor(
    readonly ftrace: Ftrace,
    readonly rethooks: Rethooks,
  ) {
    this.#kprobeBusy = new KprobeBusy(ftrace.env, rethooks.kprobes.running);
  }

  create(spec: FprobeSpec): Fprobe {
    const fprobe: Fprobe = { ...spec, address: this.ftrace.env.allocate(256), nmissed: 0, ips: null };
    const ops = this.ftrace.createOps(
      `fprobe_handler ${spec.name}`,
      (ip, parentIp, _op, fregs) => this.#entry(fprobe, ip, parentIp, fregs),
      OPS.SAVE_REGS | (spec.dynamic ? OPS.DYNAMIC : 0),
    );
    this.#engines.set(fprobe, { ops, rethook: null });
    return fprobe;
  }

  register(fprobe: Fprobe, ips: ReadonlySet<bigint>): Result {
    if (!this.ftrace.env.config.has('FPROBE')) return -ERRNO.EOPNOTSUPP;
    const engine = this.#engine(fprobe);
    if (ips.size === 0) return -ERRNO.EINVAL;
    if (engine.ops.flags & OPS.ENABLED) return -ERRNO.EBUSY;
    const filtered = this.ftrace.setHash(engine.ops, ips, new Set());
    if (filtered !== 0) return filtered;
    if (fprobe.exit) {
      const nodes = fprobe.maxActive > 0 ? fprobe.maxActive : 2 * ips.size * CPUS;
      engine.rethook = this.rethooks.create(
        (data, retAddr, regs) => this.#exit(fprobe, data, retAddr, regs),
        nodes,
      );
    }
    const result = this.ftrace.register(engine.ops);
    if (result === 0) fprobe.ips = ips;
    return result;
  }

  /** The filter is a set: what stands in the list twice is traced once. */
  registerNodes(fprobe: Fprobe, ips: readonly bigint[]): Result {
    return this.register(fprobe, new Set(ips));
  }

  /** Outstanding exits are not delivered: the rethook is stopped first. */
  unregister(fprobe: Fprobe): Result {
    const { ops, rethook } = this.#engine(fprobe);
    if (!fprobe.ips) return -ERRNO.EINVAL;
    if (rethook) rethook.stopped = true;
    fprobe.ips = null;
    return this.ftrace.unregister(ops);
  }

  #engine(fprobe: Fprobe): Engine {
    const engine = this.#engines.get(fprobe);
    if (!engine) throw new RangeError(`fprobe ${fprobe.name} is of another engine`);
    return engine;
  }

  /** fprobe_handler; fprobe_kprobe_handler, which at 6.1 looks for kprobes before it takes the lock. */
  #entry(fprobe: Fprobe, ip: bigint, parentIp: bigint, fregs: Fregs): void {
    const watch = () => this.#watch(fprobe, ip, parentIp, fregs);
    const busyFirst = this.ftrace.env.config.revision === '6.1';
    if (!fprobe.shared) this.#locked(fprobe, watch);
    else if (busyFirst) this.#busy(fprobe, () => this.#locked(fprobe, watch));
    else this.#locked(fprobe, () => this.#busy(fprobe, watch));
  }

  #busy(fprobe: Fprobe, act: () => void): void {
    const done = this.#kprobeBusy.around(() => {
      act();
      return true;
    });
    if (!done) fprobe.nmissed++;
  }

  #locked(fprobe: Fprobe, act: () => void): void {
    if (fprobe.disabled) return;
    const { recursion } = this.ftrace;
    const bit = recursion.trylock('FTRACE');
    if (bit === null) {
      fprobe.nmissed++;
      return;
    }
    try {
      act();
    } finally {
      recursion.unlock(bit);
    }
  }

  #watch(fprobe: Fprobe, ip: bigint, parentIp: bigint, fregs: Fregs): void {
    const { rethook } = this.#engine(fprobe);
    const node = rethook ? this.rethooks.tryGet(rethook, 16 + fprobe.dataSize) : null;
    if (rethook && !node) {
      fprobe.nmissed++;
      return;
    }
    if (node) {
      // The node keeps the entry's addresses for the exit handler, in front of the data.
      node.data.set(0, ip);
      node.data.set(1, parentIp);
    }
    const data = node && fprobe.dataSize > 0 ? node.data.from(2) : null;
    const veto = fprobe.entry?.({ ip, retIp: parentIp, fregs, data }) ?? 0;
    if (!node) return;
    // 6.1's entry handler returns nothing: it cannot refuse the exit.
    if (veto !== 0 && this.ftrace.env.config.revision !== '6.1') this.rethooks.recycle(node);
    else this.rethooks.hook(node, fregs, true);
  }

  /** fprobe_exit_handler; 6.12 added the recursion lock. */
  #exit(fprobe: Fprobe, data: DataWords, retAddr: bigint, regs: Fregs): void {
    if (fprobe.disabled) return;
    const locks = this.ftrace.env.config.revision !== '6.1';
    const { recursion } = this.ftrace;
    const bit = locks ? recursion.trylock('FTRACE') : null;
    if (locks && bit === null) {
      fprobe.nmissed++;
      return;
    }
    try {
      const own = fprobe.dataSize > 0 ? data.from(2) : null;
      fprobe.exit?.({ ip: data.get(0), retIp: retAddr, fregs: regs, data: own });
    } finally {
      if (bit !== null) recursion.unlock(bit);
    }
  }
}
