// SPDX-License-Identifier: MIT
/**
 * Commands of the remote protocol as text, and what replies say (GDB manual, "Packets"). Registers and memory are in
 * the target's byte order throughout.
 */

/** Bytes of memory that QEMU 10.0.2 gives in one reply. */
export const MOST_READ = 0x800;
/** Bytes of memory that it takes in one command. */
export const MOST_WRITTEN = 0x7e0;

const number = (value: bigint | number) => value.toString(16);
const hex = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');

export const command = {
  readRegisters: 'g',
  writeRegisters: (bytes: Uint8Array) => `G${hex(bytes)}`,
  readRegister: (register: number) => `p${number(register)}`,
  writeRegister: (register: number, bytes: Uint8Array) => `P${number(register)}=${hex(bytes)}`,
  /** In parts that one reply can hold, in order. */
  readMemory: (address: bigint, length: number) =>
    parts(length, MOST_READ).map(({ from, to }) => `m${number(at(address, from))},${number(to - from)}`),
  writeMemory: (address: bigint, bytes: Uint8Array) =>
    parts(bytes.length, MOST_WRITTEN).map(
      ({ from, to }) => `M${number(at(address, from))},${number(to - from)}:${hex(bytes.subarray(from, to))}`,
    ),
  /** The kind is ignored by QEMU, and so left out of sight. */
  insertBreakpoint: (address: bigint) => `Z0,${number(address)},1`,
  removeBreakpoint: (address: bigint) => `z0,${number(address)},1`,
  /** `null`: from where it is. */
  continueAt: (address: bigint | null) => `c${address === null ? '' : number(address)}`,
  stepAt: (address: bigint | null) => `s${address === null ? '' : number(address)}`,
  whyStopped: '?',
  kill: 'k',
  readFeatures: (document: string, offset: number, length: number) =>
    `qXfer:features:read:${document}:${number(offset)},${number(length)}`,
} as const;

const at = (address: bigint, offset: number) => BigInt.asUintN(64, address + BigInt(offset));

function parts(length: number, most: number): { readonly from: number; readonly to: number }[] {
  return Array.from({ length: Math.ceil(length / most) }, (_, index) => ({
    from: index * most,
    to: Math.min(length, (index + 1) * most),
  }));
}

/** The stub will not, or cannot, do what it was asked; it is as it was before. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** @param code `E14`: the number as the stub gives it; `null` for a command that it does not have */
  constructor(
    readonly command: string,
    readonly code: number | null,
  ) {
    super(
      `${shortened(command)}: ${code === null ? 'the stub has no such command' : `error ${number(code).padStart(2, '0')}`}`,
    );
  }
}

const shortened = (text: string) => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

const textOf = (reply: Uint8Array) =>
  Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength).toString('latin1');

/**
 * A reply's text.
 * @throws Refusal for `E` and two digits, and for the empty reply
 */
export function accepted(asked: string, reply: Uint8Array): string {
  const text = textOf(reply);
  if (text === '') throw new Refusal(asked, null);
  // Of registers and memory, no reply has an odd number of digits.
  if (/^E[0-9a-f]{2}$/i.test(text)) throw new Refusal(asked, Number.parseInt(text.slice(1), 16));
  return text;
}

/** Bytes in hexadecimal digits. `null`: it is something else. @param length bytes there must be, if that is known */
export function bytesIn(text: string, length?: number): Uint8Array | null {
  const bytes = Buffer.from(text, 'hex');
  // Node stops at the first pair that is none.
  if (bytes.length * 2 !== text.length || (length !== undefined && bytes.length !== length)) return null;
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
}
