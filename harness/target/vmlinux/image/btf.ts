// SPDX-License-Identifier: MIT
/**
 * BTF, the type information that a kernel carries about itself (linux 7.2 Documentation/bpf/btf.rst, include/uapi/linux/btf.h).
 * All kinds are walked, in either byte order; structures are read with their members.
 */
import type { ByteOrder } from '../../../machine/types.js';
import { VmlinuxError } from '../error.js';
import { matches, places, Reader } from './bytes.js';

export const KIND = {
  INT: 1,
  PTR: 2,
  ARRAY: 3,
  STRUCT: 4,
  UNION: 5,
  ENUM: 6,
  FWD: 7,
  TYPEDEF: 8,
  VOLATILE: 9,
  CONST: 10,
  RESTRICT: 11,
  FUNC: 12,
  FUNC_PROTO: 13,
  VAR: 14,
  DATASEC: 15,
  FLOAT: 16,
  DECL_TAG: 17,
  TYPE_TAG: 18,
  ENUM64: 19,
} as const;

/** Bytes behind the 12 of every type: fixed, and for each of its `vlen`. */
const TRAILER: Readonly<Record<number, readonly [fixed: number, each: number]>> = {
  [KIND.INT]: [4, 0],
  [KIND.PTR]: [0, 0],
  [KIND.ARRAY]: [12, 0],
  [KIND.STRUCT]: [0, 12],
  [KIND.UNION]: [0, 12],
  [KIND.ENUM]: [0, 8],
  [KIND.FWD]: [0, 0],
  [KIND.TYPEDEF]: [0, 0],
  [KIND.VOLATILE]: [0, 0],
  [KIND.CONST]: [0, 0],
  [KIND.RESTRICT]: [0, 0],
  [KIND.FUNC]: [0, 0],
  [KIND.FUNC_PROTO]: [0, 8],
  [KIND.VAR]: [4, 0],
  [KIND.DATASEC]: [0, 12],
  [KIND.FLOAT]: [0, 0],
  [KIND.DECL_TAG]: [4, 0],
  [KIND.TYPE_TAG]: [0, 0],
  [KIND.ENUM64]: [0, 12],
};

/** Kinds that only stand for another type. */
const ALIASES: readonly number[] = [KIND.TYPEDEF, KIND.VOLATILE, KIND.CONST, KIND.RESTRICT, KIND.TYPE_TAG];

const HEADER = 24;
/** A chain of aliases or arrays longer than this leads in a circle. */
const DEEPEST = 64;

export interface Member {
  /** '' for an anonymous structure or union. */
  readonly name: string;
  /** From the start of the structure, bits. */
  readonly offset: number;
  /** Width of a bit field; 0 for what is none. */
  readonly bits: number;
  /** Type number. */
  readonly type: number;
}

export interface BtfType {
  readonly kind: number;
  readonly name: string;
  /** Bytes, of kinds that have a size. */
  readonly size: number;
  /** Referred type, of kinds that have one. */
  readonly type: number;
}

export class Btf {
  readonly #types: Reader;
  readonly #strings: Reader;
  /** Offset of each type in the section; types count from 1. */
  readonly #at: number[] = [-1];
  readonly #structs = new Map<string, number>();

  /** @param blob from the magic on. @throws VmlinuxError */
  constructor(blob: Uint8Array, order: ByteOrder) {
    const header = new Reader(blob, order, 'BTF');
    if (header.u16(0) !== 0xeb9f) throw header.malformed(0, 'no BTF magic in this byte order');
    if (header.u8(2) !== 1) throw new VmlinuxError('unsupported', `BTF of version ${header.u8(2)}`);
    const start = header.u32(4);
    this.#types = new Reader(header.slice(start + header.u32(8), header.u32(12)), order, 'BTF types');
    this.#strings = new Reader(header.slice(start + header.u32(16), header.u32(20)), order, 'BTF strings');
    this.#index();
  }

  /** Number of types, without `void`. */
  get count(): number {
    return this.#at.length - 1;
  }

  /** The structure of that name; `undefined` if there is none. */
  struct(name: string): number | undefined {
    return this.#structs.get(name);
  }

  /** @throws VmlinuxError for a number that is no type */
  type(id: number): BtfType {
    const at = this.#offset(id);
    const info = this.#types.u32(at + 4);
    const value = this.#types.u32(at + 8);
    return { kind: (info >>> 24) & 0x1f, name: this.#name(this.#types.u32(at)), size: value, type: value };
  }

  /** Members of a structure or union; none of anything else. @throws VmlinuxError */
  members(id: number): Member[] {
    const at = this.#offset(id);
    const info = this.#types.u32(at + 4);
    const kind = (info >>> 24) & 0x1f;
    if (kind !== KIND.STRUCT && kind !== KIND.UNION) return [];
    const fields = info >>> 31 === 1;
    return Array.from({ length: info & 0xffff }, (_, index) => {
      const own = at + 12 + 12 * index;
      const place = this.#types.u32(own + 8);
      return {
        name: this.#name(this.#types.u32(own)),
        type: this.#types.u32(own + 4),
        offset: fields ? place & 0xffffff : place,
        bits: fields ? place >>> 24 : 0,
      };
    });
  }

  /** Element type and number of an array. @throws VmlinuxError for what is none */
  array(id: number): { readonly element: number; readonly count: number } {
    const at = this.#offset(id);
    if (((this.#types.u32(at + 4) >>> 24) & 0x1f) !== KIND.ARRAY)
      throw this.#types.malformed(at, `type ${id} is no array`);
    return { element: this.#types.u32(at + 12), count: this.#types.u32(at + 20) };
  }

  /** What is left without typedefs and qualifiers. @throws VmlinuxError */
  plain(id: number): number {
    let type = id;
    for (let depth = 0; depth < DEEPEST; depth++) {
      if (type === 0) return 0;
      const { kind, type: next } = this.type(type);
      if (!ALIASES.includes(kind)) return type;
      type = next;
    }
    throw this.#types.malformed(0, `type ${id} refers to itself`);
  }

  /** sizeof, bytes; pointers are of 8. @throws VmlinuxError for what has none */
  size(id: number, depth = 0): number {
    const type = this.plain(id);
    if (type === 0 || depth > DEEPEST) throw this.#types.malformed(0, `type ${id} has no size`);
    const { kind, size } = this.type(type);
    if (kind === KIND.PTR) return 8;
    if (kind === KIND.ARRAY) {
      const { element, count } = this.array(type);
      return count * this.size(element, depth + 1);
    }
    if (([KIND.INT, KIND.STRUCT, KIND.UNION, KIND.ENUM, KIND.ENUM64, KIND.FLOAT] as number[]).includes(kind))
      return size;
    throw this.#types.malformed(0, `type ${id} has no size`);
  }

  #index(): void {
    let at = 0;
    while (at < this.#types.length) {
      const info = this.#types.u32(at + 4);
      const kind = (info >>> 24) & 0x1f;
      const trailer = TRAILER[kind];
      if (trailer === undefined)
        throw new VmlinuxError('unsupported', `BTF kind ${kind}, which is newer than this reader`);
      if (kind === KIND.STRUCT) {
        const name = this.#name(this.#types.u32(at));
        // Of two with one name, the first: modules' come later.
        if (name !== '' && !this.#structs.has(name)) this.#structs.set(name, this.#at.length);
      }
      this.#at.push(at);
      at += 12 + trailer[0] + trailer[1] * (info & 0xffff);
      if (at > this.#types.length) throw this.#types.malformed(at, 'the last type is cut off');
    }
  }

  #offset(id: number): number {
    const at = this.#at[id];
    if (id < 1 || at === undefined) throw this.#types.malformed(0, `there is no type ${id}`);
    return at;
  }

  #name(at: number): string {
    return at === 0 ? '' : this.#strings.text(at);
  }
}

/** The only BTF in an image, found by its header. @throws VmlinuxError `absent` */
export function findBtf(image: Uint8Array, order: ByteOrder): Btf {
  const magic = order === 'little' ? Uint8Array.of(0x9f, 0xeb, 1) : Uint8Array.of(0xeb, 0x9f, 1);
  const reader = new Reader(image, order, 'image');
  for (const at of places(image, magic)) {
    if (!matches(image, at, magic) || at + HEADER > image.length) continue;
    const [header, types, typeLength] = [reader.u32(at + 4), reader.u32(at + 8), reader.u32(at + 12)];
    const [strings, stringLength] = [reader.u32(at + 16), reader.u32(at + 20)];
    const fits = at + header + strings + stringLength <= image.length && typeLength <= strings;
    if (header !== HEADER || types !== 0 || !fits || stringLength === 0) continue;
    try {
      return new Btf(image.subarray(at), order);
    } catch (error) {
      // Bytes that only begin like it.
      if (!(error instanceof VmlinuxError)) throw error;
    }
  }
  throw new VmlinuxError('absent', 'the image has no BTF (CONFIG_DEBUG_INFO_BTF)');
}
