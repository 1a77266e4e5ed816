// SPDX-License-Identifier: MIT
/**
 * The symbols a back-end's assembler sources may use without defining them: C functions, which the harness
 * plays, and the cells of kernel data that the back-end declares.
 */
import type { DataCell, MemoryMap } from './contract.js';

/** Images of each kind of stub that a trampoline source provides: `direct_tramp_0` to `direct_tramp_3`. */
export const STUB_IMAGES = 4;

const images = Array.from({ length: STUB_IMAGES }, (_, n) => n);

/** C functions, each a callout. */
export const C_FUNCTIONS: readonly string[] = [
  'ftrace_return_to_handler',
  ...images.map((n) => `direct_func_${n}`),
  ...images.map((n) => `bpf_enter_func_${n}`),
  ...images.map((n) => `bpf_leave_func_${n}`),
  ...images.map((n) => `bpf_entry_func_${n}`),
  ...images.map((n) => `bpf_exit_func_${n}`),
  ...images.map((n) => `bpf_mod_func_${n}`),
  // Hooks of some architectures at some revisions.
  'prepare_ftrace_return',
  'rethook_handler',
  'program_check_exception',
];

/** How many modify-return programs the images of a number call: a data cell each, filled by the core. */
export const MOD_LINKS = 'bpf_mod_links_';

/** Those cells, for `layouts.dataCells`. */
export const modLinkCells = Object.fromEntries(images.map((n) => [`${MOD_LINKS}${n}`, { size: 8 }]));

/** How many argument words the images of a number are made for, where they are made for so many: a data cell each. */
export const ARGUMENT_SLOTS = 'bpf_slots_';

/** Those cells, for `layouts.dataCells` of a back-end whose stubs have `argumentSlots`. */
export const argumentSlotCells = Object.fromEntries(
  images.map((n) => [`${ARGUMENT_SLOTS}${n}`, { size: 8 }]),
);

/** The words that data cells start with: address → value. @throws RangeError for an unknown symbol */
export function cellWords(
  cells: Readonly<Record<string, DataCell>>,
  symbol: (name: string) => bigint,
  { stack }: Pick<MemoryMap, 'stack'>,
): Map<bigint, bigint> {
  const value = (word: string | bigint | { readonly stack: bigint }) => {
    if (typeof word === 'object') return stack + word.stack;
    return typeof word === 'bigint' ? word : symbol(word);
  };
  return new Map(
    Object.entries(cells).flatMap(([name, { initial, words = {} }]) => [
      ...(initial === undefined ? [] : [[symbol(name), symbol(initial)] as const]),
      ...Object.entries(words).map(([at, word]) => [symbol(name) + BigInt(at), value(word)] as const),
    ]),
  );
}

/** Addresses of the back-end's data cells, from `base` on, each 16-byte aligned. */
export function cellAddresses(
  cells: Readonly<Record<string, { readonly size: number }>>,
  base: bigint,
): Map<string, bigint> {
  let next = base;
  return new Map(
    Object.entries(cells).map(([name, { size }]) => {
      const address = next;
      next = (address + BigInt(size) + 15n) & ~15n;
      return [name, address];
    }),
  );
}
