// SPDX-License-Identifier: MIT
/** Reading and writing structures in a machine's memory by the names of a layout. */
import type { RegisterTable } from '../machine/instruction-set.js';
import { memoryPoison } from '../machine/poison.js';
import type { ByteOrder, Width } from '../machine/types.js';
import type { Config, Fregs } from './contract.js';

interface Place {
  readonly name: string;
  readonly offset: number;
  readonly size: Width;
}

/** Fields by name, for each table that was asked for one. */
const tables = new WeakMap<readonly Place[], ReadonlyMap<string, Place>>();

/** The field of that name. @throws RangeError if the layout has none: a table contradicts its user. */
export function fieldOf<F extends Place>({ fields }: { readonly fields: readonly F[] }, name: string): F {
  let table = tables.get(fields);
  if (table === undefined) {
    // The first of a name counts.
    table = new Map(fields.toReversed().map((field) => [field.name, field]));
    tables.set(fields, table);
  }
  const field = table.get(name);
  if (!field) throw new RangeError(`no field ${name} in the layout`);
  return field as F;
}

/**
 * Name of the field called `name`, or by another spelling of that register: a structure may name its registers by
 * number where the ABI has names. `undefined` if there is none.
 */
export function fieldNamed(
  layout: { readonly fields: readonly { readonly name: string }[] },
  name: string,
  { aliases }: RegisterTable,
): string | undefined {
  const canonical = (spelling: string) => aliases[spelling] ?? spelling;
  const names = layout.fields.map((field) => field.name);
  return names.find((own) => own === name) ?? names.find((own) => canonical(own) === canonical(name));
}

/** Zero-extended value of a field. @throws MachineFault where the structure is not mapped */
export function getField(at: Fregs, layout: { readonly fields: readonly Place[] }, name: string): bigint {
  const { offset, size } = fieldOf(layout, name);
  return at.machine.loadWord(at.address + BigInt(offset), size);
}

/** Truncates to the size of the field. @throws MachineFault where the structure is not mapped */
export function setField(
  at: Fregs,
  layout: { readonly fields: readonly Place[] },
  name: string,
  value: bigint,
): void {
  const { offset, size } = fieldOf(layout, name);
  at.machine.storeWord(at.address + BigInt(offset), size, value);
}

/** What a field at `address` reads as while nobody has written the stack there: its part of the word's poison. */
export function unwritten(address: bigint, size: Width, order: ByteOrder): bigint {
  const within = address % 8n;
  const skip = order === 'little' ? within : 8n - within - BigInt(size);
  return BigInt.asUintN(8 * size, memoryPoison(address - within) >> (8n * skip));
}

/**
 * The word `n` words above `sp`, or 0 when it lies in another THREAD_SIZE block: the rule of
 * ftrace_regs_get_kernel_stack_nth() (linux 7.2 include/linux/ftrace_regs.h).
 */
export function kernelStackNth(at: Fregs, sp: bigint, n: number, threadSize: number): bigint {
  const address = BigInt.asUintN(64, sp + BigInt(8 * n));
  const block = ~BigInt(threadSize - 1);
  if ((address & block) !== (sp & block)) return 0n;
  return at.machine.loadWord(address, 8);
}

/** A table that depends on the configuration alone, made once for each. */
export function perConfig<T>(make: (config: Config) => T): (config: Config) => T {
  const made = new WeakMap<Config, T>();
  return (config) => {
    let table = made.get(config);
    if (table === undefined) {
      table = make(config);
      made.set(config, table);
    }
    return table;
  };
}

/** Consecutive 8-byte fields from `offset` on. */
export function words<const N extends string>(offset: number, ...names: readonly N[]): Place[] {
  return names.map((name, index) => ({ name, offset: offset + 8 * index, size: 8 }));
}
