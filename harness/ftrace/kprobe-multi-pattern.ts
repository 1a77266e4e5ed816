// SPDX-License-Identifier: MIT
/**
 * What the user's library does of an attach by pattern before it asks the kernel: linux 7.2 tools/lib/bpf/libbpf.c
 * bpf_program__attach_kprobe_multi_opts. It reads the names of traceable functions and passes their addresses.
 */
import { ERRNO } from '../backend/errno.js';
import type { Kallsym, MultiRequest } from './kprobe-multi-attach.js';
import type { Result } from './types.js';

export interface PatternRequest {
  readonly pattern: string;
  /** Options that do not go with a pattern. */
  readonly others: boolean;
  readonly uniqueMatch: boolean;
  readonly flags: number;
}

/** `traceable`: those of available_filter_functions, with the address that file has for them. */
export function requestByPattern(
  { pattern, others, uniqueMatch, flags }: PatternRequest,
  traceable: readonly Pick<Kallsym, 'name' | 'address'>[],
): Result | MultiRequest {
  if (others) return -ERRNO.EINVAL;
  const found = traceable.filter(({ name }) => matches(pattern, name));
  if (found.length === 0) return -ERRNO.ENOENT;
  if (uniqueMatch && found.length !== 1) return -ERRNO.EINVAL;
  const addresses = found.map(({ address }) => address);
  return { flags, symbols: null, addresses, cookies: null, count: addresses.length };
}

/** `*` is any text, `?` any character. */
export function matches(pattern: string, name: string): boolean {
  const [first = '', rest] = [pattern[0], pattern.slice(1)];
  if (first === '') return name === '';
  if (first === '*') return matches(rest, name) || (name !== '' && matches(pattern, name.slice(1)));
  return name !== '' && (first === '?' || first === name[0]) && matches(rest, name.slice(1));
}
