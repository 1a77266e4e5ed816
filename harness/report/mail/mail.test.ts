// SPDX-License-Identifier: MIT
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import type { HeaderEvent, RunEvent } from '../events.js';
import { eventsOf, everyStatus, wantsOne, withStatus, zero } from '../test/stream.js';
import { yamlExcerpt } from './case.js';
import { checkFocus } from './focus.js';
import { type MailOptions, mail } from './mail.js';

const plain: MailOptions = { arch: [], before: null, reporter: null };

const TEXT = `# yaml-language-server: $schema=../case.schema.json
title: A direct call returns
why: >
  Because.
steps:
  - call: f()
expect:
  - result: 1
`;

const cases = [
  wantsOne('direct/a', { title: 'A direct call returns', text: TEXT }),
  wantsOne('direct/b'),
  wantsOne('graph/c'),
];
const odd = (folder: string, target = 'model') =>
  eventsOf(
    cases,
    (id, { arch, revision }) =>
      arch === 'beta' && revision === '7.2' && id.startsWith(folder) ? zero : undefined,
    { revisions: ['6.12', '7.2'], target },
  );
const good = (target = 'model') => eventsOf(cases, () => undefined, { revisions: ['6.12', '7.2'], target });

describe('a mail', () => {
  test('of a regression, whole', async () => {
    const events = await odd('direct', 'kernel');
    const before = { name: 'old.jsonl', events: await good('kernel') };
    const { caseSet } = events[0] as HeaderEvent;
    const reporter = 'A Tester <tester@example.org>';
    const text = mail(events, { arch: [], before, reporter });
    const id = /^Message-ID: <(ftrace-conform\.[0-9a-f]{16}@example\.org)>$/m.exec(text)?.[1];
    expect(text).toBe(`From: A Tester <tester@example.org>
Message-ID: <${id}>
Subject: [REGRESSION] ftrace: beta not as expected in 2 direct cases
MIME-Version: 1.0
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: 8bit

Only beta at 7.2, on all 2 direct cases; everything else agrees.

These were as expected in old.jsonl.

direct/a: A direct call returns
  beta@7.2: the caller of f gets 0, expected 1

Reproduce with

  ftrace-conform run direct/a --arch beta --target kernel

The case (direct/a.yaml)

  title: A direct call returns
  why: >
    Because.
  steps:
    - call: f()
  expect:
    - result: 1

Where it parts

  --- expected
  +++ beta@7.2/kernel
  @@ -1,1 +1,1 @@
  -result f = 1
  +result f = 0

As expected at 7.2: alpha and gamma.
Kernels, beta: 6.12 as expected, 7.2 differs.

Also

  direct/b

The run

  harness: ftrace-conform 1.2.3, interpretation 1
  command: run --seed 1
  subjects: alpha@6.12/kernel, alpha@7.2/kernel, beta@6.12/kernel,
    beta@7.2/kernel, gamma@6.12/kernel, gamma@7.2/kernel
  compared along: arch
  case set: sha256
    ${caseSet}
  seed: 1
  summary: 3 cases x 6 subjects: 16 as expected, 2 not

A fix may say

  Reported-by: A Tester <tester@example.org>
  Closes: https://lore.kernel.org/r/${id}

#regzbot introduced: v6.12..v7.2
`);
  });

  test('of what failed before is no regression', async () => {
    const events = await odd('direct');
    const text = mail(events, { ...plain, before: { name: 'old.jsonl', events: await odd('direct') } });
    expect(text).toContain('Subject: ftrace: beta not as expected in 2 direct cases\n');
    expect(text).toContain('No regression: in old.jsonl the same was not as expected, or did not\nrun.\n');
    expect(text).not.toMatch(/regzbot|REGRESSION/);
  });

  test('of a regression beside an old failure is about the regression', async () => {
    const both = await eventsOf(cases, (id, { arch }) =>
      (arch === 'beta' && id === 'graph/c') || (arch === 'gamma' && id === 'direct/b') ? zero : undefined,
    );
    const before = await eventsOf(cases, (id, { arch }) =>
      arch === 'beta' && id === 'graph/c' ? zero : undefined,
    );
    const text = mail(both, { ...plain, before: { name: 'old.jsonl', events: before } });
    expect(text).toContain('Subject: [REGRESSION] ftrace: gamma not as expected in direct/b\n');
    expect(text).toContain('\n\ngamma, on direct/b.\n\nThis was as expected in old.jsonl.\n');
    expect(text).not.toContain('graph/c');
  });

  test('a case that now says something else has not become worse', async () => {
    const changed = cases.map((one) => ({ ...one, text: `${one.text}# changed\n` }));
    const before = await eventsOf(changed, () => undefined, { revisions: ['6.12', '7.2'] });
    const text = mail(await odd('direct'), { ...plain, before: { name: 'old.jsonl', events: before } });
    expect(text).toContain('Subject: ftrace: beta');
  });

  test('of a model says that no kernel was booted, and names no range of kernels', async () => {
    const before = { name: 'old.jsonl', events: await good() };
    const text = mail(await odd('direct'), { ...plain, before });
    expect(text).toContain('[REGRESSION]');
    expect(text).toContain('\nSeen on a model of the kernel; no kernel was booted.\n');
    expect(text).not.toContain('regzbot');
    expect(text).not.toContain('Reported-by');
  });

  test('where nothing is wrong', async () => {
    const before = { name: 'old.jsonl', events: await good() };
    const [head = '', body = ''] = mail(await good(), { ...plain, before }).split('\n\n');
    expect(head).toContain('Subject: ftrace-conform: 3 cases, all as expected');
    expect(body).toBe('No regressions, compared to old.jsonl. Everything that ran is as\nexpected.');
    expect(mail(await good(), plain)).toContain('\n\nEverything that ran is as expected.\n');
  });

  test('about some back-ends only', async () => {
    const events = await everyStatus();
    expect(mail(events, { ...plain, arch: ['beta'] })).toContain('Subject: ftrace: beta not as expected');
    const text = mail(events, { ...plain, arch: ['alpha'] });
    expect(text).toContain('Subject: ftrace-conform: alpha: 10 cases, all as expected');
    expect(text).toContain('\nEverything that ran on alpha is as expected.\n');
  });

  test('from somebody whose name is not ASCII', async () => {
    const reporter = 'J\u00f6rg Tester <j@example.org>';
    const text = mail(await odd('direct'), { ...plain, reporter });
    const encoded = /^From: =\?UTF-8\?B\?(.*)\?= <j@example.org>$/m.exec(text)?.[1] ?? '';
    expect(Buffer.from(encoded, 'base64').toString()).toBe('J\u00f6rg Tester');
    expect(text).toContain(`  Reported-by: ${reporter}\n`);
  });

  test('what a reason says is no header and no line of its own', async () => {
    const events = withStatus(await odd('direct'), 'direct/a', 'beta', 'FAIL', 'first\nSubject: second');
    expect(mail(events, plain).match(/^Subject:/gm)).toHaveLength(1);
    expect(mail(events, plain)).toContain('first Subject: second\n');
  });

  test('of many groups tells the largest', async () => {
    const names = Array.from({ length: 9 }, (_, index) => `arch${index}`);
    const many = names.slice(1, 7).map((name, index) => wantsOne(`f${index}/${name}`));
    const events = await eventsOf(many, (id, { arch }) => (id.endsWith(arch) ? zero : undefined), {
      archs: names,
    });
    const [, head = ''] = mail(events, plain).split('\n\n');
    expect(head.split('\n')).toEqual([
      'Only arch1, on f0/arch1.',
      'Only arch2, on f1/arch2.',
      'Only arch3, on f2/arch3.',
      'And more: --format markdown says it in 7 sentences.',
    ]);
  });

  test('where nobody else can run it, nobody is right', async () => {
    const alone = [wantsOne('a/b', { requires: ['X'] })];
    const events = await eventsOf(alone, () => zero, { archs: ['beta'], features: ['X'] });
    expect(mail(events, plain)).toContain('\nNo other architecture runs it at 7.2.\n');
  });

  test('who is right is not said of those who are wrong too', async () => {
    const events = await eventsOf(cases, (id, { arch }) =>
      id === 'graph/c' && arch !== 'alpha' ? zero : undefined,
    );
    const text = mail(events, { ...plain, arch: ['beta'] });
    expect(text).toContain('\nAs expected at 7.2: alpha.\n');
  });
});

describe('72 columns', () => {
  const long = (events: readonly RunEvent[], options: MailOptions) =>
    mail(events, options)
      .split('\n')
      .filter((line) => line.length > 72);

  test('hold whatever a case says', async () => {
    const word = 'x'.repeat(200);
    const id = `${'long-folder-name'.repeat(4)}/${'case-with-a-name'.repeat(6)}`;
    const spec = wantsOne(id, {
      title: `A title of ${word} and more words `.repeat(3),
      text: `title: ${word}\n`,
    });
    const events = withStatus(
      await eventsOf([spec], (_, { arch }) => (arch === 'beta' ? zero : undefined)),
      id,
      'beta',
      'FAIL',
      `because ${word}, ${'of many words '.repeat(20)}`,
    );
    expect(long(events, plain)).toEqual([]);
    expect(long(await everyStatus({ revisions: ['6.1', '6.12', '7.2'] }), plain)).toEqual([]);
  });

  test.each([8, 20])('a command stays one, continued as a shell reads it', async (times) => {
    const id = `${'folder'.repeat(times)}/case`;
    const events = await eventsOf([wantsOne(id)], (_, { arch }) => (arch === 'beta' ? zero : undefined));
    const [, after = ''] = mail(events, plain).split('Reproduce with\n\n');
    const [block = ''] = after.split('\n\n');
    expect(block.split('\n').length).toBeGreaterThan(1);
    const words = execFileSync('sh', ['-c', block.replace('ftrace-conform', "printf '%s\\n'")]);
    expect(String(words).trim().split('\n')).toEqual(['run', id, '--arch', 'beta']);
  });
});

describe('the case', () => {
  const lines = (name: string, count: number) =>
    [`${name}:`, ...Array.from({ length: count }, (_, index) => `  - ${name}${index}`)].join('\n');

  test('in at most twenty lines: what it does goes last', () => {
    const text = [lines('why', 10), lines('steps', 8), lines('expect', 8), lines('divergences', 9)].join(
      '\n',
    );
    const shown = yamlExcerpt({ text });
    expect(shown).toHaveLength(19);
    expect(shown[0]).toBe('steps:');
    expect(shown.at(-2)).toBe('  - expect7');
    expect(shown.at(-1)).toBe('# without divergences, why');
  });

  test('that has no room for what its steps use says so', () => {
    const text = [lines('for', 3), lines('structs', 3), lines('objects', 2), lines('steps', 14)].join('\n');
    expect(yamlExcerpt({ text }).slice(-2)).toEqual(['  - steps13', '# without structs, objects']);
  });

  test('that just fits is whole', () => {
    const text = [lines('objects', 4), lines('steps', 14)].join('\n');
    expect(yamlExcerpt({ text })).toEqual(text.split('\n'));
  });

  test('cut where it is long, and saying so', () => {
    const shown = yamlExcerpt({ text: lines('steps', 30) });
    expect(shown).toHaveLength(20);
    expect(shown.at(-1)).toBe('# without 12 more lines');
  });

  test('without comments and blank lines', () => {
    expect(yamlExcerpt({ text: '# x\n\ntitle: a # b\n\n# y\n' })).toEqual(['title: a # b']);
  });
});

describe('refused', () => {
  const header = async () => (await good())[0] as HeaderEvent;
  const check = async (change: (events: RunEvent[]) => RunEvent[], arch: string[] = []) => {
    const before = { name: 'old.jsonl', events: change(await good()) };
    return checkFocus(await header(), { arch, before, reporter: null });
  };

  test('a run of another interpretation or axis, or one that was interrupted', async () => {
    const with1 = (change: object) => (events: RunEvent[]) =>
      events.map((event) => (event.event === 'header' ? { ...event, ...change } : event));
    await expect(check((events) => events)).resolves.toBeUndefined();
    await expect(check(with1({ interpretation: 2 }))).rejects.toMatchObject({
      exit: 6,
      message: 'old.jsonl: its interpretation is 2, that of this run 1; they cannot be compared',
    });
    await expect(check(with1({ axis: 'revision' }))).rejects.toMatchObject({ exit: 6 });
    const cut = (events: RunEvent[]) =>
      events.map((event): RunEvent => (event.event === 'footer' ? { ...event, complete: false } : event));
    await expect(check(cut)).rejects.toMatchObject({ exit: 6 });
  });

  test.each([
    'nobody',
    'A Tester <a@b>\nBcc: x <y@z>',
    'A\u0000 <a@b.c>',
    '<a@b.c>',
    'A <a b@c.d>',
    'A <a@b.c> <d@e.f>',
    '',
  ])('%j as a reporter', async (reporter) => {
    const start = await header();
    expect(() => checkFocus(start, { arch: [], before: null, reporter })).toThrow('--reporter');
  });

  test('a back-end that the run does not have', async () => {
    await expect(check((events) => events, ['alpa'])).rejects.toMatchObject({
      exit: 2,
      message: expect.stringContaining('the run has no back-end alpa'),
    });
  });
});
