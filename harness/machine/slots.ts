// SPDX-License-Identifier: MIT
/**
 * Executable memory as the interpreter's loop sees it: one slot per byte of every text region, in one
 * array, so that the program counter is a small integer. An instruction lies in the slot of its first
 * byte; special slots stand for callouts, for bytes not decoded yet, and for the end of a region.
 */
import type { Code, Program } from './asm/program.js';
import type { InstructionSet, Op } from './instruction-set.js';
import { hex, type Memory, type Region } from './memory.js';
import { MachineFault } from './types.js';

/** What the loop runs: see {@link Code}. Special slots have length 0. */
export type Slot = Pick<Code, 'length' | 'text' | 'where' | 'op'>;

/** The loop's state, shared with the special slots. */
export class Control {
  /** Slot to run next; while an instruction runs, its follower. */
  next = 0;
  /** Instructions the loop may still run. */
  left = 0;
  /** What was left when a callout ended the loop. */
  unused = 0;
}

/** A jump to where no instruction can be; the program counter is then the target. */
export class JumpFault extends MachineFault {
  constructor(
    readonly target: bigint,
    why: string,
  ) {
    super('fault', why);
  }
}

/** Longest instruction of any architecture, in bytes; also the width of the guard after a region. */
const LONGEST = 16;
/** Instructions remembered per place. */
const MAX_DECODED = 16;

interface Window {
  readonly region: Region;
  /** Slot of the region's first byte. */
  readonly first: number;
}

export class TextSlots {
  readonly slots: Slot[];
  readonly callout: Slot;
  private readonly undecoded: Slot;
  private readonly windows: readonly Window[];
  private readonly windowOf: ReadonlyMap<Region, Window>;
  private readonly dirty: Uint8Array;
  /** Slots changed since the last {@link seal}, and what each held then. */
  private readonly dirtySlots: number[] = [];
  private readonly before: Slot[] = [];
  /** Callouts at which a function begins. */
  private readonly entries = new Set<number>();
  /** What bytes at a slot were decoded to. */
  private readonly decoded = new Map<number, { readonly bytes: Uint8Array; readonly slot: Slot }[]>();
  private readonly mask: number;
  private last: Window;
  private readonly address = new BigUint64Array(1);
  private readonly halves = new Uint32Array(this.address.buffer);
  private readonly lowHalf: 0 | 1;

  /** @throws RangeError when no region is executable. */
  constructor(
    private readonly memory: Memory,
    private readonly set: InstructionSet,
    private readonly program: Program,
    control: Control,
  ) {
    this.mask = set.alignment - 1;
    this.address[0] = 1n;
    this.lowHalf = this.halves[0] === 1 ? 0 : 1;
    let total = 0;
    this.windows = memory.regions
      .filter((region) => region.spec.kind === 'text')
      .map((region) => {
        const first = total;
        total += region.size + LONGEST;
        return { region, first };
      });
    this.windowOf = new Map(this.windows.map((window) => [window.region, window]));
    const first = this.windows[0];
    if (first === undefined) throw new RangeError('a machine needs a region of kind text');
    this.last = first;
    this.callout = special(() => {
      control.unused = control.left + 1;
      control.left = 0;
    });
    this.undecoded = special(() => {
      this.decode(control.next);
      control.left++;
    });
    const guard = special(() => {
      const address = this.addressOf(control.next);
      throw new JumpFault(address, `ran past the end of text at ${hex(address)}`);
    });
    this.slots = new Array<Slot>(total).fill(this.undecoded);
    for (const { region, first: from } of this.windows) {
      this.slots.fill(guard, from + region.size, from + region.size + LONGEST);
    }
    this.dirty = new Uint8Array(total);
  }

  /** Slot of a jump's target. @throws JumpFault */
  target(address: bigint): number {
    const slot = this.find(address);
    if (slot < 0) throw new JumpFault(BigInt.asUintN(64, address), this.whyNot(address));
    return slot;
  }

  /** The instruction at an address, decoded if need be. @throws MachineFault where none is, or C code */
  instruction(address: bigint): Slot {
    const at = this.target(address);
    if (this.slots[at] === this.undecoded) this.decode(at);
    const slot = this.slots[at] as Slot;
    if (slot.length === 0) throw new MachineFault('illegal', `no single instruction at ${hex(address)}`);
    return slot;
  }

  /** The same for an indirect branch to one of these landing pads. @throws JumpFault, MachineFault */
  pad(address: bigint, pads: readonly string[]): number {
    const slot = this.target(address);
    if (this.slots[slot] === this.undecoded) this.decode(slot);
    const { text } = this.slots[slot] as Slot;
    const meant =
      this.slots[slot] === this.callout ? this.entries.has(slot) : pads.includes(text.replace(/\s+/g, ' '));
    if (!meant) throw new JumpFault(address, `indirect branch to ${hex(address)}, which is no landing pad`);
    return slot;
  }

  /** Slot of an address, or -1 if no instruction can be there. */
  find(address: bigint): number {
    this.address[0] = address;
    const low = this.halves[this.lowHalf] as number;
    const high = this.halves[1 - this.lowHalf];
    if ((low & this.mask) !== 0) return -1;
    const { region, first } = this.last;
    const offset = low - region.low;
    if (high === region.high && offset >= 0 && offset < region.size) return first + offset;
    for (const window of this.windows) {
      const inside = low - window.region.low;
      if (high === window.region.high && inside >= 0 && inside < window.region.size) {
        this.last = window;
        return window.first + inside;
      }
    }
    return -1;
  }

  /** Why {@link find} refuses an address. */
  whyNot(address: bigint): string {
    if ((Number(address & 7n) & this.mask) !== 0) {
      return `jump to ${hex(address)}, which is no multiple of ${this.set.alignment}`;
    }
    const mapped = this.memory.regions.find((region) => region.holds(address));
    return mapped
      ? `jump to ${hex(address)} in ${mapped.spec.name}, which is not executable`
      : `jump to unmapped ${hex(address)}`;
  }

  addressOf(slot: number): bigint {
    const window = this.windows.findLast(({ first }) => first <= slot) as Window;
    return window.region.spec.start + BigInt(slot - window.first);
  }

  /** Whether the instruction of the program is still in its place. */
  holds(code: Code, at: number): boolean {
    const slot = this.slots[at];
    return slot === code || slot === this.callout;
  }

  /** Instructions of the image take their slots; callouts stay. @throws RangeError outside the text. */
  put(code: Code): void {
    const slot = this.find(code.address);
    if (slot < 0) throw new RangeError(`instruction placed outside the text, at ${hex(code.address)}`);
    if (this.slots[slot] !== this.callout) this.change(slot, code);
  }

  /** @throws RangeError when the address cannot be jumped to. */
  setCallout(address: bigint, entry: boolean): void {
    const slot = this.find(address);
    if (slot < 0) throw new RangeError(`callout at ${hex(address)}: ${this.whyNot(address)}`);
    if (entry) this.entries.add(slot);
    else this.entries.delete(slot);
    this.change(slot, this.callout);
  }

  /** Forgets instructions that overlap bytes just stored. */
  invalidate(region: Region, offset: number, length: number): void {
    const window = this.windowOf.get(region);
    if (window === undefined) return;
    const from = window.first + offset;
    for (let i = Math.max(window.first, from - LONGEST + 1); i < from + length; i++) {
      const slot = this.slots[i] as Slot;
      if (slot.length === 0) continue;
      if (i >= from || i + slot.length > from) this.change(i, this.undecoded);
    }
  }

  seal(): void {
    this.clean();
  }

  reset(): void {
    const { dirtySlots, before, slots } = this;
    for (let i = 0; i < dirtySlots.length; i++) slots[dirtySlots[i] as number] = before[i] as Slot;
    this.clean();
  }

  /** The instruction whose first byte has this slot, decoding it if need be. @throws MachineFault */
  private decode(at: number): void {
    const { region, first } = this.windows.findLast((w) => w.first <= at) as Window;
    const offset = at - first;
    const slot = this.decodedBefore(at, region, offset) ?? this.decodeNow(at, region, offset);
    if (this.dirty[at] === 0 && region.isPristine(offset, slot.length)) this.slots[at] = slot;
    else this.change(at, slot);
  }

  /** Cases write the same few instructions at a place, over and over. */
  private decodedBefore(at: number, region: Region, offset: number): Slot | undefined {
    return this.decoded
      .get(at)
      ?.find(({ bytes }) => bytes.every((byte, index) => region.bytes[offset + index] === byte))?.slot;
  }

  private decodeNow(at: number, region: Region, offset: number): Slot {
    const here = region.spec.start + BigInt(offset);
    const bytes = region.bytes.slice(offset, Math.min(offset + LONGEST, region.size));
    const found = this.set.decode(bytes, here);
    if (found === undefined || found.length <= 0) {
      const shown = [...bytes.subarray(0, 4)].map((b) => b.toString(16).padStart(2, '0')).join(' ');
      throw new MachineFault('illegal', `no known instruction at ${hex(here)}: bytes ${shown}`);
    }
    const slot = { ...this.program.parse(found.text, here), length: found.length };
    const known = this.decoded.get(at) ?? [];
    if (known.length < MAX_DECODED) known.push({ bytes: bytes.slice(0, found.length), slot });
    this.decoded.set(at, known);
    return slot;
  }

  private change(at: number, slot: Slot): void {
    if (this.dirty[at] === 0) {
      this.dirty[at] = 1;
      this.dirtySlots.push(at);
      this.before.push(this.slots[at] as Slot);
    }
    this.slots[at] = slot;
  }

  private clean(): void {
    for (const i of this.dirtySlots) this.dirty[i] = 0;
    this.dirtySlots.length = 0;
    this.before.length = 0;
  }
}

function special(op: Op): Slot {
  return { length: 0, text: '', where: '', op };
}
