// SPDX-License-Identifier: MIT
/** Against QEMU itself, one guest for each architecture. What the registers are called and where they lie was measured. */
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, onTestFinished, test } from 'vitest';
import { command, Refusal } from './commands.js';
import { Remote } from './remote.js';
import { type Channel, openChannel } from './rsp/channel.js';
import { SIGNAL } from './stop.js';
import { readTargetXml } from './target-xml.js';
import {
  COUNT,
  DATA,
  DATA_BYTES,
  GUESTS,
  type Guest,
  guestFile,
  NOWHERE,
  TEXT,
  textOf,
} from './test/guests.js';
import { withEmulator } from './test/tools.js';

for (const guest of GUESTS) withEmulator(guest.emulator, () => describe(guest.arch, () => suite(guest)));

function suite(guest: Guest): void {
  const { registers, order, past = 0 } = guest;
  const opened = (patience?: number): { readonly channel: Channel; readonly remote: Remote } => {
    const launch = { emulator: guest.emulator, elf: guestFile(guest) };
    const channel = openChannel(launch, patience === undefined ? {} : { patience });
    onTestFinished(() => channel.close());
    return { channel, remote: new Remote(channel) };
  };
  const value = (bytes: Uint8Array) =>
    BigInt(`0x${Buffer.from(order === 'little' ? bytes.toReversed() : bytes).toString('hex')}`);
  const pc = (remote: Remote) => value(remote.readRegisters().subarray(registers.pc[1], registers.pc[1] + 8));

  test('its registers are what they were measured to be', () => {
    const { remote } = opened();
    const all = remote.readRegisters();
    expect(all.length).toBe(registers.length);
    const table = remote.targetXml();
    const [name, offset] = registers.pc;
    expect(table.find((one) => one.name === name)).toMatchObject({ bits: 64, offset });
    expect(new Set(table.map(({ number }) => number)).size).toBe(table.length);
    const leading = table.filter((one) => one.offset !== null);
    expect(leading.reduce((sum, { bits }) => sum + bits / 8, 0)).toBe(registers.length);
    for (const { number, bits, offset } of leading)
      expect([number, remote.readRegister(number)]).toEqual([
        number,
        all.slice(offset as number, (offset as number) + bits / 8),
      ]);
  });

  test('its documents say the same to an XML library', () => {
    const { channel, remote } = opened();
    const documents = new Map<string, string>();
    const read = (name: string) => {
      let text = '';
      for (let last = false; !last; ) {
        const reply = channel.ask(command.readFeatures(name, text.length, 0x400));
        last = reply[0] === 'l'.charCodeAt(0);
        text += Buffer.from(reply.subarray(1)).toString('latin1');
      }
      documents.set(name, text);
      return text;
    };
    const table = readTargetXml(read, registers.length);
    expect(table).toEqual(remote.targetXml());
    const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '', preserveOrder: true });
    type Node = { readonly ':@'?: Readonly<Record<string, string>> } & Readonly<Record<string, unknown>>;
    const tags = (nodes: readonly Node[]): Readonly<Record<string, string>>[] =>
      nodes.flatMap((node) => {
        if ('reg' in node) return [node[':@'] ?? {}];
        if ('xi:include' in node)
          return tags(parser.parse(documents.get(node[':@']?.href ?? '') ?? '') as Node[]);
        return Object.values(node).flatMap((inner) => (Array.isArray(inner) ? tags(inner) : []));
      });
    const theirs = tags(parser.parse(documents.get('target.xml') ?? '') as Node[]);
    expect(theirs.length).toBeGreaterThan(16);
    expect(table.map(({ name, bits }) => [name, `${bits}`])).toEqual(
      theirs.map(({ name, bitsize }) => [name, bitsize]),
    );
    for (const [index, { regnum }] of theirs.entries())
      if (regnum !== undefined) expect(`${table[index]?.number}`).toBe(regnum);
  });

  test('registers keep what is written, by one or all together', () => {
    const { remote } = opened();
    const one = remote.targetXml().find(({ name }) => name === registers.any);
    if (one === undefined || one.offset === null) return expect.fail(`no ${registers.any}`);
    const bytes = Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8]);
    remote.writeRegister(one.number, bytes);
    expect(remote.readRegister(one.number)).toEqual(bytes);
    const all = remote.readRegisters();
    expect(all.slice(one.offset, one.offset + 8)).toEqual(bytes);
    all.set(bytes.toReversed(), one.offset);
    remote.writeRegisters(all);
    expect(remote.readRegisters()).toEqual(all);
  });

  test('memory of any length, text too; what is not mapped is refused', () => {
    const { remote } = opened();
    expect(remote.readMemory(TEXT, 4 * COUNT)).toEqual(new Uint8Array(textOf(guest)));
    for (const length of [0, 1, 0x7e0, 0x7e1, 0x800, 0x801, 5000, DATA_BYTES - 8]) {
      const bytes = Uint8Array.from({ length }, (_, index) => (index * 7 + length) & 0xff);
      remote.writeMemory(DATA + 3n, bytes);
      expect(remote.readMemory(DATA + 3n, length)).toEqual(bytes);
    }
    remote.writeMemory(TEXT, Buffer.from('01020304', 'hex'));
    expect(remote.readMemory(TEXT, 4)).toEqual(Uint8Array.from([1, 2, 3, 4]));
    const refused = { name: 'Refusal', code: 0x14 };
    expect(() => remote.readMemory(NOWHERE, 8)).toThrow(expect.objectContaining(refused));
    expect(() => remote.writeMemory(NOWHERE, Uint8Array.of(1))).toThrow(expect.objectContaining(refused));
    expect(() => remote.readMemory(DATA + BigInt(DATA_BYTES - 4), 8)).toThrow(Refusal);
    expect(remote.readMemory(DATA, 3)).toEqual(new Uint8Array(3));
  });

  test('it runs to a breakpoint, or one instruction, and memory does not show it', () => {
    const { remote } = opened();
    const at = (index: number) => TEXT + BigInt(4 * index);
    const trapped = { kind: 'signal', signal: SIGNAL.trap };
    expect(remote.whyStopped()).toEqual(trapped);
    expect(pc(remote)).toBe(TEXT);
    remote.insertBreakpoint(at(3));
    expect(remote.readMemory(TEXT, 4 * COUNT)).toEqual(new Uint8Array(textOf(guest)));
    expect([remote.continueAt(null), pc(remote)]).toEqual([trapped, at(3)]);
    expect([remote.stepAt(at(1)), pc(remote)]).toEqual([trapped, at(2)]);
    expect([remote.stepAt(null), pc(remote)]).toEqual([trapped, at(3)]);
    const { stop, registers: after } = remote.run(
      [command.removeBreakpoint(at(3)), command.insertBreakpoint(at(2))],
      command.continueAt(at(0)),
    );
    expect(stop).toEqual(trapped);
    expect(value((after as Uint8Array).subarray(registers.pc[1], registers.pc[1] + 8))).toBe(at(2));
  });

  test('faults and what is no instruction stop it; it can go on', () => {
    const { remote } = opened();
    expect(remote.continueAt(NOWHERE)).toEqual({ kind: 'signal', signal: SIGNAL.segment });
    expect(pc(remote)).toBe(NOWHERE);
    expect(remote.continueAt(TEXT)).toEqual({ kind: 'signal', signal: SIGNAL.illegal });
    expect(pc(remote)).toBe(TEXT + BigInt(4 * (COUNT - 2) + past));
    expect(remote.stepAt(TEXT)).toEqual({ kind: 'signal', signal: SIGNAL.trap });
    const [refused = ''] = command.writeMemory(NOWHERE, Uint8Array.of(1));
    expect(() => remote.run([refused], command.stepAt(TEXT))).toThrow(Refusal);
    expect(pc(remote)).toBe(TEXT + 4n);
  });

  test('what runs away is told, and the next one starts afresh', () => {
    const { remote } = opened(500);
    const away = TEXT + BigInt(4 * (COUNT - 1));
    const hung = expect.objectContaining({ kind: 'hung', message: 'no reply within 500 ms' });
    expect(() => remote.continueAt(away)).toThrow(hung);
    expect(() => remote.readRegisters()).toThrow(hung);
    remote.kill();
    remote.kill();
    expect(() => remote.readRegisters()).toThrow(hung);
    expect(pc(opened().remote)).toBe(TEXT);
  });
}
