// SPDX-License-Identifier: MIT
/**
 * The kprobes API: which are where, and what of them is armed. linux 7.2 kernel/kprobes.c: register_kprobe,
 * check_ftrace_location, register_aggr_kprobe, __disable_kprobe, __unregister_kprobe_top, enable_kprobe.
 */
import { ERRNO } from '../../backend/errno.js';
import type { Ftrace } from '../ftrace.js';
import type { Result } from '../types.js';
import { BreakpointKprobes } from './breakpoint.js';
import { aggregate, aggregatedPost, type Kprobe } from './kprobe.js';
import { KprobesOnFtrace } from './on-ftrace.js';
import { Running } from './running.js';

export class Kprobes {
  readonly running: Running;
  /** kprobe_table: one per address, an aggregate where there are several. */
  readonly #table = new Map<bigint, Kprobe>();
  readonly #onFtrace: KprobesOnFtrace;
  readonly #breakpoint: BreakpointKprobes;

  constructor(readonly ftrace: Ftrace) {
    this.running = new Running(ftrace.env.tasks);
    const find = (address: bigint) => this.#at(address);
    this.#onFtrace = new KprobesOnFtrace(ftrace, this.running, find);
    this.#breakpoint = new BreakpointKprobes(ftrace.env, this.running, find);
  }

  /** Symbol and offset to the address of a probe: _kprobe_addr(); kprobe_lookup_name() is for names only. */
  locate({ symbol, offset, byAddress }: Kprobe): { readonly at: bigint; readonly entry: boolean } {
    const { machine, config, backend } = this.ftrace.env;
    const ip = byAddress ? null : (this.ftrace.location(symbol)?.ip ?? null);
    return backend.kprobes.address({ machine, config, symbol, offset, ip });
  }

  /** Where its handler is called, also when it has lost its address. */
  hitAt(kprobe: Kprobe): bigint {
    return kprobe.addr ?? this.locate(kprobe).at;
  }

  register(kprobe: Kprobe): Result {
    const { config } = this.ftrace.env;
    if (!config.has('KPROBES')) return -ERRNO.EOPNOTSUPP;
    // An address besides the symbol: it was registered before, and nobody has cleared that.
    if (kprobe.addr !== null) return -ERRNO.EINVAL;
    const { at } = this.locate(kprobe);
    kprobe.addr = at;
    kprobe.nmissed = 0;
    // check_ftrace_location: a breakpoint never takes the place of what ftrace patches.
    kprobe.ftrace = this.ftrace.records.has(at);
    if (kprobe.ftrace && !config.has('KPROBES_ON_FTRACE')) return -ERRNO.EINVAL;
    const old = this.#at(at);
    if (old) return this.#join(old, kprobe);
    const prepared = kprobe.ftrace ? 0 : this.#breakpoint.prepare(kprobe);
    if (prepared !== 0) return prepared;
    this.#table.set(at, kprobe);
    const armed = kprobe.disabled ? 0 : this.#arm(kprobe);
    if (armed === 0) return 0;
    this.#table.delete(at);
    // Since its locks are guards, 7.2 forgets the result on the way out.
    return config.revision === '7.2' ? 0 : armed;
  }

  /** register_aggr_kprobe. The ops it is armed by was chosen when the first of them came. */
  #join(old: Kprobe, kprobe: Kprobe): Result {
    const address = kprobe.addr as bigint;
    const all = old.children ? old : aggregate(old);
    this.#table.set(address, all);
    kprobe.displaced = all.displaced;
    all.children?.unshift(kprobe);
    if (kprobe.post && !all.post) all.post = aggregatedPost;
    if (!all.disabled || kprobe.disabled) return 0;
    all.disabled = false;
    const armed = this.#arm(all);
    if (armed !== 0) {
      all.disabled = true;
      remove(all, kprobe);
    }
    return armed;
  }

  /** unregister_kprobe returns nothing: what cannot be disarmed stays where it is, and has no address any more. */
  unregister(kprobe: Kprobe): Result {
    const all = this.#valid(kprobe);
    if (!all || this.#disable(kprobe, all) !== 0) {
      kprobe.addr = null;
      return 0;
    }
    if (all === kprobe || (all.children?.length === 1 && all.disabled)) {
      this.#table.delete(all.addr as bigint);
      this.#breakpoint.remove(all);
      return 0;
    }
    remove(all, kprobe);
    const others = all.children?.some(({ post }) => post) ?? false;
    // On ftrace the aggregate keeps its post handler: that tells which ops it was armed by.
    if (kprobe.post && !others && !all.ftrace) all.post = null;
    return 0;
  }

  disable(kprobe: Kprobe): Result {
    const all = this.#valid(kprobe);
    return all ? this.#disable(kprobe, all) : -ERRNO.EINVAL;
  }

  enable(kprobe: Kprobe): Result {
    const all = this.#valid(kprobe);
    if (!all || kprobe.gone) return -ERRNO.EINVAL;
    if (all !== kprobe) kprobe.disabled = false;
    if (!all.disabled) return 0;
    all.disabled = false;
    const armed = this.#arm(all);
    if (armed !== 0) {
      all.disabled = true;
      kprobe.disabled = true;
    }
    return armed;
  }

  /** kprobes_module_callback, as a module goes; `within`: whether an address is in its text. */
  moduleGoing(within: (address: bigint) => boolean): void {
    for (const [address, kprobe] of this.#table) if (within(address)) this.#kill(kprobe);
  }

  /** kill_kprobe: the breakpoint goes with the text, but ftrace must be told. */
  #kill(kprobe: Kprobe): void {
    if (kprobe.ftrace && !kprobe.disabled) this.#disarm(kprobe);
    for (const one of [kprobe, ...(kprobe.children ?? [])]) {
      one.gone = true;
      one.disabled = true;
    }
    if (kprobe.children) kprobe.post = null;
    this.#breakpoint.remove(kprobe);
  }

  /** get_kprobe: one that has lost its address is not found, although it is in the table. */
  #at(address: bigint): Kprobe | undefined {
    const found = this.#table.get(address);
    return found?.addr === address ? found : undefined;
  }

  /** __get_valid_kprobe: itself, or the aggregate it is in. */
  #valid(kprobe: Kprobe): Kprobe | null {
    const found = kprobe.addr === null ? undefined : this.#at(kprobe.addr);
    return found && (found === kprobe || found.children?.includes(kprobe)) ? found : null;
  }

  /** __disable_kprobe: disarmed when the last at its address goes. */
  #disable(kprobe: Kprobe, all: Kprobe): Result {
    if (kprobe.disabled) return 0;
    kprobe.disabled = all !== kprobe;
    if (all !== kprobe && !all.children?.every(({ disabled }) => disabled)) return 0;
    if (!all.disabled) {
      const result = this.#disarm(all);
      if (result !== 0) {
        kprobe.disabled = false;
        return result;
      }
    }
    all.disabled = true;
    return 0;
  }

  #arm(kprobe: Kprobe): Result {
    return kprobe.ftrace ? this.#onFtrace.arm(kprobe) : this.#breakpoint.arm(kprobe);
  }

  #disarm(kprobe: Kprobe): Result {
    return kprobe.ftrace ? this.#onFtrace.disarm(kprobe) : this.#breakpoint.disarm(kprobe);
  }
}

/** register_kprobes, register_kretprobes: all, or those that were registered before the first that fails are taken back. */
export function allOrNone<T>(
  all: readonly T[],
  api: { register(one: T): Result; unregister(one: T): Result },
): Result {
  for (const [index, one] of all.entries()) {
    const result = api.register(one);
    if (result === 0) continue;
    for (const before of all.slice(0, index)) api.unregister(before);
    return result;
  }
  return 0;
}

function remove(all: Kprobe, kprobe: Kprobe): void {
  all.children?.splice(all.children.indexOf(kprobe), 1);
}
