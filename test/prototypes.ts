// SPDX-License-Identifier: MIT
/** Prototypes for the placement tests of all back-ends, and a placement as short text to compare with. */
import type { Abi, ArgumentPlace, Location } from '../harness/backend/contract.js';
import type {
  IntegerType,
  PointerType,
  ReturnType,
  ScalarType,
  Signature,
  StructType,
  ValueType,
} from '../harness/ctype/types.js';

const integer = (name: string, size: IntegerType['size'], signed: boolean): IntegerType => ({
  kind: 'integer',
  name,
  size,
  signed,
});

export const u8 = integer('u8', 1, false);
export const s8 = integer('s8', 1, true);
export const u32 = integer('u32', 4, false);
export const int = integer('int', 4, true);
export const u64 = integer('u64', 8, false);
export const i128 = integer('__int128', 16, true);
export const pointer: PointerType = { kind: 'pointer', name: 'void *', size: 8 };
export const nothing = { kind: 'void', name: 'void', size: 0 } as const;

/** A struct by its members' [offset, type] and size; written out by hand, no layout rule involved. */
export function struct(
  size: number,
  align: number,
  ...members: readonly (readonly [number, ScalarType])[]
): StructType {
  return {
    kind: 'struct',
    name: 's',
    size,
    align,
    members: members.map(([offset, type], index) => ({ name: `m${index}`, type, offset })),
  };
}

export const pair = struct(16, 8, [0, u64], [8, u64]);
export const triple = struct(24, 8, [0, u64], [8, u64], [16, u64]);

/** `x0`, `x2:x3`, `S+0`, `S+0:S+8`, `*x1` for a reference; a size below 8 bytes follows in brackets. */
export function text(place: ArgumentPlace): string {
  return (place.byReference ? '*' : '') + pieces(place.pieces);
}

export function pieces(list: readonly Location[]): string {
  return list
    .map((piece) => {
      const where = piece.in === 'register' ? piece.register : `S+${piece.at}`;
      return piece.size === 8 ? where : `${where}[${piece.size}]`;
    })
    .join(':');
}

/** Asks a calling convention: `place` for everything, `places` for the arguments of a function that returns nothing. */
export function placementBy(abi: Pick<Abi, 'place'>) {
  const place = (result: ReturnType, ...types: readonly ValueType[]) => {
    const signature: Signature = {
      name: 'f',
      result,
      parameters: types.map((type, index) => ({ name: `a${index}`, type })),
    };
    return abi.place(signature);
  };
  const places = (...types: readonly ValueType[]) => place(nothing, ...types).parameters.map(text);
  return { place, places };
}
