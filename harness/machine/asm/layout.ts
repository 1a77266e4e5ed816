// SPDX-License-Identifier: MIT
/**
 * Placement: gives every item of an expansion (or of a copied range of it) an address, in as many passes
 * as it takes until nothing moves.
 */
import type { InstructionSet } from '../instruction-set.js';
import type { ByteOrder } from '../types.js';
import { AsmError } from './error.js';
import type { Expansion } from './expander.js';
import { ExpressionError, evaluate, parseExpression } from './expression.js';
import type { Item } from './item.js';
import type { Lookup, Selected, Selector } from './select.js';
import type { Text } from './text.js';

const MAX_PASSES = 16;
/** Bound on laid-out text. */
const MAX_SIZE = 1n << 24n;

export interface Site {
  readonly address: bigint;
  readonly length: number;
}

export interface PlacedInstruction extends Site {
  readonly item: Extract<Item, { kind: 'instruction' }>;
  readonly selected: Selected;
}

export interface PlacedBytes extends Site {
  readonly bytes: Uint8Array;
}

/** One statement of a `.discard.…` section. */
export interface Note {
  readonly section: string;
  readonly values: readonly bigint[];
}

export interface Range {
  /** First and last index of items to place, inclusive; `to` < `from` places nothing. */
  readonly from: number;
  readonly to: number;
  readonly start: bigint;
  /** Bytes that stand in for an item (patched text); `undefined` to place the item itself. */
  readonly instead?: (index: number) => Uint8Array | undefined;
  /** Addresses of the items outside the range, when a part of a laid-out program is copied. */
  readonly around?: readonly bigint[];
}

export class Layout {
  /** Address of each item; holes where the range does not reach. */
  readonly addresses: bigint[] = [];
  readonly instructions: PlacedInstruction[] = [];
  readonly data: PlacedBytes[] = [];
  /** `.size` values by symbol, in bytes. */
  readonly sizes = new Map<string, bigint>();
  readonly notes: Note[] = [];
  end: bigint;
  private final = false;
  private index = 0;

  /**
   * @param outer value of a symbol which the expansion does not define.
   * @throws AsmError
   */
  constructor(
    private readonly expansion: Expansion,
    private readonly range: Range,
    private readonly set: InstructionSet,
    private readonly selector: Selector,
    private readonly byteOrder: ByteOrder,
    private readonly outer: Lookup,
  ) {
    this.end = range.start;
    for (let pass = 1; ; pass++) {
      const moved = this.pass();
      if (!moved) break;
      if (pass === MAX_PASSES) {
        const at = (expansion.items[range.from] as Item).at;
        throw AsmError.at(
          at,
          0,
          'label addresses do not settle',
          'instruction lengths depend on each other in a circle',
        );
      }
    }
    this.final = true;
    this.pass();
  }

  private pass(): boolean {
    let here = this.range.start;
    let moved = false;
    for (let i = this.range.from; i <= this.range.to; i++) {
      this.index = i;
      if (this.addresses[i] !== here) moved = true;
      this.addresses[i] = here;
      const bytes = this.range.instead?.(i);
      if (bytes !== undefined) {
        this.emit(here, bytes);
        here += BigInt(bytes.length);
      } else here += this.place(this.expansion.items[i] as Item, here);
      if (here - this.range.start > MAX_SIZE) {
        throw AsmError.at((this.expansion.items[i] as Item).at, 0, `text grows beyond ${MAX_SIZE} bytes`);
      }
    }
    if (this.end !== here) moved = true;
    this.end = here;
    return moved;
  }

  private place(item: Item, here: bigint): bigint {
    switch (item.kind) {
      case 'label':
      case 'set':
        return 0n;
      case 'size':
        if (this.final) this.sizes.set(item.name, this.value(item.value, here));
        return 0n;
      case 'note':
        if (this.final)
          this.notes.push({
            section: item.section,
            values: item.values.map((value) => this.value(value, here)),
          });
        return 0n;
      case 'instruction':
        return BigInt(this.instruction(item, here));
      case 'bytes':
        this.emit(here, item.bytes);
        return BigInt(item.bytes.length);
      case 'data':
        if (this.final) this.emit(here, this.words(item, here));
        return BigInt(item.width * item.values.length);
      case 'align': {
        const gap = -here & (BigInt(item.alignment) - 1n);
        if (item.most !== null && gap > BigInt(item.most)) return 0n;
        if (item.fill !== null) this.fill(here, gap, item.fill);
        else this.idle(item, here, gap);
        return gap;
      }
      case 'skip': {
        const count = this.value(item.count, here);
        if (this.final && count < 0n) throw AsmError.at(item.count, 0, `cannot skip ${count} bytes`);
        const size = count < 0n || count > MAX_SIZE ? 0n : count;
        if (count > MAX_SIZE) throw AsmError.at(item.count, 0, `cannot skip ${count} bytes`);
        this.fill(here, size, item.fill === null ? 0n : this.value(item.fill, here));
        return size;
      }
      case 'org': {
        const gap = this.value(item.target, here) - here;
        if (gap >= 0n && gap <= MAX_SIZE) return gap;
        if (!this.final) return 0n;
        throw AsmError.at(item.target, 0, `.org moves by ${gap} bytes`, 'it can only move forwards');
      }
    }
  }

  private instruction(item: Extract<Item, { kind: 'instruction' }>, here: bigint): number {
    if (this.final && here % BigInt(this.set.alignment) !== 0n) {
      const hint = `insert .balign ${this.set.alignment} before it`;
      throw AsmError.at(
        item.at,
        0,
        `instruction at an address that is no multiple of ${this.set.alignment}`,
        hint,
      );
    }
    const { at: statement, mnemonic, operands } = item;
    const lookup = (name: string) => this.symbol(name, here);
    const found = this.selector.selectAgain(statement.text, mnemonic, operands, here, lookup);
    if ('row' in found) {
      const length = found.row.length(found.values);
      if (this.final) this.instructions.push({ address: here, length, item, selected: found });
      return length;
    }
    if (!this.final) return this.set.alignment;
    const at = item.operands[found.operand];
    const dropped = found.kind === 'symbol' ? this.droppedHint(found.message) : undefined;
    throw AsmError.at(at ?? item.at, 0, found.message, dropped ?? found.hint);
  }

  private droppedHint(message: string): string {
    const section = this.expansion.dropped.get(/`(.*)`/.exec(message)?.[1] ?? '');
    return section === undefined
      ? 'define it, or add it to the constants or the external symbols'
      : `it is defined in section ${section}, which is not laid out; kernel data are external symbols`;
  }

  private words(item: Extract<Item, { kind: 'data' }>, here: bigint): Uint8Array {
    const bytes = new Uint8Array(item.width * item.values.length);
    const view = new DataView(bytes.buffer);
    const bits = item.width * 8;
    item.values.forEach((text, i) => {
      const value = this.value(text, here);
      if (value >= 1n << BigInt(bits) || value < -(1n << BigInt(bits - 1))) {
        throw AsmError.at(text, 0, `${value} does not fit ${item.width} byte${item.width === 1 ? '' : 's'}`);
      }
      const little = this.byteOrder === 'little';
      for (let b = 0; b < item.width; b++) {
        const shift = BigInt(8 * (little ? b : item.width - 1 - b));
        view.setUint8(i * item.width + b, Number((value >> shift) & 0xffn));
      }
    });
    return bytes;
  }

  private fill(here: bigint, size: bigint, value: bigint): void {
    if (this.final && size > 0n) this.emit(here, new Uint8Array(Number(size)).fill(Number(value & 0xffn)));
  }

  /** Padding between instructions is no-operations, as assemblers make it; elsewhere it is zeros. */
  private idle(item: Item, here: bigint, gap: bigint): void {
    if (!this.final || gap === 0n || here % BigInt(this.set.alignment) !== 0n) return;
    const nop = this.selector.select('nop', [], here, () => undefined);
    if (!('row' in nop)) return;
    const length = nop.row.length(nop.values);
    if (gap % BigInt(length) !== 0n) return;
    for (let at = here; at < here + gap; at += BigInt(length)) {
      const code = { kind: 'instruction', mnemonic: 'nop', operands: [], at: item.at } as const;
      this.instructions.push({ address: at, length, item: code, selected: nop });
    }
  }

  private emit(address: bigint, bytes: Uint8Array): void {
    if (this.final && bytes.length > 0) this.data.push({ address, length: bytes.length, bytes });
  }

  private value(text: Text, here: bigint): bigint {
    try {
      return evaluate(parseExpression(text.text), (name) => (name === '.' ? here : this.symbol(name, here)));
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const hint = error.symbol === null ? '' : this.droppedHint(error.message);
      throw AsmError.at(text, error.at, error.message, hint);
    }
  }

  /** Value of a symbol as seen by the item being placed. */
  private symbol(name: string, here: bigint): bigint | undefined {
    const local = /^(\d+)([bf])$/.exec(name);
    if (local !== null) {
      const list = this.expansion.numbers.get(local[1] as string) ?? [];
      const index =
        local[2] === 'b' ? list.findLast((i) => i <= this.index) : list.find((i) => i > this.index);
      return index === undefined ? undefined : this.labelled(index, here);
    }
    const assigned = this.expansion.assignments.get(name);
    if (assigned !== undefined) {
      const present = assigned.findLast((a) => a.from <= this.index) ?? assigned[0];
      return present === undefined ? undefined : (present.value ?? this.assigned(present.from, here));
    }
    const index = this.expansion.labels.get(name);
    return index === undefined ? this.outer(name) : this.labelled(index, here);
  }

  private labelled(index: number, here: bigint): bigint | undefined {
    if (index < this.range.from || index > this.range.to) return this.range.around?.[index];
    // A label further on has no address in the first pass; the next pass corrects this guess.
    return this.addresses[index] ?? here;
  }

  private readonly evaluating = new Set<number>();

  private assigned(index: number, here: bigint): bigint | undefined {
    const item = this.expansion.items[index];
    if (item?.kind !== 'set') return undefined;
    if (this.evaluating.has(index)) {
      throw AsmError.at(
        item.at,
        0,
        `\`${item.name}\` is defined by itself`,
        'break the circle of .set directives',
      );
    }
    const saved = this.index;
    this.evaluating.add(index);
    this.index = index;
    try {
      return this.value(item.value, this.addresses[index] ?? here);
    } finally {
      this.index = saved;
      this.evaluating.delete(index);
    }
  }
}
