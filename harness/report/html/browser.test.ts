// SPDX-License-Identifier: MIT
/** The report as a person uses it, in headless Chromium: clicks, filter, keys, a narrow screen, no script. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { spec } from '../../cli/test/fakes.js';
import { launch, withoutBrowser } from '../test/browser.js';
import { entry, events, mixed, nasty } from '../test/mixed.js';
import { syntheticRun } from '../test/synthetic.js';
import { reportHtml } from './html.js';

describe.skipIf(withoutBrowser())('in a browser', () => {
  const scratch = mkdtempSync(join(tmpdir(), 'page-'));
  const file = join(scratch, 'index.html');
  const large = join(scratch, 'large.html');
  let browser: Browser;

  beforeAll(async () => {
    writeFileSync(file, reportHtml(await mixed()));
    writeFileSync(large, reportHtml(syntheticRun({ cases: 120, archs: 6, revisions: 3, failing: 60 })));
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(scratch, { recursive: true });
  });

  /** Opens the page, and fails if the browser complains or the page asks for anything but itself. */
  async function visit(
    use: (page: Page) => Promise<void>,
    {
      fragment = '',
      path = file,
      ...options
    }: BrowserContextOptions & { fragment?: string; path?: string } = {},
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', ({ message }) => said.push(message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) said.push(`asks for ${request.url()}`);
      });
      await page.goto(pathToFileURL(path).href + fragment);
      await use(page);
      expect(said).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const row = (page: Page, id: string) => page.locator(`[id="${id}"] > summary`);
  const isOpen = (page: Page, id: string) =>
    page.locator(`[id="${id}"]`).evaluate((one) => one.hasAttribute('open'));
  const opacity = (page: Page, id: string) =>
    page.evaluate(`getComputedStyle(document.getElementById('${id}').firstElementChild).opacity`);
  const fragment = (page: Page) => decodeURIComponent(new URL(page.url()).hash);
  const focused = (page: Page) =>
    page.evaluate('document.activeElement.parentElement.id || document.activeElement.name');
  const greyed = (page: Page) => page.locator('.family.off').evaluateAll((all) => all.map(({ id }) => id));

  test('a folder opens to families, a family to cases, a case to what was seen and its text', async () => {
    await visit(async (page) => {
      expect(await row(page, 'graph/declared').isVisible()).toBe(false);
      await row(page, 'graph/').click();
      await row(page, 'graph/declared').click();
      const body = page.locator('[id="graph/declared"] > .body');
      expect(await body.getByText('on the stack').isVisible()).toBe(true);
      expect(await body.locator('.seen section').count()).toBe(2);
      expect(await body.locator('pre').isVisible()).toBe(false);
      await body.locator('.yaml > summary').click();
      const text = '# a comment\ntitle: Declared\nwhen:\n  - call: sum(1, 2)';
      expect(await body.locator('pre').textContent()).toBe(text);
      expect(await body.locator('pre b').allTextContents()).toEqual(['title:', 'when:', 'call:']);
      expect(fragment(page)).toBe('#graph/declared');
      await row(page, 'graph/declared').click();
      expect(await isOpen(page, 'graph/declared')).toBe(false);
      expect(fragment(page)).toBe('');
    });
  });

  test('what fails stands open, with its diff and the trace of both sides', async () => {
    await visit(async (page) => {
      expect(await isOpen(page, 'fprobe/family')).toBe(true);
      expect(await isOpen(page, 'fprobe/family.2')).toBe(true);
      const body = page.locator('[id="fprobe/family.2"] > .body');
      expect(await body.locator('.diff .ins').isVisible()).toBe(true);
      expect(await body.locator('.trace li code').allTextContents()).toEqual(['store a1', 'store x1']);
      expect(await body.locator('.trace .parted p').count()).toBe(2);
      await page.locator('.failures a').click();
      expect(fragment(page)).toBe('#fprobe/family.2');
    });
  });

  test('texts of cases are text', async () => {
    await visit(async (page) => {
      await row(page, 'graph/').click();
      await row(page, 'graph/nasty').click();
      const shown = nasty.replace('\u0001', '\ufffd');
      expect(await page.locator('[id="graph/nasty"] .why').textContent()).toBe(shown);
      expect(await page.locator('[id="graph/nasty"] > summary .title').textContent()).toBe(shown);
    });
  });

  test.each([
    ['declared', ['graph/declared']],
    ['family covers:fp-02', ['fprobe/family']],
    ['feature:KPROBES', ['fprobe/gated']],
    ['feature:KPROBE', []],
    ['status:unsupported', ['fprobe/gated']],
    ['status:ng', ['fprobe/family']],
    ['status:fail arch:beta', ['fprobe/family']],
    ['status:fail arch:alpha', []],
    ['status:un at:6.1', ['fprobe/gated']],
    ['at:6.1', ['fprobe/family', 'graph/declared', 'graph/nasty']],
    ['arch:gamma@7.2 -declared', ['fprobe/family', 'graph/nasty']],
    ['arch:delta', []],
    ['failing', ['fprobe/family']],
    ['differs', ['fprobe/family', 'graph/declared']],
    ['differs -failing', ['graph/declared']],
  ] as const)('filter %s', async (text, matching) => {
    await visit(async (page) => {
      await page.locator('[name=q]').fill(text);
      const all = ['fprobe/family', 'fprobe/gated', 'graph/declared', 'graph/nasty'];
      expect(await greyed(page)).toEqual(all.filter((id) => !(matching as readonly string[]).includes(id)));
    });
  });

  test('what does not match is greyed and still there; the address brings the view back', async () => {
    let address = '';
    await visit(async (page) => {
      await page.locator('[name=q]').fill('declared');
      expect(await page.locator('output').textContent()).toBe('1 of 4 rows');
      expect(await isOpen(page, 'graph/')).toBe(true);
      expect(await row(page, 'graph/nasty').isVisible()).toBe(true);
      const dim = await opacity(page, 'graph/nasty');
      const plain = await opacity(page, 'graph/declared');
      expect([Number(dim) < 0.5, plain]).toEqual([true, '1']);
      await row(page, 'graph/declared').click();
      expect(fragment(page)).toBe('#graph/declared?q=declared');
      address = new URL(page.url()).hash;
    });
    await visit(
      async (page) => {
        expect(await page.locator('[name=q]').inputValue()).toBe('declared');
        expect(await greyed(page)).toEqual(['fprobe/family', 'fprobe/gated', 'graph/nasty']);
        expect(await page.locator('[id="graph/declared"] .known').isVisible()).toBe(true);
        await page.locator('[name=q]').fill('');
        expect(await page.locator('.off').count()).toBe(0);
        expect(fragment(page)).toBe('#graph/declared');
      },
      { fragment: address },
    );
  });

  test('a case in the address is opened and in sight', async () => {
    await visit(
      async (page) => {
        const last = page.locator('[id="folder002/words-of-family-59.1"]');
        expect(await last.evaluate((one) => one.hasAttribute('open'))).toBe(true);
        const { y = -1 } = (await last.boundingBox()) ?? {};
        expect(y).toBeGreaterThanOrEqual(0);
        expect(y).toBeLessThan(700);
      },
      { path: large, fragment: '#folder002/words-of-family-59.1' },
    );
  });

  test('keys', async () => {
    await visit(async (page) => {
      const press = async (...keys: string[]) => {
        for (const key of keys) await page.keyboard.press(key);
        return focused(page);
      };
      expect(await press('j')).toBe('fprobe/');
      expect(await press('j', 'j', 'j')).toBe('fprobe/family.2');
      expect(await press('k')).toBe('fprobe/family.1');
      expect(await press('Enter')).toBe('fprobe/family.1');
      expect(await isOpen(page, 'fprobe/family.1')).toBe(true);
      expect(await press('ArrowLeft')).toBe('fprobe/family.1');
      expect(await isOpen(page, 'fprobe/family.1')).toBe(false);
      expect(await press('ArrowLeft')).toBe('fprobe/family');
      expect(await press('j', 'j', 'j', 'j')).toBe('graph/');
      expect(await isOpen(page, 'graph/')).toBe(false);
      expect(await press('ArrowRight', 'ArrowRight')).toBe('graph/declared');
      expect(await press('N')).toBe('fprobe/family.2');
      expect(await press('/')).toBe('q');
      await page.keyboard.type('nasty');
      expect(await press('Enter', 'j', 'j')).toBe('graph/nasty');
      expect(await press('/', 'Escape')).not.toBe('q');
      expect(await page.locator('[name=q]').inputValue()).toBe('');
      await page.keyboard.press('?');
      expect(await page.locator('#keys').isVisible()).toBe(true);
      await page.keyboard.press('Escape');
      expect(await page.locator('#keys').isVisible()).toBe(false);
    });
  });

  test('a long list stands once; elsewhere a link leads to it, and the script brings it along', async () => {
    const long = () => Array.from({ length: 30 }, (_, row) => entry(String(row)));
    const cases = ['one', 'two'].map((name) => spec(`a/${name}`, { file: `a/${name}.yaml` }));
    const path = join(scratch, 'long.html');
    writeFileSync(path, reportHtml(await events(cases, { alpha: long, beta: long })));
    const second = (page: Page) => page.locator('[id="a/two"] .seen');
    await visit(
      async (page) => {
        await row(page, 'a/').click();
        await row(page, 'a/two').click();
        expect(await second(page).innerText()).toContain('as for a/one');
        await second(page).locator('a').click();
        expect(await page.locator('[id="a/one"] .seen li').last().isVisible()).toBe(true);
      },
      { path, javaScriptEnabled: false },
    );
    await visit(
      async (page) => {
        await second(page).locator('li').last().waitFor();
        expect(await second(page).locator('li').count()).toBe(30);
        expect(await second(page).locator('a').count()).toBe(0);
      },
      { path, fragment: '#a/two' },
    );
  });

  test.each(['light', 'dark'] as const)(
    '360 px wide, all open, %s: nothing is wider than the screen',
    async (colorScheme) => {
      for (const path of [file, large]) {
        await visit(
          async (page) => {
            await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true;`);
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
            const cut = await page.evaluate(
              `[...document.querySelectorAll('.cells b')].filter((one) => one.getBoundingClientRect().right > 360).length`,
            );
            expect(cut).toBe(0);
          },
          { path, colorScheme, viewport: { width: 360, height: 740 } },
        );
      }
    },
  );

  test.each(['light', 'dark'] as const)('letters stand out against their cells: %s', async (colorScheme) => {
    await visit(
      async (page) => {
        await page.evaluate(`for (const one of document.querySelectorAll('details')) one.open = true;`);
        const low = await page.evaluate(CONTRAST);
        expect(low).toEqual([]);
      },
      { colorScheme },
    );
  });

  test('without script all is there to be opened, and nothing offers what does not work', async () => {
    await visit(
      async (page) => {
        expect(await page.locator('#filter').isVisible()).toBe(false);
        await row(page, 'graph/').click();
        await row(page, 'graph/declared').click();
        await page.locator('[id="graph/declared"] .yaml > summary').click();
        const family = page.locator('[id="graph/declared"]');
        const shown = await family.innerText();
        for (const text of [
          'on the stack',
          'title: Declared',
          'entry watch sum(1, 2)',
          '(known divergence 1)',
        ]) {
          expect(shown).toContain(text);
        }
        expect(await page.locator('.trace').first().isVisible()).toBe(true);
      },
      { javaScriptEnabled: false },
    );
  });

  test('on paper there are no controls, and what fails is open', async () => {
    await visit(async (page) => {
      await page.emulateMedia({ media: 'print' });
      expect(await page.locator('#filter').isVisible()).toBe(false);
      expect(await page.locator('.diff').first().isVisible()).toBe(true);
      expect((await page.pdf({ format: 'A4' })).subarray(0, 5).toString()).toBe('%PDF-');
    });
  });
});

/** Texts with less than 4.5:1 to what is behind them (WCAG 2.2, 1.4.3). */
const CONTRAST = `(() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
    .reduce((sum, one, index) => sum + one * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (one) => { for (let node = one; node; node = node.parentElement) { const color = rgb(getComputedStyle(node).backgroundColor); if (color.length < 4 || color[3] > 0) return color; } return [255, 255, 255]; };
  const low = new Set();
  for (const one of document.querySelectorAll('body *')) {
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim()) || !one.checkVisibility()) continue;
    const [a, b] = [light(rgb(getComputedStyle(one).color)), light(behind(one))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) low.add(one.tagName + '.' + one.className + ' ' + ratio.toFixed(2));
  }
  return [...low];
})()`;
