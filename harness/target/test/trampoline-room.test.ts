// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { TRAMPOLINE_BYTES, TRAMPOLINE_PLACES, TrampolineRoom } from '../session/trampoline-room.js';

const START = 0x4000n;
const fill = (room: TrampolineRoom) =>
  Array.from({ length: TRAMPOLINE_PLACES }, () => room.take('ftrace_trampoline'));

describe('room for trampolines of one ops', () => {
  test('is a row of places that do not overlap', () => {
    const places = fill(new TrampolineRoom(START));
    expect(places).toEqual(places.map((_, index) => START + BigInt(index * TRAMPOLINE_BYTES)));
  });

  test('says when there is none left, and has it again when one is given back', () => {
    const room = new TrampolineRoom(START);
    const places = fill(room);
    expect(() => room.take('ftrace_trampoline')).toThrow('more than 32 callbacks');
    room.give((places[5] as bigint) + 8n);
    expect(room.take('ftrace_trampoline')).toBe(places[5]);
  });

  test('is used again as late as possible', () => {
    const room = new TrampolineRoom(START);
    const first = room.take('ftrace_trampoline');
    room.give(first);
    expect(fill(room).at(-1)).toBe(first);
  });

  test('gives what is built there its name, until something else is', () => {
    const room = new TrampolineRoom(0x1000n);
    const [first] = [room.take('ftrace_trampoline'), room.take('kprobe_insn_page')];
    expect(room.symbolOf(0x1204n)).toEqual({ name: 'kprobe_insn_page', offset: 4 });
    expect(room.symbolOf(first + 0x1ffn)).toEqual({ name: 'ftrace_trampoline', offset: 0x1ff });
    expect(room.symbolOf(0x1400n)).toBeUndefined();
  });
});
