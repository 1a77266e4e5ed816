// SPDX-License-Identifier: MIT
/** Placement by rules: laws over random rules and prototypes, and one example by hand for each rule. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ScalarType, Signature, ValueType } from '../ctype/types.js';
import type { Location } from './contract.js';
import { type PlacementRules, placeByRules } from './placement.js';
import { placementProblem } from './smoke/placement.js';
import { prototypeText, SCALARS, structOf } from './smoke/signatures.js';

const REGISTERS = ['r0', 'r1', 'r2', 'r3', 'r4', 'r5', 'r6', 'r7'];
const RULES: PlacementRules = {
  argumentRegisters: REGISTERS.slice(0, 4),
  returnRegisters: ['r0', 'r1'],
  stackArguments: 0,
  evenPairs: false,
  split: false,
  backfill: false,
  largeStruct: 'reference',
  hidden: { register: 'r9', shifts: false, returned: null },
};

const signatureOf = (
  types: readonly ValueType[],
  result: Signature['result'] = { kind: 'void', name: 'void', size: 0 },
) => ({
  name: 'f',
  result,
  parameters: types.map((type, index) => ({ name: `a${index}`, type })),
});

describe('laws', () => {
  const scalar = fc.constantFrom(...SCALARS);
  const value: fc.Arbitrary<ValueType> = fc.oneof(
    scalar,
    fc.array(scalar, { minLength: 1, maxLength: 5 }).map((types) => structOf('s', types)),
  );
  const signature = fc
    .tuple(fc.array(value, { maxLength: 12 }), fc.option(value, { nil: undefined }))
    .map(([types, result]) => signatureOf(types, result));
  const rules = fc.record({
    argumentRegisters: fc.integer({ min: 1, max: 8 }).map((count) => REGISTERS.slice(0, count)),
    returnRegisters: fc.constant(['r0', 'r1']),
    stackArguments: fc.constantFrom(0, 8, 96, 160),
    evenPairs: fc.boolean(),
    split: fc.boolean(),
    backfill: fc.boolean(),
    largeStruct: fc.constantFrom('reference' as const, 'stack' as const),
    hidden: fc.constantFrom(
      { register: 'r0', shifts: true, returned: 'r0' },
      { register: 'r9', shifts: false, returned: null },
    ),
  });

  test('every byte of every value has one place, and no place serves two', () => {
    fc.assert(
      fc.property(rules, signature, (given, prototype) => {
        const convention = { ...given, place: (of: Signature) => placeByRules(given, of) };
        expect([prototypeText(prototype), placementProblem(convention, prototype)]).toEqual([
          prototypeText(prototype),
          null,
        ]);
      }),
      { numRuns: 500 },
    );
  });

  test('without backfill and pairs, arguments never go back: registers in order, then the stack upwards', () => {
    fc.assert(
      fc.property(rules, signature, (given, prototype) => {
        const strict = { ...given, backfill: false, largeStruct: 'reference' as const };
        const rank = (piece: Location) =>
          piece.in === 'register' ? REGISTERS.indexOf(piece.register) : 1000 + piece.at;
        const ranks = placeByRules(strict, prototype).parameters.flatMap(({ pieces }) => pieces.map(rank));
        expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
      }),
    );
  });
});

describe('rules, with four registers', () => {
  const [u64, i128] = ['u64', '__int128'].map((name) => SCALARS.find((type) => type.name === name)) as [
    ScalarType,
    ScalarType,
  ];
  const large = structOf('s', [u64, u64, u64]);
  const text = (rules: Partial<PlacementRules>, ...types: readonly ValueType[]) =>
    placeByRules({ ...RULES, ...rules }, signatureOf(types)).parameters.map(
      ({ pieces, byReference }) =>
        (byReference ? '*' : '') +
        pieces.map((piece) => (piece.in === 'register' ? piece.register : piece.at)).join(':'),
    );

  test('evenPairs: a 128-bit integer starts at an even register', () => {
    expect(text({ evenPairs: true }, u64, i128)).toEqual(['r0', 'r2:r3']);
    expect(text({ evenPairs: false }, u64, i128)).toEqual(['r0', 'r1:r2']);
  });

  test('split: half in the last register, half on the stack', () => {
    expect(text({ split: true }, u64, u64, u64, i128, u64)).toEqual(['r0', 'r1', 'r2', 'r3:0', '8']);
    expect(text({ split: false }, u64, u64, u64, i128, u64)).toEqual(['r0', 'r1', 'r2', '0:8', '16']);
  });

  test('backfill: a register left over serves a later argument', () => {
    expect(text({ backfill: true }, u64, u64, u64, i128, u64)).toEqual(['r0', 'r1', 'r2', '0:8', 'r3']);
  });

  test('largeStruct: an address, or the bytes themselves on the stack', () => {
    expect(text({ largeStruct: 'reference' }, large, u64)).toEqual(['*r0', 'r1']);
    expect(text({ largeStruct: 'stack' }, large, u64)).toEqual(['0:8:16', 'r0']);
  });

  test('stackArguments: where the first one lies; 16-byte values are aligned from there', () => {
    const eight = [u64, u64, u64, u64, u64, i128];
    expect(text({ stackArguments: 160 }, ...eight).slice(4)).toEqual(['160', '176:184']);
  });

  test('hidden: the address of the result is an argument, or has a register of its own', () => {
    const shifted = placeByRules(
      { ...RULES, hidden: { register: 'r0', shifts: true, returned: 'r0' } },
      signatureOf([u64], large),
    );
    expect(shifted.hidden).toEqual({ register: 'r0', returned: 'r0' });
    expect(shifted.parameters[0]?.pieces).toMatchObject([{ register: 'r1' }]);
    const apart = placeByRules(RULES, signatureOf([u64], large));
    expect(apart.parameters[0]?.pieces).toMatchObject([{ register: 'r0' }]);
    expect(apart.result).toEqual([]);
  });
});
