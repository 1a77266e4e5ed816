// SPDX-License-Identifier: MIT
/** Logs of an emulator that there is not, whole, broken off and false. */
import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Qemu, QemuLog } from '../../../backend/contract.js';
import { backends } from '../../test/subjects.js';
import { LogFile } from './log-file.js';
import { LogFormat } from './log-format.js';

const REGISTERS = { names: ['a', 'flags', 'secret'], aliases: {} };
const [anyBackend] = backends;
const qemu = (log: Partial<QemuLog>): Qemu => ({
  ...(anyBackend?.backend.qemu as Qemu),
  user: 'qemu-toy',
  pc: 'pc',
  hidden: ['secret'],
  registers: { flags: { register: 'status', mask: 0xfn, shift: 4 } },
  log: { lines: ['PC={pc} A={a}', 'S={status?} [{}]'], rest: ['X='], twice: [], ...log },
});
const format = (log: Partial<QemuLog> = {}) => new LogFormat(REGISTERS, qemu(log));
const read = (text: string, log: Partial<QemuLog> = {}) =>
  [...format(log).records(text)].map(({ pc, values }) => [pc, ...values]);
const RECORD = 'PC=10 A=ff\nS=000000a5 [--]\nX=1\n';

test('records are told in terms of our registers, by the bits that there are', () => {
  expect([...format().records(RECORD)][0]).toEqual({ pc: 0x10n, values: [0xffn, 0xan, null] });
});

test('what is not hexadecimal is not told, and told again when it is', () => {
  const text = `${RECORD}PC=14 A=ff\nS=LATER [--]\n${RECORD}`;
  const seen: unknown[] = [];
  for (const { values } of format().records(text)) seen.push(values[1]);
  expect(seen).toEqual([0xan, null, 0xan]);
});

test('a log that breaks off is an error, wherever it does', () => {
  for (const length of [1, 5, 11, 20, RECORD.length - 1])
    expect(() => read(RECORD.slice(0, length)), `${length} bytes`).toThrow(/the log breaks off/);
  expect(read('')).toEqual([]);
  // Whole lines, but no whole record.
  expect(() => read('PC=10 A=ff\n')).toThrow(/the log breaks off/);
});

test('lines that belong to no record are an error', () => {
  expect(() => read(`${RECORD}qemu: this is new\n`)).toThrow(/says something else.*this is new/);
  expect(() => read(`X=1\n${RECORD}`)).toThrow(/says something else/);
});

test('a record with a register that nobody knows is refused, and one without program counter', () => {
  expect(() => format({ lines: ['PC={pc} A={a} B={b}'] })).toThrow('no register b');
  expect(() => format({ lines: ['A={a}'] })).toThrow('a record without pc');
});

test('the back-ends’ own forms tell all registers that are not hidden', () => {
  for (const { backend } of backends) {
    const { qemu: own, instructions } = backend;
    // Every slot with something in it.
    const text = `${own.log.lines.map((line) => line.replace(/\{\w*\??\}/g, '2')).join('\n')}\n`;
    const [record] = new LogFormat(instructions.registers, own).records(text);
    const told = instructions.registers.names.filter((_, index) => record?.values[index] != null);
    const shown = instructions.registers.names.filter(
      (name) => !(own.hidden as readonly string[]).includes(name),
    );
    expect(told, backend.arch).toEqual(shown);
  }
});

test('a log is read as far as it has come, and not beyond bounds', () => {
  const directory = mkdtempSync(join(tmpdir(), 'conform-log-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const path = join(directory, 'log');
  writeFileSync(path, 'one\n');
  const log = new LogFile(path, 8);
  expect([log.next(), log.next()]).toEqual(['one\n', '']);
  appendFileSync(path, 'two\n');
  expect([log.next(), log.size]).toEqual(['two\n', 8]);
  appendFileSync(path, 'much more\n');
  expect(() => log.next()).toThrow('10 bytes; at most 8');
  truncateSync(path, 4);
  expect(() => log.next()).toThrow('shrunk from 18 to 4');
  log.begin();
  expect(log.next()).toBe('one\n');
  log.close();
});
