// SPDX-License-Identifier: MIT
/**
 * kprobes on call sites (KPROBES_ON_FTRACE): two ftrace_ops that all of them share, one with IPMODIFY for those with a
 * post handler, and their callback. linux 7.2 kernel/kprobes.c: arm_kprobe_ftrace, disarm_kprobe_ftrace;
 * arch/…: kprobe_ftrace_handler.
 */
import type { Fregs, KprobeOnFtrace } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import { OPS } from '../flags.js';
import type { Ftrace } from '../ftrace.js';
import type { FtraceOps, Result } from '../types.js';
import { countMissed, type Kprobe } from './kprobe.js';
import type { Running } from './running.js';

/** An ops and how many kprobes are armed through it, as the kernel counts them. */
interface Shared {
  readonly ops: FtraceOps;
  count: number;
}

export class KprobesOnFtrace {
  readonly #plain: Shared;
  readonly #ipmodify: Shared;

  constructor(
    readonly ftrace: Ftrace,
    readonly running: Running,
    /** get_kprobe(). */
    readonly find: (address: bigint) => Kprobe | undefined,
  ) {
    const shared = (name: string, flags: number): Shared => ({
      ops: ftrace.createOps(name, (ip, _parentIp, _op, fregs) => this.#handle(ip, fregs), flags),
      count: 0,
    });
    this.#plain = shared('kprobe_ftrace_ops', OPS.SAVE_REGS);
    this.#ipmodify = shared('kprobe_ipmodify_ops', OPS.SAVE_REGS | OPS.IPMODIFY);
  }

  /** kprobe_ftrace_disabled, since 6.12: set as ftrace dies, whose sites stay as they are. */
  get #killed(): boolean {
    return this.ftrace.dead && this.ftrace.env.config.revision !== '6.1';
  }

  /** Chosen anew at every change: what it is disarmed by need not be what it was armed by. */
  #of({ post }: Kprobe): Shared {
    return post ? this.#ipmodify : this.#plain;
  }

  arm(kprobe: Kprobe): Result {
    const shared = this.#of(kprobe);
    const { ops } = shared;
    const address = kprobe.addr as bigint;
    const filtered = this.ftrace.setHash(ops, new Set([...ops.filter, address]), ops.notrace);
    if (filtered !== 0) return filtered;
    if (shared.count === 0) {
      const result = this.ftrace.register(ops);
      if (result !== 0) {
        this.#drop(ops, address);
        return result;
      }
    }
    shared.count++;
    return 0;
  }

  disarm(kprobe: Kprobe): Result {
    // There is nothing left to disarm.
    if (this.#killed) return 0;
    const shared = this.#of(kprobe);
    if (shared.count === 1) {
      const result = this.ftrace.unregister(shared.ops);
      if (result !== 0) return result;
    }
    shared.count--;
    return this.#drop(shared.ops, kprobe.addr as bigint);
  }

  /** ftrace_set_filter_ip() to remove. */
  #drop(ops: FtraceOps, address: bigint): Result {
    const filter = new Set(ops.filter);
    return filter.delete(address) ? this.ftrace.setHash(ops, filter, ops.notrace) : -ERRNO.ENOENT;
  }

  #handle(ip: bigint, fregs: Fregs): void {
    const arch = this.ftrace.env.backend.kprobes.ftrace;
    if (!arch) throw new RangeError('the architecture has no kprobes on ftrace');
    if (this.#killed) return;
    const { recursion } = this.ftrace;
    const bit = recursion.trylock('FTRACE');
    if (bit === null) return;
    try {
      const kprobe = this.find(ip);
      if (!kprobe || kprobe.disabled) return;
      if (this.running.current) countMissed(kprobe);
      else this.#hit(kprobe, arch, ip, fregs);
    } finally {
      recursion.unlock(bit);
    }
  }

  /** The NOP of the site is not stepped: the instruction pointer is made to look as if it had been. */
  #hit(kprobe: Kprobe, arch: KprobeOnFtrace, ip: bigint, fregs: Fregs): void {
    const { accessors, kprobes } = this.ftrace.env.backend;
    const { regs: api } = kprobes;
    const regs = { ...fregs, address: accessors.getRegs(fregs) };
    const found = api.getInstructionPointer(regs);
    api.setInstructionPointer(regs, arch.pre(found, ip));
    this.running.hit(kprobe);
    if (!kprobe.pre?.(kprobe, regs)) {
      api.setInstructionPointer(regs, arch.post(api.getInstructionPointer(regs), ip));
      this.running.status = 'HIT_SSDONE';
      kprobe.post?.(kprobe, regs);
      api.setInstructionPointer(regs, arch.resume(found, api.getInstructionPointer(regs)));
    }
    this.running.current = null;
  }
}
