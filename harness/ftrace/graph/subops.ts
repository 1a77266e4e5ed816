// SPDX-License-Identifier: MIT
/**
 * The filter of the manager ops that stands for all graph users: linux 7.2 kernel/trace/ftrace.c
 * rebuild_hashes. A wider manager filter never adds callbacks, because each user's filter is tested again;
 * it decides which sites are patched.
 */
import type { FtraceOps } from '../types.js';

/** Stands for "no function": an empty hash would mean every function. No record has this address. */
const NO_FUNCTION = 0n;

type Hashes = Pick<FtraceOps, 'filter' | 'notrace'>;

export function managerHashes(users: readonly Hashes[]): { filter: Set<bigint>; notrace: Set<bigint> } {
  const [first] = users;
  const own = ({ filter, notrace }: Hashes) => {
    const left = [...filter].filter((ip) => !notrace.has(ip));
    return filter.size > 0 && left.length === 0 ? [NO_FUNCTION] : left;
  };
  if (first && users.length === 1) {
    const all = first.filter.size === 0;
    return { filter: new Set(own(first)), notrace: new Set(all ? first.notrace : []) };
  }
  if (users.some(({ filter }) => filter.size === 0)) {
    const common = [...(first?.notrace ?? [])].filter((ip) => users.every(({ notrace }) => notrace.has(ip)));
    return { filter: new Set(), notrace: new Set(common) };
  }
  return { filter: new Set(users.flatMap(own)), notrace: new Set() };
}
