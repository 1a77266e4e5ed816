// SPDX-License-Identifier: MIT
/** Against servers on a socket that truncate, delay, lie, hang up, and say nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packet } from '../test/streams.js';
import { Client } from './client.js';
import type { RspError } from './error.js';

/** Milliseconds, where nothing comes in time; and where all does, on a machine that does other things too. */
const [SHORT, LONG] = [150, 20_000] as const;

let directory: string;
let servers: Server[];
let open: Socket[];
beforeEach(() => {
  open = [];
  servers = [];
  directory = mkdtempSync(join(tmpdir(), 'conform-rsp-'));
});
afterEach(async () => {
  for (const socket of open) socket.destroy();
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  rmSync(directory, { recursive: true, force: true });
});

/** What the server does with each write that arrives, the first being 0. */
type Behaviour = (peer: Socket, heard: string, turn: number) => void;

/** A client of a server that behaves so, and all that the server has heard. */
async function against(
  behave: Behaviour,
  patience: number = LONG,
): Promise<{ readonly client: Client; readonly heard: string[] }> {
  const path = join(directory, `s${servers.length}`);
  const heard: string[] = [];
  const server = createServer((peer) => {
    open.push(peer);
    peer.on('error', () => {});
    peer.on('data', (chunk) => {
      heard.push(chunk.toString('latin1'));
      behave(peer, heard.at(-1) as string, heard.length - 1);
    });
  });
  servers.push(server);
  await new Promise((resolve) => server.listen(path, () => resolve(null)));
  const socket = connect(path);
  open.push(socket);
  await new Promise((resolve) => socket.once('connect', resolve));
  return { client: new Client(socket, patience), heard };
}

const text = async (reply: Promise<Uint8Array>) => Buffer.from(await reply).toString('latin1');
const failure = async (reply: Promise<Uint8Array>): Promise<readonly [kind: string, why: string]> => {
  const error = (await reply.then(
    () => expect.fail('it was answered'),
    (thrown: unknown) => thrown,
  )) as RspError;
  expect(error.name).toBe('RspError');
  return [error.kind, error.message];
};
const always =
  (answer: string): Behaviour =>
  (peer) =>
    void peer.write(answer);

test('the + for a reply goes out with the next command, in one write', async () => {
  const { client, heard } = await against((peer, _, turn) => peer.write(`+${packet(`answer ${turn}`)}`));
  expect(await text(client.ask('g'))).toBe('answer 0');
  expect(await text(client.ask('p0'))).toBe('answer 1');
  expect(await text(client.ask(Buffer.from('c')))).toBe('answer 2');
  expect(heard).toEqual(['$g#67', '+$p0#a0', '+$c#63']);
});

test('a reply may come in any pieces', async () => {
  const { client } = await against(async (peer) => {
    for (const byte of `+${packet('hello')}`) {
      peer.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  });
  expect([await text(client.ask('?')), await text(client.ask('?'))]).toEqual(['hello', 'hello']);
});

test('a reply with runs and escapes', async () => {
  const { client } = await against(always('+$0*"}]#56'));
  expect(await text(client.ask('g'))).toBe('000000}');
});

test('replies that are late, but each in time', async () => {
  const { client } = await against((peer) => {
    setTimeout(() => peer.write(`+${packet('OK')}`), 300);
  }, 1000);
  for (let turn = 0; turn < 4; turn++) expect(await text(client.ask('g'))).toBe('OK');
});

test('one command at a time', async () => {
  const { client } = await against(always(`+${packet('OK')}`));
  const first = client.ask('g');
  await expect(client.ask('g')).rejects.toThrow('a command is under way');
  expect(await text(first)).toBe('OK');
});

describe('what is wrong is told by kind', () => {
  test.each<readonly [what: string, behave: Behaviour, kind: string, why: string]>([
    ['nothing comes', () => {}, 'hung', `no reply within ${SHORT} ms`],
    ['only the acknowledgement comes', always('+'), 'hung', `no reply within ${SHORT} ms`],
    ['half of a reply comes', always('+$000'), 'hung', `no reply within ${SHORT} ms`],
    ['it hangs up', (peer) => peer.destroy(), 'closed', 'the peer hung up'],
    ['it hangs up after the acknowledgement', (peer) => peer.end('+'), 'closed', 'the peer hung up'],
    ['it hangs up in a reply', (peer) => peer.end('+$000'), 'truncated', 'the peer hung up within a reply'],
    [
      'it hangs up in a checksum',
      (peer) => peer.end('+$OK#9'),
      'truncated',
      'the peer hung up within a reply',
    ],
    ['a wrong checksum', always('+$OK#9b'), 'checksum', "a packet's checksum is 9a, and it says 9b"],
    ['text', always('qemu: fatal\n'), 'garbage', 'byte 0x71 where a packet should begin'],
    ['zeros', always('\0\0\0\0'), 'garbage', 'byte 0x00 where a packet should begin'],
    ['a notification', always('+%Stop:T05#00'), 'garbage', 'byte 0x25 where a packet should begin'],
    ['it wants the command again', always('-'), 'garbage', 'the peer wants a command again'],
    ['no acknowledgement', always(packet('OK')), 'garbage', 'a reply to nothing'],
    ['two acknowledgements', always(`++${packet('OK')}`), 'garbage', 'an acknowledgement of nothing'],
    ['a reply without end', always(`+$${'0'.repeat(0x3000)}`), 'garbage', 'a packet of more than 8192 bytes'],
  ])('%s', async (_, behave, kind, why) => {
    const { client } = await against(behave, kind === 'hung' ? SHORT : LONG);
    expect(await failure(client.ask('g'))).toEqual([kind, why]);
    // And then always: what comes now could be anything's answer.
    expect(await failure(client.ask('g'))).toEqual([kind, why]);
  });

  test('a reply too many, with the first or before the next command', async () => {
    const { client } = await against(always(`+${packet('OK')}${packet('OK')}`));
    expect(await failure(client.ask('g'))).toEqual(['garbage', 'a reply to nothing']);
    const other = await against((peer) => {
      peer.write(`+${packet('OK')}`);
      setTimeout(() => peer.write(packet('OK')), 50);
    });
    expect(await text(other.client.ask('g'))).toBe('OK');
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await failure(other.client.ask('g'))).toEqual(['garbage', 'a reply to nothing']);
  });

  test('it is well for a while, and then hangs up between commands', async () => {
    const { client } = await against((peer, _, turn) => {
      peer.write(`+${packet('OK')}`);
      if (turn === 2) peer.end();
    });
    for (let turn = 0; turn < 3; turn++) expect(await text(client.ask('g'))).toBe('OK');
    expect(await failure(client.ask('g'))).toEqual(['closed', 'the peer hung up']);
  });

  test('being idle for long is nothing wrong', async () => {
    const { client } = await against(always(`+${packet('OK')}`), 1000);
    await client.ask('g');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await text(client.ask('g'))).toBe('OK');
  });
});
