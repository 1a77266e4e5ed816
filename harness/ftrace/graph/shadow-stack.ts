// SPDX-License-Identifier: MIT
/**
 * The shadow stack of one task: 4096 bytes of words holding return frames and reserved data. linux 7.2
 * kernel/trace/fgraph.c. Growing upwards, each frame is {ret, func, [calltime], [fp], retp}, and on top of it a
 * descriptor word; 6.12 has the same words and calltime; 6.1's array of frames is modelled by a limit of frames; data blocks follow, each with a descriptor on top. The last 16 words are the task variables.
 *
 * Descriptor: bits 0-9 words down to the start of its frame; bits 10-11 type. Bitmap: bits 12-27, one per
 * user that wants its exit handler. Data: bits 12-16 block words minus 1, bits 17-20 the owning user.
 */

import { DataWords } from '../data-words.js';

const SIZE_WORDS = 512;
/** FGRAPH_ARRAY_SIZE: users, and task variables. */
export const USERS = 16;

/** Word of a frame, where it has one. */
const CALLTIME = 2;

const TYPE_SHIFT = 10n;
const PAYLOAD_SHIFT = 12n;
const OWNER_SHIFT = 17n;
const TYPE = { reserved: 0n, bitmap: 1n, data: 2n } as const;

/** Largest block fgraph_reserve_data() gives: FGRAPH_MAX_DATA_SIZE, 32 words. */
export const MAX_DATA_WORDS = 32;

export interface ReturnFrame {
  readonly ret: bigint;
  readonly func: bigint;
  /** When the call began, ns; recorded only where frames have a word for it. */
  readonly calltime?: bigint | undefined;
  /** Recorded only where the frame pointer test is built in. */
  readonly fp: bigint | null;
  readonly retp: bigint;
}

export class ShadowStack {
  /** What was never written is 0. */
  readonly #words: bigint[] = [];
  readonly #variables: bigint[] = [];
  /** Words of a frame without its descriptor. */
  readonly #frame: number;
  readonly #top: number;
  /** curr_ret_stack: offset of the first free word. */
  #current = 0;
  /** curr_ret_depth. */
  depth = -1;
  /** Frames that found no room. */
  overrun = 0;

  /** @param shape words besides ret, func and retp; and a limit of frames where an older kernel has one */
  constructor(
    readonly fpTest: boolean,
    readonly shape: { readonly timeWords: 0 | 1; readonly frames: number | null } = {
      timeWords: 0,
      frames: null,
    },
  ) {
    this.#frame = 3 + shape.timeWords + (fpTest ? 1 : 0);
    this.#top = SIZE_WORDS - (this.#frame + 1 + USERS);
  }

  get current(): number {
    return this.#current;
  }

  /**
   * ftrace_push_return_trace: false when full. The descriptor says "reserved" until handlers have run. `interrupted` is
   * called where an interrupt may use the stack: below the pointer it finds a whole frame at any time.
   */
  push(frame: ReturnFrame, interrupted: () => void = () => {}): boolean {
    const { frames, timeWords } = this.shape;
    if (frames !== null && this.#current / (this.#frame + 1) >= frames) return false;
    if (this.#current + this.#frame + 1 >= this.#top) return false;
    const at = this.#current;
    const times = timeWords === 1 ? [frame.calltime ?? 0n] : [];
    const fp = this.fpTest ? [frame.fp ?? 0n] : [];
    const reserved = descriptor(this.#frame, TYPE.reserved, 0n);
    this.#words[at + this.#frame] = reserved;
    this.#words[at] = frame.ret;
    interrupted();
    this.#current = at + this.#frame + 1;
    interrupted();
    this.#words[at + this.#frame] = reserved;
    const frameWords = [frame.ret, frame.func, ...times, ...fp, frame.retp];
    for (let index = 0; index < frameWords.length; index++) this.#words[at + index] = frameWords[index] ?? 0n;
    interrupted();
    return true;
  }

  /** Marks which users wanted this call; clears nothing else. */
  setBitmap(frameEnd: number, bits: number): void {
    this.#words[frameEnd] = descriptor(this.#frame, TYPE.bitmap, BigInt(bits));
  }

  /** Offset of the bitmap descriptor of the innermost frame: where {@link setBitmap} writes. */
  get descriptorAt(): number {
    return this.frameStart() + this.#frame;
  }

  bitmap(frameEnd: number): number {
    return Number((word(this.#words, frameEnd) >> PAYLOAD_SHIFT) & 0xffffn);
  }

  /** Start of the frame whose highest word is below `end` (default: the innermost); -1 when there is none. */
  frameStart(end = this.#current): number {
    if (end <= 0) return -1;
    return end - 1 - Number(word(this.#words, end - 1) & 0x3ffn);
  }

  frame(start: number): ReturnFrame {
    const at = (index: number) => word(this.#words, start + index);
    const fp = this.fpTest ? at(this.#frame - 2) : null;
    const calltime = this.shape.timeWords === 1 ? at(CALLTIME) : undefined;
    return { ret: at(0), func: at(1), calltime, fp, retp: at(this.#frame - 1) };
  }

  /** All calls of the task are told that they began `by` ns later. */
  shiftTimes(by: bigint): void {
    for (let start = this.frameStart(); start >= 0; start = this.frameStart(start))
      this.set(start + CALLTIME, this.get(start + CALLTIME) + by);
  }

  /** Drops the innermost frame with its data. */
  pop(): void {
    this.#current = this.frameStart();
  }

  /** Gives back data reserved after `mark` (a value of {@link current}). */
  rollback(mark: number): void {
    this.#current = mark;
  }

  /** fgraph_reserve_data: offset of the block, or `null`. Contents are whatever was there. */
  reserve(owner: number, bytes: number): { readonly at: number; readonly words: number } | null {
    const words = Math.ceil(bytes / 8);
    if (words > MAX_DATA_WORDS) return null;
    const at = this.#current;
    if (at + words + 1 >= this.#top) return null;
    const distance = at + words - this.frameStart();
    // Zero bytes are not guarded: size - 1 is negative and fills every bit from 12 up.
    const payload = BigInt.asUintN(52, BigInt(words - 1) | (BigInt(owner) << (OWNER_SHIFT - PAYLOAD_SHIFT)));
    this.#words[at + words] = descriptor(distance, TYPE.data, payload);
    this.#current = at + words + 1;
    return { at, words };
  }

  /** fgraph_retrieve_data in the frame that ends at `end`: from the top, the first block of this owner. */
  retrieve(owner: number, end = this.#current): { readonly at: number; readonly words: number } | null {
    let top = end;
    while (top > 0) {
      const value = word(this.#words, top - 1);
      if (((value >> TYPE_SHIFT) & 3n) !== TYPE.data) return null;
      const words = Number((value >> PAYLOAD_SHIFT) & 0x1fn) + 1;
      if (Number((value >> OWNER_SHIFT) & 0xfn) === owner) return { at: top - 1 - words, words };
      top -= words + 1;
    }
    return null;
  }

  /** End of the frame `levels` further out than the innermost; -1 past the bottom. */
  outer(levels: number): number {
    let end = this.#current;
    for (let level = 0; level < levels && end > 0; level++) end = this.frameStart(end);
    return end > 0 ? end : -1;
  }

  /** A reserved or retrieved block as words, sharing storage. */
  block({ at, words }: { readonly at: number; readonly words: number }): DataWords {
    return new DataWords(this.#words, at, words);
  }

  get(offset: number): bigint {
    const owner = offset - ShadowStack.variable(0);
    return owner < 0 ? word(this.#words, offset) : word(this.#variables, owner);
  }

  set(offset: number, value: bigint): void {
    const owner = offset - ShadowStack.variable(0);
    if (owner < 0) this.#words[offset] = value;
    else this.#variables[owner] = value;
  }

  /** Offset of a user's task variable. */
  static variable(owner: number): number {
    return SIZE_WORDS - USERS + owner;
  }
}

function descriptor(distance: number, type: bigint, payload: bigint): bigint {
  return BigInt(distance) | (type << TYPE_SHIFT) | (payload << PAYLOAD_SHIFT);
}

function word(words: readonly bigint[], offset: number): bigint {
  return words[offset] ?? 0n;
}
