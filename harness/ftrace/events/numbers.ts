// SPDX-License-Identifier: MIT
/** Numbers as the kernel reads them: linux 7.2 lib/kstrtox.c, lib/vsprintf.c. */

interface Scanned {
  readonly value: bigint;
  /** Characters taken, from the start of the text. */
  readonly length: number;
}

/** `simple_strtoul`: as far as digits go; base 0 tells by `0x` and `0`. Nothing there: 0, and no character taken. */
export function scanUnsigned(text: string, base: 0 | 10): Scanned {
  if (base === 0 && /^0[xX][0-9a-fA-F]/.test(text)) {
    const digits = /^0[xX][0-9a-fA-F]+/.exec(text)?.[0] ?? '';
    return { value: BigInt(digits), length: digits.length };
  }
  const octal = base === 0 && text.startsWith('0');
  const digits = (octal ? /^[0-7]+/ : /^[0-9]+/).exec(text)?.[0] ?? '';
  const value = digits === '' ? 0n : BigInt(octal ? `0o${digits}` : digits);
  return { value, length: digits.length };
}

/** `kstrtoul`: the whole text, an optional `+` before it; `null` for an error. */
export function parseUnsigned(text: string, base: 0 | 10, bits: 32 | 64 = 64): bigint | null {
  const digits = text.startsWith('+') ? text.slice(1) : text;
  const { value, length } = scanUnsigned(digits, base);
  if (length === 0 || length !== digits.length || value >= 1n << BigInt(bits)) return null;
  return value;
}

/** `kstrtol`: as {@link parseUnsigned}, with a `-` too. */
export function parseSigned(text: string): bigint | null {
  const negative = text.startsWith('-');
  const value = parseUnsigned(negative ? text.slice(1) : text, 0);
  // A sign takes no second one.
  if (value === null || (negative && text.startsWith('-+'))) return null;
  if (value > (negative ? 1n << 63n : (1n << 63n) - 1n)) return null;
  return negative ? -value : value;
}
