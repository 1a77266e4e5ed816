// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { EXIT_MEANINGS } from '../compare/exit-codes.js';
import { SEVERITY, STATUSES } from '../compare/statuses.js';
import { ROWS } from './help.js';
import { OPTIONS } from './options.js';
import { parseArguments } from './parse.js';
import { defaults } from './settings/settings.js';
import { fakeWiring, program } from './test/fakes.js';
import { optionsOf, VERBS } from './verbs.js';

const text = async (...argv: string[]) => program(argv, '/', fakeWiring({}));

/** Every status and every exit code is told. */
function explains(out: string): void {
  for (const status of SEVERITY) {
    const { letters, inShort } = STATUSES[status];
    expect(out).toMatch(new RegExp(`  ${letters} ${status} +${inShort}(  |\n)`));
  }
  for (const [code, , inShort] of EXIT_MEANINGS)
    expect(out).toMatch(new RegExp(` ${code}  ${inShort}( {2}|\n)`));
}

describe('help', () => {
  test('comes on stdout with 0 when asked for; without arguments it is a usage error', async () => {
    const asked = await text('--help');
    expect([asked.code, asked.err]).toEqual([0, '']);
    expect(await text()).toEqual({ code: 2, out: '', err: asked.out });
  });
  test('fits 80 columns, and says every verb, option, status and exit code', async () => {
    const { out } = await text('--help');
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(ROWS);
    for (const { name, summary } of VERBS) expect(out).toMatch(new RegExp(`  ${name} .*${summary}`));
    explains(out);
  });
  test.each(VERBS.map(({ name }) => name))('%s --help: example first, only its options', async (name) => {
    const { code, out } = await text(name, '--help');
    expect(code).toBe(0);
    const verb = VERBS.find((one) => one.name === name);
    expect(out.split('\n')[2]).toBe(`  ${verb?.examples[0]}`);
    for (const [option, { flags }] of Object.entries(OPTIONS)) {
      const own = verb && optionsOf(verb).some((one) => one === option);
      expect([flags, new RegExp(`[ ,]${flags.replace(/[[\]]/g, '\\$&')}(?![\\w-])`).test(out)]).toEqual([
        flags,
        own,
      ]);
    }
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
    expect(out.trimEnd().split('\n').length).toBeLessThanOrEqual(ROWS);
    explains(out);
  });
});

test('help is --help, and help VERB is VERB --help', async () => {
  expect(await text('help')).toEqual(await text('--help'));
  expect(await text('help', 'explain')).toEqual(await text('explain', '--help'));
});

test('the version', async () => {
  expect(await text('--version')).toEqual({
    code: 0,
    out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    err: '',
  });
});

test.each([
  [['rnu'], '(Did you mean run?)'],
  [['help', 'rnu'], 'no verb rnu; did you mean run?'],
  [['help', 'run', 'list'], 'help takes one verb at most'],
  [['report'], "missing required argument 'logs'"],
  [['doctor', 'more'], 'too many arguments'],
  [['run', '--out'], 'argument missing'],
])('%j is a usage error', async (argv, message) => {
  const { code, out, err } = await text(...argv);
  expect([code, out]).toEqual([2, '']);
  expect(err).toContain(message);
});

describe('options', () => {
  const options = (...argv: string[]) => {
    const parsed = parseArguments(argv);
    return 'given' in parsed ? { ...defaults(), ...parsed.given } : parsed.text;
  };
  test('defaults', () => {
    expect(options('run')).toMatchObject({
      arch: [],
      compare: 'arch',
      seed: 1,
      out: 'reports',
      verbose: 0,
      format: 'pretty',
    });
  });
  test('repeated, listed, counted', () => {
    expect(
      options('run', '--arch', 'a,b', '--arch', 'c', '-vv', '--seed', '7', '--axis', 'target'),
    ).toMatchObject({
      arch: ['a', 'b', 'c'],
      verbose: 2,
      seed: 7,
      compare: 'target',
    });
  });
});
