// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { RunEvent } from './events.js';
import { type Dialect, ktap } from './ktap.js';
import { eventsOf, everyStatus, wantsOne, withStatus } from './test/stream.js';

interface Result {
  readonly ok: boolean;
  readonly description: string;
  readonly directive: string;
  /** Lines before it. */
  readonly diagnostics: readonly string[];
  readonly nested: readonly Result[];
}

/** Strict reader of one level; throws where ktap.rst does not allow what it finds. */
class Reader {
  #at = 0;
  constructor(
    readonly lines: readonly string[],
    readonly version: string,
    readonly nest: string,
  ) {}

  whole(): Result[] {
    const results = this.level('');
    if (this.#at !== this.lines.length) throw new Error(`line ${this.#at + 1}: not read`);
    return results;
  }

  level(indent: string): Result[] {
    const next = () => this.lines[this.#at]?.slice(indent.length) ?? '';
    const inside = () => this.lines[this.#at]?.startsWith(indent) === true;
    const fail = (why: string) => new Error(`line ${this.#at + 1}: ${why}: ${this.lines[this.#at]}`);
    if (!inside() || next() !== this.version) throw fail('no version line');
    this.#at++;
    const plan = /^1\.\.(\d+)$/.exec(next());
    if (plan === null) throw fail('no plan line');
    this.#at++;
    const results: Result[] = [];
    let diagnostics: string[] = [];
    let nested: Result[] = [];
    while (this.#at < this.lines.length && inside()) {
      if (next() === this.nest + this.version) {
        nested = this.level(indent + this.nest);
        continue;
      }
      if (next().startsWith('#')) {
        if (!/^#( |$)/.test(next())) throw fail('a diagnostic begins with `# `');
        diagnostics.push(next().slice(2));
        this.#at++;
        continue;
      }
      const found = /^(ok|not ok) (\d+) ([^#]*?)(?: # (.*))?$/.exec(next());
      if (found === null) break;
      const [, result, place, description = '', directive = ''] = found;
      if (Number(place) !== results.length + 1) throw fail('out of order');
      results.push({ ok: result === 'ok', description, directive, diagnostics, nested });
      [diagnostics, nested] = [[], []];
      this.#at++;
    }
    if (results.length !== Number(plan[1])) throw fail(`plan ${plan[1]}, but ${results.length} results`);
    return results;
  }
}

function read(text: string, dialect: Dialect): Result[] {
  expect(text.endsWith('\n')).toBe(true);
  const lines = text.slice(0, -1).split('\n');
  return dialect === 'ktap'
    ? new Reader(lines, 'KTAP version 1', '  ').whole()
    : new Reader(lines, 'TAP version 13', '# ').whole();
}

const dialects: readonly Dialect[] = ['ktap', 'kselftest'];

describe.each(dialects)('%s', (dialect) => {
  const told = (events: readonly RunEvent[]) => read(ktap(events, dialect), dialect);

  test('each status is told as ktap.rst has it', async () => {
    const features = told(await everyStatus());
    const beta = features
      .flatMap(({ nested }) => nested)
      .filter(({ description }) => description.includes('.beta@'))
      .map(({ ok, description, directive }) => `${ok ? 'ok' : 'not ok'} ${description} | ${directive}`);
    expect(beta).toEqual([
      'not ok direct.a.beta@7.2.model | ',
      'ok direct.b.beta@7.2.model | ',
      'not ok fprobe.crash.beta@7.2.model | ERROR crash wild jump to 0x10',
      'not ok fprobe.error.beta@7.2.model | ERROR no such symbol: g',
      'not ok fprobe.miss.beta@7.2.model | ERROR not run no image',
      'not ok fprobe.timeout.beta@7.2.model | TIMEOUT 60 s',
      'ok graph.gated.beta@7.2.model | SKIP unsupported: FPROBE',
      'ok graph.skip.beta@7.2.model | SKIP too slow',
      'ok graph.xfail.beta@7.2.model | XFAIL #123 the frame is short',
      'not ok graph.xpass.beta@7.2.model | XPASS declared divergence no longer shows: it is so',
    ]);
  });

  test('a feature fails if anything in it does, and is skipped if all of it is', async () => {
    const gated = [wantsOne('a/x'), wantsOne('b/y', { requires: ['FPROBE'] })];
    const features = told(await eventsOf(gated, () => undefined));
    expect(features.map(({ ok, description, directive }) => [ok, description, directive])).toEqual([
      [true, 'a', ''],
      [true, 'b', 'SKIP'],
    ]);
    expect(told(await everyStatus()).map(({ ok, description }) => [ok, description])).toEqual([
      [false, 'direct'],
      [false, 'fprobe'],
      [false, 'graph'],
    ]);
  });

  test('a failure is explained before its line, and only a failure', async () => {
    const [direct] = told(await everyStatus());
    const explained = direct?.nested.filter(({ diagnostics }) => diagnostics.length > 0);
    expect(explained?.map(({ description }) => description)).toEqual(['direct.a.beta@7.2.model']);
    expect(explained?.[0]?.diagnostics).toEqual([
      'A <direct> call & "more"',
      'the caller of f gets 0, expected 1',
      '--- expected',
      '+++ beta@7.2/model',
      '@@ -1,1 +1,1 @@',
      '-result f = 1',
      '+result f = 0',
      'ftrace-conform run direct/a --arch beta',
    ]);
  });

  test('names stay unique when flattened, even where ids read alike', async () => {
    const cases = [wantsOne('a/b.c'), wantsOne('a/b/c'), wantsOne('a/d')];
    const events = await eventsOf(cases, () => undefined, { revisions: ['6.1', '6.12'] });
    const names = told(events).flatMap(({ nested }) => nested.map(({ description }) => description));
    expect(names).toHaveLength(18);
    expect(new Set(names).size).toBe(18);
  });

  test('what a reason says cannot become a line or a result of its own', async () => {
    const hostile = 'bad\nok 1 forged\u001b[31m # SKIP';
    const events = withStatus(
      await eventsOf([wantsOne('a/b#c')], () => undefined),
      'a/b#c',
      'beta',
      'ERROR',
      hostile,
    );
    const [feature] = told(events);
    expect(feature?.nested.map(({ ok, description }) => [ok, description])).toEqual([
      [true, 'a.b_c.alpha@7.2.model'],
      [false, 'a.b_c.beta@7.2.model'],
      [true, 'a.b_c.gamma@7.2.model'],
    ]);
    expect(feature?.nested[1]?.directive).toBe('ERROR bad ok 1 forged [31m # SKIP');
  });
});

test('the first dialect, line by line', async () => {
  const events = await eventsOf([wantsOne('a/b'), wantsOne('c/d', { requires: ['X'] })], () => undefined, {
    archs: ['alpha'],
  });
  const facts = ktap(events, 'ktap')
    .split('\n')
    .filter((line) => line.startsWith('# '));
  expect(facts).toContain('# harness: ftrace-conform 1.2.3, interpretation 1');
  expect(facts).toContain('# command: run --seed 1');
  expect(facts.at(-1)).toBe(
    '# 2 cases × 1 subject: 1 as expected, 0 not, 1 unsupported (ftrace-conform list --unsupported)',
  );
  const rest = (dialect: Dialect) =>
    ktap(events, dialect)
      .split('\n')
      .filter((line) => !facts.includes(line));
  expect(rest('ktap')).toEqual([
    'KTAP version 1',
    '1..2',
    '  KTAP version 1',
    '  1..1',
    '  ok 1 a.b.alpha@7.2.model',
    'ok 1 a',
    '  KTAP version 1',
    '  1..1',
    '  ok 1 c.d.alpha@7.2.model # SKIP unsupported: X',
    'ok 2 c # SKIP',
    '',
  ]);
  expect(rest('kselftest')).toEqual([
    'TAP version 13',
    '1..2',
    '# TAP version 13',
    '# 1..1',
    '# ok 1 a.b.alpha@7.2.model',
    'ok 1 a',
    '# TAP version 13',
    '# 1..1',
    '# ok 1 c.d.alpha@7.2.model # SKIP unsupported: X',
    'ok 2 c # SKIP',
    '',
  ]);
});

test('the reader refuses what is no KTAP', () => {
  const bad = [
    '1..1\nok 1 a\n',
    'KTAP version 1\nok 1 a\n',
    'KTAP version 1\n1..2\nok 1 a\n',
    'KTAP version 1\n1..1\nok 2 a\n',
    'KTAP version 1\n1..1\n  KTAP version 1\n  ok 1 b\nok 1 a\n',
    'KTAP version 1\n1..1\nok 1 a\nrubbish\n',
  ];
  for (const text of bad) expect(() => read(text, 'ktap')).toThrow();
});
