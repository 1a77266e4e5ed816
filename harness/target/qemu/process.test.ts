// SPDX-License-Identifier: MIT
/** However the harness ends, QEMU ends with it: each test starts a harness, ends it in some way, and looks for QEMU. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Launch } from './process.js';
import { fakeEmulator } from './test/fake-emulator.js';
import { COUNT, GUESTS, type Guest, guestFile, TEXT } from './test/guests.js';
import { withEmulator } from './test/tools.js';

/** Milliseconds within which QEMU must be there, or gone, on a machine that does other things too. */
const PATIENCE = 20_000;

const root = fileURLToPath(new URL('../../..', import.meta.url));
const ROOM = 'harness/target/qemu/rsp';
let home: string;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'conform-home-'));
  writeFileSync(join(home, 'package.json'), '{ "type": "module" }');
  const entries = ['channel', 'worker'].map((name) => [`${ROOM}/${name}`, join(root, ROOM, `${name}.ts`)]);
  await build({
    input: Object.fromEntries(entries),
    platform: 'node',
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    output: { dir: home, entryFileNames: '[name].js', chunkFileNames: 'harness/chunks/[name]-[hash].js' },
  });
}, 60_000);
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Processes that were started with this file. Their own names may be anything. */
const running = (file: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(file);
      } catch {
        return false;
      }
    })
    .map(Number);

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let waited = 0; !holds(); waited += 20) {
    if (waited > PATIENCE) expect.fail(`never: ${what}`);
    await sleep(20);
  }
}

/**
 * A harness with a channel `channel`, doing something.
 * @param body JavaScript of a module; `say` tells the test that it has come so far
 */
async function harness(launch: Launch, body: string, isThread = false): Promise<ChildProcess> {
  const name = join(home, `harness-${Math.random().toString(36).slice(2)}.mjs`);
  const inner = `
    import { writeSync } from 'node:fs';
    import { Worker } from 'node:worker_threads';
    import { openChannel } from './${ROOM}/channel.js';
    const say = () => writeSync(1, 'here');
    const open = () => openChannel(${JSON.stringify(launch)});
    ${body}`;
  writeFileSync(name, inner);
  const outer = join(home, `outer-${Math.random().toString(36).slice(2)}.mjs`);
  writeFileSync(
    outer,
    `import { Worker } from 'node:worker_threads';
     const worker = new Worker(${JSON.stringify(name)});
     process.on('SIGUSR2', () => worker.terminate());
     setInterval(() => {}, 1000);`,
  );
  const child = spawn(process.execPath, [isThread ? outer : name], { stdio: ['ignore', 'pipe', 'ignore'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
    // Nothing is to be left of a test that fails, either.
    for (const pid of running(launch.elf)) process.kill(pid, 'SIGKILL');
  });
  await once(child.stdout as NodeJS.ReadableStream, 'data');
  return child;
}

const gone = (launch: Launch) => until('it has ended', () => running(launch.elf).length === 0);
const there = (launch: Launch) => until('it is there', () => running(launch.elf).length === 1);

const guest = GUESTS.find(({ arch }) => arch === 'arm64') as Guest;
const FOREVER = (TEXT + BigInt(4 * (COUNT - 1))).toString(16);
/** Into the loop; and one step of it, from where it would go on for ever if it were let go. */
const [LOOP, STEP] = [`c${FOREVER}`, `s${FOREVER}`] as const;

withEmulator(guest.emulator, () =>
  describe('QEMU ends when the harness', () => {
    const launched = (): Launch => ({ emulator: guest.emulator, elf: guestFile(guest) });
    const STOPPED = `const channel = open(); channel.ask('${STEP}'); say(); setInterval(() => channel.ask('g'), 50);`;
    const LOOPING = `const channel = open(); say(); channel.ask('${LOOP}');`;

    for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT', 'SIGHUP'] as const)
      test.each([
        ['and the guest is stopped', STOPPED],
        ['and the guest loops for ever', LOOPING],
      ])(`gets ${signal}, %s`, async (_, body) => {
        const launch = launched();
        const child = await harness(launch, body);
        await there(launch);
        // Well within the loop.
        await sleep(100);
        expect(running(launch.elf)).toHaveLength(1);
        child.kill(signal);
        await once(child, 'exit');
        await gone(launch);
      });

    test.each([
      ['exits', `open().ask('${STEP}'); say(); process.exit(3);`, 3],
      ['throws', `open().ask('${STEP}'); say(); throw new Error('so');`, 1],
      // A channel that is not closed does not keep the harness alive.
      ['has nothing left to do', `open().ask('${STEP}'); say();`, 0],
    ])('%s', async (_, body, status) => {
      const launch = launched();
      const child = await harness(launch, body);
      if (child.exitCode === null) await once(child, 'exit');
      expect(child.exitCode).toBe(status);
      await gone(launch);
    });

    test.each([
      ['while the guest is stopped', STOPPED],
      ['while the guest loops for ever', LOOPING],
    ])('ends the thread that has it, %s', async (_, body) => {
      const launch = launched();
      const child = await harness(launch, body, true);
      await there(launch);
      await sleep(100);
      child.kill('SIGUSR2');
      await gone(launch);
      expect(child.exitCode).toBeNull();
    });
  }),
);

test('it ends when the harness is killed before it has come to listen', async () => {
  const launch = fakeEmulator('setInterval(() => {}, 1000);');
  const child = await harness(launch, 'say(); open();');
  await there(launch);
  child.kill('SIGKILL');
  await once(child, 'exit');
  await gone(launch);
});

test('a Ctrl-C in the terminal is for the harness: it is in a session of its own', async () => {
  const launch = fakeEmulator('listen((peer) => peer.write(packet("OK")));');
  const child = await harness(
    launch,
    `const channel = open(); channel.ask('g'); say(); setInterval(() => {}, 1000);`,
  );
  const session = (pid: number) =>
    readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')[3];
  const [pid = 0] = running(launch.elf);
  expect(session(pid)).toBe(`${pid}`);
  expect(session(pid)).not.toBe(session(child.pid ?? 0));
});
