// SPDX-License-Identifier: MIT
/**
 * struct kprobe, and several of them at one address: the first to come back is an aggregate, which calls those in its list.
 * linux 7.2 include/linux/kprobes.h; kernel/kprobes.c: aggr_pre_handler, aggr_post_handler, kprobes_inc_nmissed_count.
 */
import type { Displaced, Fregs } from '../../backend/contract.js';

/** Returns true for non-zero: the handler has seen to where execution goes on. */
export type PreHandler = (kprobe: Kprobe, regs: Fregs) => boolean;
export type PostHandler = (kprobe: Kprobe, regs: Fregs) => void;

export interface Kprobe {
  readonly name: string;
  /** Symbol and offset it is asked for by. */
  readonly symbol: bigint;
  readonly offset: number;
  /** It is asked for by the address of both together. */
  readonly byAddress: boolean;
  /** Where it is, once it was registered; users clear it before they register the same structure again. */
  addr: bigint | null;
  pre: PreHandler | null;
  post: PostHandler | null;
  /** KPROBE_FLAG_DISABLED, KPROBE_FLAG_FTRACE. */
  disabled: boolean;
  ftrace: boolean;
  /** KPROBE_FLAG_GONE: its text went with a module. It counts as disabled, too. */
  gone: boolean;
  nmissed: number;
  /** The instruction a breakpoint took the place of. */
  displaced: Displaced | null;
  /** An aggregate: those at this address, newest first. */
  children: Kprobe[] | null;
}

/** Where one is asked for. */
export interface KprobePlace {
  readonly symbol: bigint;
  readonly offset: number;
  readonly byAddress?: boolean;
}

export function createKprobe(
  name: string,
  place: KprobePlace,
  pre: PreHandler | null,
  post: PostHandler | null,
): Kprobe {
  return {
    name,
    symbol: place.symbol,
    offset: place.offset,
    byAddress: place.byAddress ?? false,
    addr: null,
    pre,
    post,
    disabled: false,
    ftrace: false,
    gone: false,
    nmissed: 0,
    displaced: null,
    children: null,
  };
}

/** Until one returns non-zero; then the rest and all post handlers are left out. */
const aggregatedPre: PreHandler = ({ children }, regs) => {
  for (const child of [...(children ?? [])]) {
    if (child.pre && !child.disabled && child.pre(child, regs)) return true;
  }
  return false;
};

export const aggregatedPost: PostHandler = ({ children }, regs) => {
  for (const child of [...(children ?? [])]) if (!child.disabled) child.post?.(child, regs);
};

/** alloc_aggr_kprobe, init_aggr_kprobe. */
export function aggregate(first: Kprobe): Kprobe {
  return {
    ...first,
    name: `aggregate of ${first.name}`,
    pre: aggregatedPre,
    post: first.post ? aggregatedPost : null,
    children: [first],
  };
}

/** kprobes_inc_nmissed_count. */
export function countMissed(kprobe: Kprobe): void {
  for (const one of kprobe.children ?? [kprobe]) one.nmissed++;
}
