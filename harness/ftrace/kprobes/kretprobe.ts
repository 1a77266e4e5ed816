// SPDX-License-Identifier: MIT
/**
 * kretprobes: a kprobe at a function's entry that hooks the return, with instances from a pool. linux 7.2
 * kernel/kprobes.c: register_kretprobe, pre_handler_kretprobe, kretprobe_rethook_handler,
 * __kretprobe_trampoline_handler. Where an architecture has no rethook, a list of the task of their own serves alike.
 */
import type { Fregs } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import { MachineFault } from '../../machine/types.js';
import type { DataWords } from '../data-words.js';
import type { Rethook, Rethooks } from '../rethook.js';
import type { Result } from '../types.js';
import { createKprobe, type Kprobe, type KprobePlace } from './kprobe.js';
import type { Kprobes } from './kprobes.js';

/** KRETPROBE_MAX_DATA_SIZE, bytes. */
const MAX_DATA = 4096;
/** num_possible_cpus() of the modelled machine. */
const CPUS = 4;

/** What a handler is called with. */
export interface KretprobeCall {
  readonly ip: bigint;
  readonly regs: Fregs;
  /** `null` without `data_size`. */
  readonly data: DataWords | null;
}

export interface KretprobeHandlers {
  /** Returns true for non-zero: this return is not hooked. */
  readonly entry: ((call: KretprobeCall) => boolean) | null;
  readonly exit: ((call: KretprobeCall & { readonly retAddr: bigint }) => void) | null;
}

export interface Kretprobe {
  readonly kp: Kprobe;
  readonly handlers: KretprobeHandlers;
  /** Bytes of an instance's data. */
  readonly dataSize: number;
  maxActive: number;
  /** Calls for which there was no instance; those lost to recursion count in the kprobe. */
  nmissed: number;
  rethook: Rethook | null;
}

export class Kretprobes {
  constructor(
    readonly kprobes: Kprobes,
    readonly rethooks: Rethooks,
  ) {}

  create(
    name: string,
    place: KprobePlace,
    settings: { readonly dataSize: number; readonly maxActive: number },
    handlers: KretprobeHandlers,
  ): Kretprobe {
    const kretprobe: Kretprobe = {
      kp: createKprobe(name, place, (_kprobe, regs) => this.#entry(kretprobe, regs), null),
      handlers,
      ...settings,
      nmissed: 0,
      rethook: null,
    };
    return kretprobe;
  }

  register(kretprobe: Kretprobe): Result {
    const { kp } = kretprobe;
    if (!this.kprobes.ftrace.env.config.has('KRETPROBES')) return -ERRNO.EOPNOTSUPP;
    if (kp.addr !== null || !this.kprobes.locate(kp).entry) return -ERRNO.EINVAL;
    if (kretprobe.dataSize > MAX_DATA) return -ERRNO.E2BIG;
    if (kretprobe.maxActive <= 0) kretprobe.maxActive = Math.max(10, 2 * CPUS);
    kretprobe.rethook = this.rethooks.create(
      (data, retAddr, regs) => this.#exit(kretprobe, data, retAddr, regs),
      kretprobe.maxActive,
    );
    kretprobe.nmissed = 0;
    const result = this.kprobes.register(kp);
    if (result !== 0) kretprobe.rethook = null;
    return result;
  }

  /** Returns that are still hooked are not delivered. */
  unregister(kretprobe: Kretprobe): Result {
    this.kprobes.unregister(kretprobe.kp);
    if (!kretprobe.rethook)
      throw new MachineFault('fault', 'the pool of a kretprobe that was never registered');
    kretprobe.rethook.stopped = true;
    return 0;
  }

  #data({ dataSize }: Kretprobe, data: DataWords): DataWords | null {
    return dataSize > 0 ? data : null;
  }

  /** pre_handler_kretprobe: always lets the probed instruction be executed. */
  #entry(kretprobe: Kretprobe, regs: Fregs): boolean {
    const { kp, rethook, handlers, dataSize } = kretprobe;
    const node = rethook && this.rethooks.tryGet(rethook, dataSize);
    if (!node) {
      kretprobe.nmissed++;
      return false;
    }
    const call = { ip: kp.addr as bigint, regs, data: this.#data(kretprobe, node.data) };
    if (handlers.entry?.(call)) this.rethooks.recycle(node);
    else this.rethooks.hook(node, regs, kp.ftrace);
    return false;
  }

  /** The kretprobe's kprobe counts as running meanwhile, so that kprobes hit by the handler are missed. */
  #exit(kretprobe: Kretprobe, data: DataWords, retAddr: bigint, regs: Fregs): void {
    const { kp, handlers } = kretprobe;
    if (!handlers.exit) return;
    const { running } = this.kprobes;
    const previous = this.kprobes.ftrace.env.config.has('KRETPROBE_ON_RETHOOK') ? null : running.current;
    running.hit(kp);
    handlers.exit({ ip: kp.addr as bigint, regs, data: this.#data(kretprobe, data), retAddr });
    running.current = previous;
  }
}
