// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { TRAMPOLINE_BYTES, TRAMPOLINE_PLACES, TrampolineRoom } from '../session/trampoline-room.js';

const START = 0x4000n;
const fill = (room: TrampolineRoom) => Array.from({ length: TRAMPOLINE_PLACES }, () => room.take());

describe('room for trampolines of one ops', () => {
  test('is a row of places that do not overlap', () => {
    const places = fill(new TrampolineRoom(START));
    expect(places).toEqual(places.map((_, index) => START + BigInt(index * TRAMPOLINE_BYTES)));
  });

  test('says when there is none left, and has it again when one is given back', () => {
    const room = new TrampolineRoom(START);
    const places = fill(room);
    expect(() => room.take()).toThrow('more than 32 callbacks');
    room.give((places[5] as bigint) + 8n);
    expect(room.take()).toBe(places[5]);
  });

  test('is used again as late as possible', () => {
    const room = new TrampolineRoom(START);
    const first = room.take();
    room.give(first);
    expect(fill(room).at(-1)).toBe(first);
  });
});
