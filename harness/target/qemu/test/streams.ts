// SPDX-License-Identifier: MIT
/** Streams of bytes as tests need them: cut anywhere, and with runs as a stub may send them. */

export const ofBytes = (bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

/** The same bytes in chunks, some of them empty. @param places any numbers */
export function cut(stream: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b);
  return [...ends, stream.length].map((end, index) => stream.slice(ends[index - 1] ?? 0, end));
}

const sumOf = (sent: Uint8Array | readonly number[]) =>
  ([...sent].reduce((a, b) => a + b, 0) & 0xff).toString(16).padStart(2, '0');

/** A packet whose runs of four and more are sent as such (GDB manual, "Remote Protocol: Overview"). */
export function withRuns(payload: Uint8Array): Uint8Array {
  const sent: number[] = [];
  for (let at = 0; at < payload.length; ) {
    const byte = payload[at] as number;
    let more = 0;
    while (payload[at + 1 + more] === byte && more < 0x7e - 29) more++;
    // The counts that would be `#` and `$`.
    if (more === 6 || more === 7) more = 5;
    const character = '#$*}'.includes(String.fromCharCode(byte)) ? [0x7d, byte ^ 0x20] : [byte];
    sent.push(...character);
    if (more >= 3) {
      sent.push(0x2a, more + 29);
      at += more + 1;
    } else at++;
  }
  return ofBytes([0x24, ...sent, ...Buffer.from(`#${sumOf(sent)}`)]);
}

/** A packet as it should be, of text without anything special. */
export const packet = (text: string) => `$${text}#${sumOf(Buffer.from(text))}`;
