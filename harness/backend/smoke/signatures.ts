// SPDX-License-Identifier: MIT
/** Prototypes to try a calling convention on: a fixed, seeded sample, so that a finding repeats. */
import type {
  IntegerType,
  Parameter,
  ReturnType,
  ScalarType,
  Signature,
  StructMember,
  StructType,
  ValueType,
} from '../../ctype/types.js';

const integer = (name: string, size: IntegerType['size'], signed: boolean): IntegerType => ({
  kind: 'integer',
  name,
  size,
  signed,
});

export const SCALARS: readonly ScalarType[] = [
  integer('bool', 1, false),
  integer('s8', 1, true),
  integer('u8', 1, false),
  integer('s16', 2, true),
  integer('u32', 4, false),
  integer('int', 4, true),
  integer('u64', 8, false),
  integer('__int128', 16, true),
  { kind: 'pointer', name: 'void *', size: 8 },
];

/** A struct of these members with natural alignment. */
export function structOf(name: string, types: readonly ScalarType[]): StructType {
  const members: StructMember[] = [];
  let end = 0;
  for (const [index, type] of types.entries()) {
    const offset = Math.ceil(end / type.size) * type.size;
    members.push({ name: `m${index}`, type, offset });
    end = offset + type.size;
  }
  const align = Math.max(...types.map((type) => type.size));
  return { kind: 'struct', name, size: Math.ceil(end / align) * align, align, members };
}

/** `n` parameters of type u64. */
export function words(n: number): Signature {
  const type = integer('u64', 8, false);
  return signatureOf(
    type,
    Array.from({ length: n }, () => type),
  );
}

function signatureOf(result: ReturnType, types: readonly ValueType[]): Signature {
  const parameters: Parameter[] = types.map((type, index) => ({ name: `a${index}`, type }));
  return { name: 'f', result, parameters };
}

/** Up to 12 parameters of every kind; the same list each time. */
export function sampleSignatures(count: number): Signature[] {
  let state = 20240607;
  // Numerical Recipes' 32-bit congruential generator; the high bits are the random ones.
  const below = (bound: number): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
  const scalar = () => SCALARS[below(SCALARS.length)] as ScalarType;
  const value = (): ValueType =>
    below(4) === 0 ? structOf('s', Array.from({ length: 1 + below(4) }, scalar)) : scalar();
  return Array.from({ length: count }, () =>
    signatureOf(
      below(6) === 0 ? { kind: 'void', name: 'void', size: 0 } : value(),
      Array.from({ length: below(13) }, value),
    ),
  );
}

/** `u64 f(s8, struct s {u64, u32})` */
export function prototypeText({ name, result, parameters }: Signature): string {
  const text = (type: ReturnType): string =>
    type.kind === 'struct'
      ? `struct ${type.name} {${type.members.map((member) => member.type.name).join(', ')}}`
      : type.name;
  return `${text(result)} ${name}(${parameters.map(({ type }) => text(type)).join(', ')})`;
}
