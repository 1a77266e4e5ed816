// SPDX-License-Identifier: MIT
/** The synchronous client, through its thread, against programs that play QEMU and are not what they should be. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Launch } from '../process.js';
import { Remote } from '../remote.js';
import { fakeEmulator } from '../test/fake-emulator.js';
import { type Channel, openChannel } from './channel.js';
import { RspError } from './error.js';
import { COMMAND_LIMIT, MOST_COMMANDS } from './shared.js';

/** Both ways to the stub: see ChannelOptions. */
let short = true;

function opened(launch: Launch, patience = 20_000): Channel {
  const channel = openChannel(launch, { patience, short });
  onTestFinished(() => channel.close());
  return channel;
}

const text = (reply: Uint8Array | undefined) => Buffer.from(reply ?? []).toString('latin1');

function thrown(act: () => unknown): RspError {
  try {
    act();
  } catch (error) {
    if (error instanceof RspError) return error;
    throw error;
  }
  return expect.fail('nothing was thrown');
}

/** Where temporary files go until the test ends. */
function ownTemporary(): string {
  const before = process.env.TMPDIR;
  const directory = mkdtempSync(join(tmpdir(), 'conform-own-'));
  process.env.TMPDIR = directory;
  onTestFinished(() => {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
    rmSync(directory, { recursive: true, force: true });
  });
  return directory;
}

const ECHO = 'listen((peer, command, turn) => peer.write(packet(turn + ":" + command)));';

describe.each([
  ['by the socket itself', true],
  ['through the other thread', false],
])('%s', (_, isShort) => {
  beforeEach(() => {
    short = isShort;
  });

  describe('one that answers', () => {
    test('is asked, again after a while, and in numbers', async () => {
      const channel = opened(fakeEmulator(ECHO));
      expect(text(channel.ask('first'))).toBe('0:first');
      // Its thread has gone back to its event loop by then.
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(text(channel.ask(Buffer.from('second')))).toBe('1:second');
      expect(channel.askAll([])).toEqual([]);
      const commands = Array.from({ length: 3 * MOST_COMMANDS + 1 }, (_, index) => `c${index}`);
      expect(channel.askAll(commands).map(text)).toEqual(commands.map((one, index) => `${index + 2}:${one}`));
    });

    test('is given commands of every length there may be, and none beyond', () => {
      const channel = opened(
        fakeEmulator('listen((peer, command) => peer.write(packet("" + command.length)));'),
      );
      for (const length of [0, 1, COMMAND_LIMIT])
        expect(text(channel.ask('x'.repeat(length)))).toBe(`${length}`);
      expect(() => channel.ask('x'.repeat(COMMAND_LIMIT + 1))).toThrow(RangeError);
      const longest = Array<string>(MOST_COMMANDS + 1).fill('x'.repeat(COMMAND_LIMIT));
      expect(new Set(channel.askAll(longest).map(text))).toEqual(new Set([`${COMMAND_LIMIT}`]));
    });

    test('may answer at any length, to all at once', () => {
      const channel = opened(
        fakeEmulator('listen((peer, command) => peer.write(packet("0".repeat(command))));'),
      );
      const commands = Array<string>(MOST_COMMANDS).fill('8192');
      expect(channel.askAll(commands).every(({ length }) => length === 8192)).toBe(true);
      expect(thrown(() => channel.ask('8193'))).toMatchObject({ kind: 'garbage' });
    });

    test('gets its flags, and a private place that is gone when it is connected', () => {
      const flags = ['-B', "a 'b; (c)"];
      const launch = fakeEmulator(
        'listen((peer) => peer.write(packet(flags.join(" ") + "|" + path)));',
        flags,
      );
      const temporary = ownTemporary();
      const [given, path = ''] = text(opened(launch).ask('?')).split('|');
      expect(given).toBe("-B a 'b; (c)");
      expect(path.startsWith(`${temporary}/`)).toBe(true);
      expect(readdirSync(temporary)).toEqual([]);
    });

    test('sees nothing of the environment that the harness runs in', () => {
      process.env.QEMU_STRACE = '1';
      onTestFinished(() => void delete process.env.QEMU_STRACE);
      const channel = opened(
        fakeEmulator('listen((peer) => peer.write(packet(Object.keys(process.env).sort().join())));'),
      );
      // What the shell adds that looks after it.
      const names = text(channel.ask('?')).split(',');
      expect(
        names.filter((name) => name !== 'PWD' && name !== 'OLDPWD' && name !== '_' && name !== 'SHLVL'),
      ).toEqual(['PATH']);
    });

    test('has ended when the channel is closed', () => {
      const channel = opened(fakeEmulator('listen((peer) => peer.write(packet("" + process.pid)));'));
      const pid = Number(text(channel.ask('?')));
      expect(existsSync(`/proc/${pid}`)).toBe(true);
      channel.close();
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      channel.close();
      expect(thrown(() => channel.ask('?'))).toMatchObject({
        kind: 'closed',
        message: 'the channel was closed',
      });
    });
  });

  describe('one that does not', () => {
    test.each<readonly [what: string, body: string, kind: string, why: RegExp]>([
      ['says nothing', 'listen(() => {});', 'hung', /^no reply within 300 ms$/],
      ['stops within a reply', 'listen((peer) => peer.write("+$00"));', 'hung', /^no reply within 300 ms$/],
      [
        'ends',
        'listen(() => { process.stderr.write("qemu: fatal: so\\n"); process.exit(3); });',
        'closed',
        /^the peer hung up: .*fake-emulator\.cjs ended with status 3: qemu: fatal: so$/,
      ],
      [
        'is killed within a reply',
        'listen((peer) => peer.write("+$00", () => process.kill(process.pid, "SIGSEGV")));',
        'truncated',
        /^the peer hung up within a reply: .*fake-emulator\.cjs was killed by SIGSEGV$/,
      ],
      [
        'hangs up and lives on',
        'listen((peer) => { peer.destroy(); setInterval(() => {}, 1000); });',
        'closed',
        /^the peer hung up: .*fake-emulator\.cjs was killed by SIGKILL$/,
      ],
      ['lies about a sum', 'listen((peer) => peer.write("+$OK#00"));', 'checksum', /is 9a, and it says 00$/],
      ['talks', 'listen((peer) => peer.write("hello"));', 'garbage', /^byte 0x68 where/],
    ])('but %s: a typed error, and it has ended', (_, body, kind, why) => {
      const before = `require('node:fs').writeFileSync(flags[0], '' + process.pid);`;
      const launch = fakeEmulator(before + body);
      const pidFile = `${launch.elf}.pid`;
      const channel = opened({ ...launch, flags: [pidFile] }, kind === 'hung' ? 300 : 20_000);
      const error = thrown(() => channel.ask('g'));
      expect([error.kind, error.message]).toEqual([kind, expect.stringMatching(why)]);
      expect(thrown(() => channel.ask('g'))).toMatchObject({ kind, message: error.message, replies: [] });
      expect(existsSync(`/proc/${readFileSync(pidFile, 'utf8')}`)).toBe(false);
    });

    test('but fails at one of several: the replies before it are there', () => {
      const channel = opened(
        fakeEmulator(
          'listen((peer, command, turn) => turn === 40 ? process.exit(0) : peer.write(packet("" + turn)));',
        ),
      );
      const error = thrown(() => channel.askAll(Array<string>(50).fill('g')));
      expect(error.kind).toBe('closed');
      expect(error.replies.map(text)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}`));
    });
  });

  describe('one that does not start', () => {
    test('since it ends: what it said', () => {
      const launch = fakeEmulator('process.stderr.write("no such guest\\n"); process.exit(1);');
      expect(thrown(() => openChannel(launch))).toMatchObject({
        kind: 'start',
        message: `${launch.emulator} ended with status 1: no such guest`,
      });
    });

    test('since it is not there', () => {
      const launch = { ...fakeEmulator(''), emulator: 'qemu-of-no-architecture' };
      const error = thrown(() => openChannel(launch));
      expect(error.kind).toBe('start');
      expect(error.message).toMatch(/^qemu-of-no-architecture ended with status 127: .*not found/);
    });

    test('since its guest is not executable, of which QEMU says no word', () => {
      const launch = fakeEmulator(ECHO);
      const elf = `${launch.elf}.plain`;
      writeFileSync(elf, '', { mode: 0o644 });
      for (const other of [elf, `${elf}.missing`])
        expect(thrown(() => openChannel({ ...launch, elf: other }))).toMatchObject({
          kind: 'start',
          message: `${other} is not there, or not executable`,
        });
    });

    test('leaves nothing behind', () => {
      const launch = fakeEmulator('process.exit(1);');
      const temporary = ownTemporary();
      expect(thrown(() => openChannel(launch)).kind).toBe('start');
      expect(readdirSync(temporary)).toEqual([]);
    });
  });

  describe('what is answered in packets that are well, and makes no sense', () => {
    test.each<readonly [what: string, answer: string, act: (remote: Remote) => unknown]>([
      ['memory of another length', '0011', (remote) => remote.readMemory(0n, 4)],
      ['half a byte', '00112', (remote) => remote.readRegisters()],
      ['no digits', 'zz', (remote) => remote.readRegister(0)],
      ['OK for a register', 'OK', (remote) => remote.readRegister(0)],
      ['a stop where OK should be', 'T05', (remote) => remote.writeMemory(0n, Uint8Array.of(1))],
      ['OK for a stop', 'OK', (remote) => remote.continueAt(null)],
      ['an unknown stop', 'N', (remote) => remote.stepAt(null)],
      ['a document that never ends', 'm', (remote) => remote.targetXml()],
    ])('%s', (_, answer, act) => {
      const registers = `command === "g" && ${!answer.startsWith('0')} ? "00000000" : "${answer}"`;
      const channel = opened(fakeEmulator(`listen((peer, command) => peer.write(packet(${registers})));`));
      expect(thrown(() => act(new Remote(channel)))).toMatchObject({ kind: 'garbage' });
    });

    test('what it does not have, or does not do, is a refusal, and it can be asked again', () => {
      const channel = opened(
        fakeEmulator(
          'listen((peer, command) => peer.write(packet({ g: "", p0: "E0e", "?": "T05thread:01;" }[command])));',
        ),
      );
      const remote = new Remote(channel);
      expect(() => remote.readRegisters()).toThrow(
        expect.objectContaining({ name: 'Refusal', code: null, message: 'g: the stub has no such command' }),
      );
      expect(() => remote.readRegister(0)).toThrow(
        expect.objectContaining({ name: 'Refusal', code: 14, message: 'p0: error 0e' }),
      );
      expect(remote.whyStopped()).toEqual({ kind: 'signal', signal: 5 });
    });

    test('a process that ends in a run has said how', () => {
      const fake = (stop: string) =>
        `listen((peer, command) => command === "c" ? peer.end(packet("${stop}"), () => process.exit()) : peer.write(packet("00")));`;
      const end = (stop: string) => new Remote(opened(fakeEmulator(fake(stop)))).run([], 'c');
      expect(end('W07')).toEqual({ stop: { kind: 'exited', status: 7 }, registers: null });
      expect(end('X0b')).toEqual({ stop: { kind: 'killed', signal: 11 }, registers: null });
      expect(thrown(() => end('T05'))).toMatchObject({ kind: 'closed' });
    });
  });
});
