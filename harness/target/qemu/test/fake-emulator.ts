// SPDX-License-Identifier: MIT
/**
 * Emulators that are none: programs which listen where they are told, as QEMU's `-g` does, and then behave as a test
 * wants it.
 */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Launch } from '../process.js';

/**
 * Writes one for the length of a test.
 * @param body JavaScript. `flags`: those of the launch; `listen(turn)`: serves one client, whose n-th command, without
 *   framing, `turn(peer, command, n)` answers; `packet(text)`: an acknowledgement and a packet
 */
export function fakeEmulator(body: string, flags: readonly string[] = []): Launch {
  const directory = mkdtempSync(join(tmpdir(), 'conform-fake-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  const write = (name: string, text: string) => {
    const file = join(directory, name);
    writeFileSync(file, text);
    chmodSync(file, 0o755);
    return file;
  };
  const emulator = write('fake-emulator.cjs', `#!${process.execPath}\n${PROLOGUE}\n${body}\n`);
  return { emulator, flags, elf: write('guest.elf', '') };
}

const PROLOGUE = String.raw`
const flags = process.argv.slice(2, process.argv.indexOf('-g'));
const path = process.argv[process.argv.indexOf('-g') + 1];
const packet = (text) => {
  const sum = [...Buffer.from(text)].reduce((a, b) => a + b, 0) & 0xff;
  return '+$' + text + '#' + sum.toString(16).padStart(2, '0');
};
const listen = (turn) => {
  let count = 0;
  const server = require('node:net').createServer((peer) => {
    server.close();
    peer.on('error', () => {});
    peer.on('data', (chunk) => {
      const command = /\$(.*)#/.exec(chunk.toString('latin1'));
      if (command !== null) turn(peer, command[1], count++);
    });
  });
  server.listen(path);
};`;
