// SPDX-License-Identifier: MIT
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case } from '../case/types.js';
import { divergence, expected, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { run } from '../plan/run.js';
import { escapeHtml, html } from './escape.js';
import type { RunEvent } from './events.js';
import { reportHtml } from './html.js';
import { SCRIPT } from './html-script.js';
import { STYLE } from './html-style.js';

const entry = (last: string) => seen('entry', { probe: 'watch', function: 'sum', arguments: ['1', last] });
const wanted = [expected('entry', { arguments: ['1', '2'] })];
const nasty = `<script>alert("x")</script> & 'quote' \u0001 </pre>`;

async function events(
  cases: Case[],
  by: Record<string, (one: Case) => ReturnType<typeof seen>[]>,
): Promise<RunEvent[]> {
  const subjects = Object.entries(by).map(([arch, answer]) => ({
    target: fakeTarget(subject(arch), ['FPROBE'], answer),
    short: arch.slice(0, 2),
  }));
  const list: RunEvent[] = [];
  const plan = { cases, subjects, axis: 'arch', seed: 1, harness: '0', command: ['run', nasty] } as const;
  for await (const event of run(plan)) list.push(event);
  return list;
}

const mixed = () =>
  events(
    [
      spec('fprobe/family.1', { file: 'cases/fprobe/family.yaml', expect: wanted }),
      spec('fprobe/family.2', { file: 'cases/fprobe/family.yaml', expect: wanted, covers: ['FP-02'] }),
      spec('fprobe/gated', { file: 'cases/fprobe/gated.yaml', requires: ['KPROBES'] }),
      spec('graph/declared', {
        file: 'cases/graph/declared.yaml',
        expect: wanted,
        divergences: [
          divergence(
            { arch: ['beta'] },
            [{ at: 1, by: { fields: { arguments: ['1', 'stale'] } } }],
            'on the stack',
          ),
        ],
      }),
      spec('graph/nasty', {
        title: nasty,
        why: nasty,
        source: nasty,
        covers: [nasty],
        text: `a: ${nasty}\n# ${nasty}`,
        expect: wanted,
      }),
    ],
    {
      alpha: () => [entry('2')],
      beta: ({ id }) => [entry(id === 'fprobe/family.2' ? nasty : id === 'graph/declared' ? 'stale' : '2')],
      gamma: () => [entry('2')],
    },
  );

/** Elements that never close (HTML, 13.1.2). */
const VOID = new Set(['meta', 'link', 'input', 'br', 'hr']);

/** Checks that tags nest, attributes are quoted and entities are whole; returns the elements. */
function elements(document: string): { name: string; attributes: Record<string, string> }[] {
  const found: { name: string; attributes: Record<string, string> }[] = [];
  const open: string[] = [];
  const body = document
    .replace(/^<!DOCTYPE html>\n/, '')
    .replace(/(<(script|style)>)[\s\S]*?(<\/\2>)/g, '$1$3');
  let at = 0;
  for (const match of body.matchAll(/<(\/?)([a-z][a-z0-9]*)((?:\s+[a-z-]+(?:="[^"<]*")?)*)>/g)) {
    const text = body.slice(at, match.index);
    expect(text).not.toMatch(/[<>]/);
    expect(text).not.toMatch(/&(?!(?:amp|lt|gt|quot|#39);)/);
    at = match.index + match[0].length;
    const [, close, name = '', rest = ''] = match;
    if (close) expect(open.pop()).toBe(name);
    else {
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of rest.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)) {
        expect(attributes).not.toHaveProperty([key]);
        attributes[key] = value;
      }
      found.push({ name, attributes });
      if (!VOID.has(name)) open.push(name);
    }
  }
  expect(body.slice(at).trim()).toBe('');
  expect(open).toEqual([]);
  return found;
}

describe('the page', () => {
  test('is well-formed, with every id once and every link leading somewhere', async () => {
    const found = elements(reportHtml(await mixed()));
    const ids = found.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = found.filter(({ name }) => name === 'a').map(({ attributes }) => attributes.href ?? '');
    expect(links.length).toBeGreaterThan(4);
    for (const link of links) expect(ids).toContain(decodeURI(link.slice(1)));
  });

  test('reaches for nothing outside', async () => {
    const page = reportHtml(await mixed());
    for (const { name, attributes } of elements(page)) {
      expect(attributes).not.toHaveProperty('src');
      expect(Object.keys(attributes).filter((key) => key.startsWith('on'))).toEqual([]);
      if (attributes.href !== undefined) expect(attributes.href).toMatch(name === 'link' ? /^data:,$/ : /^#/);
    }
    expect(page).toContain("default-src 'none'");
    expect(STYLE).not.toMatch(/url\(|@import/);
    expect(SCRIPT).not.toMatch(/fetch|XMLHttpRequest|import\(|https?:/);
  });

  test('shows what cases say, and never as markup', async () => {
    const page = reportHtml(await mixed());
    expect(page).not.toContain('alert("x")');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(page).not.toContain('\u0001');
  });

  test('without script: verdicts, sentence, diff, classes, divergence, YAML', async () => {
    const page = reportHtml(await mixed());
    for (const text of [
      'only beta differs: at entry, watch sees argument 1 of sum as ',
      'lacks KPROBES',
      'on the stack',
      'the manual',
      '+++ beta@7.2/model',
      '<mark>',
      'cases/graph/declared.yaml',
      'FP-02',
    ]) {
      expect(page).toContain(text);
    }
    expect(page).toContain('1 case is not as expected');
    expect(page).toContain('<form id="filter" hidden>');
  });

  test('all green', async () => {
    const page = reportHtml(await events([spec('a', { expect: wanted })], { alpha: () => [entry('2')] }));
    expect(page).toContain('<h1 class="good">Everything that ran is as expected</h1>');
    expect(page).not.toContain('id="failures"');
    elements(page);
  });

  test('stays below 10 MB', async () => {
    const long = ({ id }: Case) => Array.from({ length: 300 }, (_, index) => entry(`${id}-${index}`));
    const many = Array.from({ length: 1000 }, (_, index) => spec(`big.${index}`, { file: 'big.yaml' }));
    const page = reportHtml(await events(many, { alpha: long, beta: long }));
    expect(page.length).toBeLessThan(10_000_000);
    expect(page).toContain('is left out to keep this file small');
    elements(page);
  });
});

test('cases of a family that read alike share a part, under all their ids', async () => {
  const cases = [1, 2, 3].map((row) => spec(`big.${row}`, { file: 'big.yaml' }));
  const page = reportHtml(
    await events(cases, { alpha: ({ id }) => [entry(id === 'big.2' ? '5' : '2')], beta: () => [entry('2')] }),
  );
  const found = elements(page).flatMap(({ name, attributes }) =>
    attributes.id ? [[name, attributes.id]] : [],
  );
  expect(found.filter(([, id]) => id?.startsWith('big.'))).toEqual([
    ['details', 'big.1'],
    ['code', 'big.3'],
    ['details', 'big.2'],
  ]);
});

test('the script is a program', () => {
  expect(() =>
    runInNewContext(
      `(() => {${SCRIPT.replace(/^\s*\(\(\) =>/, 'const f = () =>').replace(/\)\(\);\s*$/, ';')}})`,
    ),
  ).not.toThrow();
});

test('whatever is put into markup comes out as text', () => {
  const decode = (text: string) =>
    text.replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '',
    );
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const { text: out } = html`<b title="${text}">${text}</b>`;
      elements(out);
      expect(decode(escapeHtml(text))).toBe(text.replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd'));
    }),
  );
});
