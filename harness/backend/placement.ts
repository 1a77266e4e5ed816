// SPDX-License-Identifier: MIT
/**
 * Argument placement by a few declared rules, for ABIs whose arguments are assigned to words in order.
 * A back-end states its rules as data; this file only walks the prototype. Little-endian pieces.
 */
import type { ReturnType, Signature, ValueType } from '../ctype/types.js';
import type { ArgumentPlace, Location, Placement } from './contract.js';

export interface PlacementRules {
  readonly argumentRegisters: readonly string[];
  readonly returnRegisters: readonly string[];
  /** Bytes from S to the first stack argument. */
  readonly stackArguments: number;
  /** 16-byte integers start at an even register. */
  readonly evenPairs: boolean;
  /** A value of two words may lie half in the last register, half on the stack. */
  readonly split: boolean;
  /** Registers left over when a value went to the stack still serve later arguments. */
  readonly backfill: boolean;
  /** Structs above 16 bytes: address of a copy, or the copy itself on the stack. */
  readonly largeStruct: 'reference' | 'stack';
  /** Register with the address of a result returned in memory; `shifts` when it is an argument register. */
  readonly hidden: { readonly register: string; readonly shifts: boolean; readonly returned: string | null };
}

const WORD = 8;

function alignmentOf(type: ValueType): number {
  return type.kind === 'struct' ? type.align : type.size;
}

/** Pieces of `size` bytes in words, each word made a place by `place`. */
function pieces(size: number, place: (word: number, offset: number, bytes: number) => Location): Location[] {
  const made: Location[] = [];
  for (let offset = 0; offset < size; offset += WORD)
    made.push(place(offset / WORD, offset, Math.min(WORD, size - offset)));
  return made;
}

/** Places arguments and result of one prototype. */
export function placeByRules(rules: PlacementRules, signature: Signature): Placement {
  const inMemory = signature.result.size > 2 * WORD;
  let register = inMemory && rules.hidden.shifts ? 1 : 0;
  let stack = 0;

  const onStack = (size: number, align: number): Location[] => {
    stack = Math.ceil(stack / align) * align;
    const at = rules.stackArguments + stack;
    stack += Math.ceil(size / WORD) * WORD;
    return pieces(size, (_word, offset, bytes) => ({ in: 'stack', at: at + offset, offset, size: bytes }));
  };

  const parameter = (type: ValueType): ArgumentPlace => {
    const large = type.kind === 'struct' && type.size > 2 * WORD;
    const byReference = large && rules.largeStruct === 'reference';
    const size = byReference ? WORD : type.size;
    const align = byReference ? WORD : Math.max(WORD, alignmentOf(type));
    const words = Math.ceil(size / WORD);
    if (large && !byReference) return { pieces: onStack(size, align), byReference };

    const first = align > WORD && rules.evenPairs ? Math.ceil(register / 2) * 2 : register;
    const free = rules.argumentRegisters.length - first;
    if (words <= free) {
      register = first + words;
      const place = pieces(size, (word, offset, bytes) => ({
        in: 'register',
        register: rules.argumentRegisters[first + word] as string,
        offset,
        size: bytes,
      }));
      return { pieces: place, byReference };
    }
    if (rules.split && free > 0) {
      register = rules.argumentRegisters.length;
      const head: Location = {
        in: 'register',
        register: rules.argumentRegisters[first] as string,
        offset: 0,
        size: WORD,
      };
      const tail = onStack(size - WORD, WORD).map((piece) => ({ ...piece, offset: piece.offset + WORD }));
      return { pieces: [head, ...tail], byReference };
    }
    if (!rules.backfill) register = rules.argumentRegisters.length;
    return { pieces: onStack(size, align), byReference };
  };

  return {
    parameters: signature.parameters.map(({ type }) => parameter(type)),
    result: resultPieces(rules, signature.result),
    hidden: inMemory ? { register: rules.hidden.register, returned: rules.hidden.returned } : null,
    stackBytes: stack,
  };
}

function resultPieces(rules: PlacementRules, type: ReturnType): Location[] {
  if (type.size > 2 * WORD) return [];
  return pieces(type.size, (word, offset, size) => ({
    in: 'register',
    register: rules.returnRegisters[word] as string,
    offset,
    size,
  }));
}
