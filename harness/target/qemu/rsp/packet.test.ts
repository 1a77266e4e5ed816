// SPDX-License-Identifier: MIT
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { cut, ofBytes, withRuns } from '../test/streams.js';
import { RspError } from './error.js';
import { Decoder, encode, type Received } from './packet.js';

const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
const bytes = (latin1: string) => new Uint8Array(Buffer.from(latin1, 'latin1'));
const decode = (stream: Uint8Array, limit = 0x2000): Received[] => new Decoder(limit).push(stream);

function failure(stream: string, limit?: number): readonly [kind: string, why: string] | null {
  try {
    decode(bytes(stream), limit);
    return null;
  } catch (error) {
    if (!(error instanceof RspError)) throw error;
    return [error.kind, error.message];
  }
}

/** Examples of the GDB manual, and sums by hand. */
describe('what a packet is', () => {
  test.each([
    ['', '$#00'],
    ['g', '$g#67'],
    ['OK', '$OK#9a'],
    ['m100000,10', '$m100000,10#1b'],
    ['}', '$}]#da'],
    ['#$*', '$}\x03}\x04}\x0a#88'],
  ])('%j is sent as %j', (payload, packet) => {
    expect(text(encode(payload))).toBe(packet);
    expect(text(encode(bytes(payload)))).toBe(packet);
    expect(decode(bytes(packet))).toEqual([bytes(payload)]);
  });

  test.each([
    ['0* ', '0000'],
    ['a0*"1', 'a0000001'],
    ['x*~', `x${'x'.repeat(97)}`],
    ['}\x03*!', '#####'],
  ])('%j is a run', (sent, payload) => {
    const sum = [...bytes(sent)].reduce((a, b) => a + b, 0) & 0xff;
    expect(
      decode(bytes(`$${sent}#${sum.toString(16).padStart(2, '0')}`)).map((one) => text(one as Uint8Array)),
    ).toEqual([payload]);
  });

  test('acknowledgements stand between packets; in a packet they are text', () => {
    expect(decode(bytes('+-+$+-#58+'))).toEqual(['ack', 'nak', 'ack', bytes('+-'), 'ack']);
  });

  test('digits of a checksum may be capitals', () => {
    expect(decode(bytes('$OK#9A'))).toEqual([bytes('OK')]);
  });

  test('it is known whether a packet is under way', () => {
    const decoder = new Decoder(10);
    const within = [...bytes('+$a}b*"#')].map(
      (byte) => [decoder.push(Uint8Array.of(byte)), decoder.within][1],
    );
    expect(within).toEqual([false, true, true, true, true, true, true, true]);
  });
});

describe('what none is', () => {
  test.each([
    ['$g#68', 'checksum', "a packet's checksum is 67, and it says 68"],
    ['$g#6x', 'checksum', 'byte 0x78 in a checksum'],
    ['$g#6 ', 'checksum', 'byte 0x20 in a checksum'],
    ['hello', 'garbage', 'byte 0x68 where a packet should begin'],
    ['%Stop:T05#00', 'garbage', 'byte 0x25 where a packet should begin'],
    ['$ab$c#63', 'garbage', 'a packet begins within another'],
    ['$*!#4b', 'garbage', 'a run of nothing'],
    ['$a*\x1f#00', 'garbage', 'byte 0x1f as the count of a run'],
    ['$a*\x7f#00', 'garbage', 'byte 0x7f as the count of a run'],
    ['$a*##00', 'garbage', 'byte 0x23 as the count of a run'],
    ['$a}#00', 'garbage', 'byte 0x23 after an escape'],
  ])('%j: %s', (stream, kind, why) => expect(failure(stream)).toEqual([kind, why]));

  test('what is too long, by itself or by its runs', () => {
    expect(failure('$12345#00', 5)).toEqual(['checksum', expect.any(String)]);
    expect(failure('$123456#ff', 5)).toEqual(['garbage', 'a packet of more than 5 bytes']);
    expect(failure('$1*"#ff', 5)).toEqual(['garbage', 'a packet of more than 5 bytes']);
  });
});

describe('always', () => {
  const payload = fc.uint8Array({ maxLength: 300 });
  const runny = fc
    .array(fc.tuple(fc.integer({ min: 0, max: 255 }), fc.integer({ min: 1, max: 220 })), { maxLength: 8 })
    .map((runs) => new Uint8Array(runs.flatMap(([byte, count]) => Array<number>(count).fill(byte))));
  const cuts = fc.array(fc.nat(), { maxLength: 10 });

  test('what was encoded is decoded, however it is cut and whatever stands beside it', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(payload, runny), { maxLength: 4 }), cuts, (payloads, places) => {
        const stream = ofBytes(payloads.flatMap((one) => [...bytes('+'), ...encode(one)]));
        const decoder = new Decoder(0x2000);
        const received = cut(stream, places).flatMap((chunk) => decoder.push(chunk));
        expect(received).toEqual(payloads.flatMap((one) => ['ack', one]));
        expect(decoder.within).toBe(false);
      }),
    );
  });

  test('what was sent with runs is decoded', () => {
    fc.assert(
      fc.property(runny, cuts, (one, places) => {
        const decoder = new Decoder(0x2000);
        expect(cut(withRuns(one), places).flatMap((chunk) => decoder.push(chunk))).toEqual([one]);
      }),
    );
  });

  test('a checksum that is not that of the text is refused', () => {
    fc.assert(
      fc.property(payload, fc.integer({ min: 1, max: 255 }), (one, off) => {
        const packet = encode(one);
        const sum = Number.parseInt(text(packet.subarray(-2)), 16);
        const wrong = ((sum + off) & 0xff).toString(16).padStart(2, '0');
        expect(failure(text(packet.subarray(0, -2)) + wrong)?.[0]).toBe('checksum');
      }),
    );
  });

  test('one changed byte never gives another payload', () => {
    fc.assert(
      fc.property(payload, fc.nat(), fc.integer({ min: 1, max: 255 }), (one, place, change) => {
        const packet = encode(one);
        const at = place % packet.length;
        packet[at] = (packet[at] as number) ^ change;
        let received: Received[] = [];
        try {
          received = decode(packet);
        } catch (error) {
          expect(error).toBeInstanceOf(RspError);
        }
        // Only the case of a digit of the checksum may change.
        for (const other of received) if (typeof other !== 'string') expect(other).toEqual(one);
      }),
      { numRuns: 2000 },
    );
  });

  test('any bytes at all are decoded or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), cuts, (stream, places) => {
        const decoder = new Decoder(50);
        try {
          for (const chunk of cut(stream, places)) decoder.push(chunk);
        } catch (error) {
          expect(error).toBeInstanceOf(RspError);
        }
      }),
    );
  });
});
