// SPDX-License-Identifier: MIT
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Case } from '../../case/types.js';
import { seen, spec } from '../../cli/test/fakes.js';
import { escapeHtml, html } from '../escape.js';
import { entry, events, mixed, wanted } from '../test/mixed.js';
import { syntheticRun } from '../test/synthetic.js';
import { reportHtml } from './html.js';
import { coded, linked } from './link.js';
import { Names } from './names.js';
import { SCRIPT } from './script.js';
import { STYLE } from './style.js';

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
    if (/[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.test(text)) expect.fail(`loose markup in ${text}`);
    at = match.index + match[0].length;
    const [, close, name = '', rest = ''] = match;
    if (close) {
      if (open.pop() !== name) expect.fail(`</${name}> closes nothing`);
    } else {
      const attributes: Record<string, string> = {};
      for (const [, key = '', value = ''] of rest.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)) {
        if (Object.hasOwn(attributes, key)) expect.fail(`${key} twice in <${name}>`);
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

const count = (text: string, what: string) => text.split(what).length - 1;

describe('the page', () => {
  test('is well-formed, with every id once and every link leading somewhere', async () => {
    const found = elements(reportHtml(await mixed()));
    const ids = found.flatMap(({ attributes }) => attributes.id ?? []);
    expect(new Set(ids).size).toBe(ids.length);
    const links = found.filter(({ name }) => name === 'a').map(({ attributes }) => attributes.href ?? '');
    const inward = links.filter((link) => link.startsWith('#'));
    expect(inward).not.toEqual([]);
    for (const link of inward) expect(ids).toContain(decodeURI(link.slice(1)));
  });

  test('reaches for nothing outside; sources on the web are links', async () => {
    const page = reportHtml(await mixed());
    const outward: string[] = [];
    for (const { name, attributes } of elements(page)) {
      expect(attributes).not.toHaveProperty('src');
      expect(Object.keys(attributes).filter((key) => key.startsWith('on'))).toEqual([]);
      if (name === 'link') expect(attributes.href).toBe('data:,');
      else if (attributes.href !== undefined && !attributes.href.startsWith('#'))
        outward.push(attributes.href);
    }
    expect(outward).toEqual(['https://example.org/manual?a=1&amp;b=2']);
    expect(page).toContain("default-src 'none'");
    expect(STYLE).not.toMatch(/url\(|@import/);
    expect(SCRIPT).not.toMatch(/fetch|XMLHttpRequest|import\(|https?:|innerHTML/);
  });

  test('shows what cases say, and never as markup', async () => {
    const page = reportHtml(await mixed());
    expect(page).not.toContain('alert("x")');
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(page).not.toContain('\u0001');
  });

  test('every case has its id, every family its row, every folder its own', async () => {
    const found = elements(reportHtml(await mixed()));
    const classed = (name: string) =>
      found
        .filter(({ attributes }) => attributes.class?.split(' ')[0] === name)
        .map(({ attributes }) => attributes.id);
    expect(classed('folder')).toEqual(['fprobe/', 'graph/']);
    expect(classed('family')).toEqual(['fprobe/family', 'fprobe/gated', 'graph/declared', 'graph/nasty']);
    expect(classed('case')).toEqual(['fprobe/family.1', 'fprobe/family.2']);
  });

  test('folders count what is as expected, of what could run', async () => {
    const page = reportHtml(await mixed());
    const cellsOf = (folder: string) => {
      const [, row = ''] = page.split(`<summary class="row"><span class="name">${folder} `);
      const cells = row.slice(0, row.indexOf('</summary>')).matchAll(/<b class="([^"]*)"[^>]*>(.*?)<\/b>/g);
      return [...cells].map(([, kind, text]) => `${kind} ${text}`).join('; ');
    };
    // gated runs nowhere: two of three could run.
    expect(cellsOf('fprobe')).toBe('p part 2; F NG<small>1</small>; p part 2; p part 2');
    expect(cellsOf('graph')).toBe('p 2; p 2; p 2; p 2');
  });

  test('without script: verdicts, sentence, diff, classes, divergence, trace, YAML', async () => {
    const page = reportHtml(await mixed());
    for (const text of [
      'only beta differs: at entry, watch sees argument 1 of sum as ',
      'lacks KPROBES',
      'on the stack',
      'the manual',
      '+++ beta',
      '<mark>',
      'cases/graph/declared.yaml',
      '<pre># a comment\ntitle: Declared\n',
      'FP-02',
      '(known divergence 1)',
      'store a1',
      'fregs-&gt;arg1:=2',
      'ftrace-conform explain fprobe/family.2 --arch beta@7.2 --vs alpha@7.2',
      '1 case is not as expected',
      '<form id="filter" hidden>',
    ]) {
      expect(page).toContain(text);
    }
  });

  test('all green', async () => {
    const page = reportHtml(await events([spec('a', { expect: wanted })], { alpha: () => [entry('2')] }));
    expect(page).toContain('<h1 class="good">Everything that ran is as expected</h1>');
    expect(page).not.toContain('id="failures"');
    elements(page);
  });

  test('the same events make the same page', async () => {
    expect(reportHtml(await mixed())).toBe(reportHtml(await mixed()));
  });
});

describe('size', () => {
  test('1,000 cases on 17 subjects, with all they say, stay below 5 MB', () => {
    const page = reportHtml(syntheticRun({ cases: 1000, archs: 6, revisions: 3, without: 1 }));
    expect(Buffer.byteLength(page)).toBeLessThan(5_000_000);
    expect(page).not.toContain('is left out to keep this file small');
    expect(count(page, '<details class="case')).toBe(1000);
    expect(count(page, '<details class="yaml">')).toBe(500);
  });

  test('a text stands there once: of a family its YAML, of subjects what they saw', async () => {
    const cases = [1, 2, 3].map((row) =>
      spec(`big.${row}`, {
        file: 'big.yaml',
        text: 'the: text\n',
        expect: wanted,
        requires: row === 3 ? ['FPROBE'] : [],
      }),
    );
    const page = reportHtml(
      await events(cases, {
        alpha: ({ id }) => [entry(id === 'big.2' ? '5' : '2')],
        beta: () => [entry('2')],
      }),
    );
    expect(count(page, 'the: text')).toBe(1);
    expect(count(page, '<li>entry watch sum(1, 2)</li>')).toBe(1);
    // 1 and 3 read alike, so they are one part.
    const ids = elements(page).flatMap(({ name, attributes }) =>
      attributes.id?.startsWith('big.') ? [`${name} ${attributes.id}`] : [],
    );
    expect(ids).toEqual(['details big.1', 'code big.3', 'details big.2']);
  });

  test('what passing cases saw is left out first, and that is said', async () => {
    const long = ({ id }: Case) => Array.from({ length: 300 }, (_, index) => entry(`${id}-${index}`));
    const many = Array.from({ length: 1000 }, (_, index) => spec(`big.${index}`, { file: 'big.yaml' }));
    const page = reportHtml(await events(many, { alpha: long, beta: long }));
    expect(page.length).toBeLessThan(5_000_000);
    expect(page).toContain('is left out to keep this file small');
    expect(count(page, 'id="big.')).toBe(1000);
  });

  const sized = (cases: number) => reportHtml(syntheticRun({ cases, archs: 6, revisions: 3, failing: 100 }));

  test('twice the results make twice the page', () => {
    const [half, whole] = [sized(700), sized(1400)];
    for (const what of ['<details ', '<b ', '<li', '<']) {
      expect(count(whole, what) / count(half, what)).toBeCloseTo(2, 1);
    }
    expect(Buffer.byteLength(whole)).toBeLessThan(2.1 * Buffer.byteLength(half));
  });

  test('100,000 results make one page that a browser still opens, with every case', () => {
    const page = sized(5556);
    expect(Buffer.byteLength(page)).toBeLessThan(10_000_000);
    expect(count(page, '<details class="family')).toBe(2778);
    expect(count(page, '<details class="case')).toBe(5556);
  });
});

describe('names of subjects', () => {
  const header = (names: readonly string[]) =>
    names.map((name) => {
      const [, arch = '', revision = '', target = ''] = /^(.*)@(.*)\/(.*)$/.exec(name) ?? [];
      return { name, short: '', id: { arch, revision, target }, features: [] };
    });
  const all = ['a@1/model', 'a@2/model', 'b@1/model', 'b@2/model', 'c@2/model'];
  const folded = (...places: number[]) =>
    new Names(header(all)).folded(places.map((place) => all[place] as string));

  test('a back-end with all its revisions is called by its name', () => {
    expect(folded(0, 1)).toBe('a');
    expect(folded(4)).toBe('c');
    expect(folded(0, 1, 4)).toBe('a, c');
  });
  test('revisions and back-ends are braced as a shell spells them', () => {
    expect(folded(0)).toBe('a@1');
    expect(folded(0, 2)).toBe('{a,b}@1');
    expect(folded(0, 3, 4)).toBe('a@1, b@2, c');
  });
  test('all at some revisions are called so', () => {
    expect(folded(1, 3, 4)).toBe('all at 2');
    expect(folded(0, 1, 2, 3, 4)).toBe('all 5 subjects');
  });
  test('targets are told apart where there are several', () => {
    const names = new Names(header(['a@1/model', 'a@1/user', 'b@1/model']));
    expect(names.folded(['a@1/user'])).toBe('a/user');
    expect(names.folded(['a@1/model', 'b@1/model'])).toBe('{a,b}/model');
  });
});

describe('text', () => {
  test('web addresses become links, without what ends the sentence', () => {
    expect(linked('see https://a.example/b?c=1&d, (http://e.example/f).').text).toBe(
      'see <a href="https://a.example/b?c=1&amp;d" rel="noreferrer">https://a.example/b?c=1&amp;d</a>, (<a href="http://e.example/f" rel="noreferrer">http://e.example/f</a>).',
    );
    expect(linked('linux 7.2 kernel/trace/ftrace.c').text).toBe('linux 7.2 kernel/trace/ftrace.c');
    expect(linked('javascript:alert(1)').text).not.toContain('<a');
  });
  test('backquotes make code, in pairs only', () => {
    expect(coded('sees `a<b`, not c').text).toBe('sees <code>a&lt;b</code>, not c');
    expect(coded('a ` alone').text).toBe('a ` alone');
  });
  test('whatever is put into markup comes out as text', () => {
    const decode = (text: string) =>
      text.replace(
        /&(amp|lt|gt|quot|#39);/g,
        (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name] ?? '',
      );
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        elements(html`<b title="${text}">${text}</b>`.text);
        elements(html`<b>${linked(text)}${coded(text)}</b>`.text);
        expect(decode(escapeHtml(text))).toBe(text.replace(/(?![\t\n\r])\p{Cc}/gu, '\ufffd'));
      }),
    );
  });
});

test('the script is a program', () => {
  expect(() => runInNewContext(`() => {${SCRIPT}}`)).not.toThrow();
});

test('lists that differ throughout are shown without being paired up', async () => {
  const many = (word: string) =>
    Array.from({ length: 390 }, (_, row) => seen('entry', { probe: `${word}${row}` }));
  const page = reportHtml(
    await events([spec('far', {})], { alpha: () => many('left'), beta: () => many('right') }),
  );
  expect(page).toContain('<mark>entry right389</mark>');
});
