// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import { seen } from '../cli/test/fakes.js';
import type { HeaderEvent } from './events.js';
import { escapeMarkdown, markdown } from './markdown.js';
import { eventsOf, everyStatus, wantsOne, withStatus, zero } from './test/stream.js';

test('what stands out, the matrix, each failure with difference and command, the facts', async () => {
  const cases = [
    wantsOne('direct/a', { title: 'A *direct* call' }),
    wantsOne('direct/b'),
    wantsOne('graph/c'),
  ];
  const events = await eventsOf(cases, (id, { arch }) =>
    arch === 'beta' && id === 'direct/a' ? zero : undefined,
  );
  const { caseSet } = events[0] as HeaderEvent;
  expect(markdown(events, 0)).toBe(`## ftrace-conform: 1 case not as expected

- only beta, on direct/a; everything else agrees

1 case differs between subjects without a declared reason.

3 cases × 3 subjects: 8 as expected, 1 not.

| case | al | be | ga |
| --- | :-: | :-: | :-: |
| \`direct/a\` | ok | **NG** | ok |
| \`direct/b\` | ok | ok | ok |
| \`graph/c\` | ok | ok | ok |

ok as expected · NG differs

### Not as expected

#### \`direct/a\`

A \\*direct\\* call

**only beta differs: the caller of f gets 0, the others 1**

- NG \`beta@7.2/model\`: the caller of f gets 0, expected 1

\`\`\`diff
--- expected
+++ beta@7.2/model
@@ -1,1 +1,1 @@
-result f = 1
+result f = 0
\`\`\`

\`\`\`sh
ftrace-conform run direct/a --arch beta
ftrace-conform explain direct/a --arch beta --vs alpha
\`\`\`

<details><summary>Facts</summary>

| | |
| --- | --- |
| harness | \`ftrace-conform 1.2.3, interpretation 1\` |
| command | \`run --seed 1\` |
| subjects | \`alpha@7.2/model, beta@7.2/model, gamma@7.2/model\` |
| compared along | \`arch\` |
| case set | \`sha256 ${caseSet}\` |
| seed | \`1\` |

</details>
`);
});

test('says so when all is as expected, or cut short', async () => {
  const events = await eventsOf([wantsOne('a/b')], () => undefined);
  expect(markdown(events, 0)).toMatch(/^## ftrace-conform: all as expected\n\n- everything agrees\n/);
  const cut = events.map((event) =>
    event.event === 'footer' ? { ...event, complete: false, interrupted: true } : event,
  );
  expect(markdown(cut, 0)).toMatch(/^## ftrace-conform: interrupted; all as expected\n/);
});

test('ten failures in full, the others by name; all of them with -v', async () => {
  const ids = Array.from({ length: 13 }, (_, index) => `a/c${String(index).padStart(2, '0')}`);
  const cases = ids.map((id) => wantsOne(id));
  const events = await eventsOf(cases, (_, { arch }) => (arch === 'beta' ? zero : undefined));
  const brief = markdown(events, 0);
  expect(brief.match(/^```diff$/gm)).toHaveLength(10);
  expect(brief).toContain(
    '<details><summary>3 more</summary>\n\n- `a/c10`\n- `a/c11`\n- `a/c12`\n\n</details>',
  );
  expect(markdown(events, 1).match(/^```diff$/gm)).toHaveLength(13);
});

test('each status has its letters in the matrix', async () => {
  const rows = markdown(await everyStatus(), 2)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()));
  expect(rows.slice(0, 10).map((row) => `${row[1]} ${row[3]}`)).toEqual([
    '`direct/a` **NG**',
    '`direct/b` ok',
    '`fprobe/crash` **CR**',
    '`fprobe/error` **ER**',
    '`fprobe/miss` **ms**',
    '`fprobe/timeout` **TM**',
    '`graph/gated` un',
    '`graph/skip` sk',
    '`graph/xfail` xf',
    '`graph/xpass` **XP**',
  ]);
});

test('what a case says is never markup', async () => {
  expect(escapeMarkdown('a_b *c* <d> & `e` [f](g) | h\n# i')).toBe(
    'a\\_b \\*c\\* &lt;d> &amp; \\`e\\` \\[f\\](g) \\| h \\# i',
  );
  const fence = [seen('result', { function: '```\nf', value: '0' })];
  const events = await eventsOf([wantsOne('a/b')], (_, { arch }) => (arch === 'beta' ? fence : undefined));
  const text = markdown(withStatus(events, 'a/b', 'beta', 'FAIL', '<script>\n\n# heading'), 0);
  expect(text).toContain('- NG `beta@7.2/model`: &lt;script> \\# heading\n');
  expect(text).toContain('\n````diff\n');
  expect(text).not.toMatch(/^# heading/m);
});
