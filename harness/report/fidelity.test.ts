// SPDX-License-Identifier: MIT
/** Several targets of one run: what reports say of how far they agree. */
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import type { Case } from '../case/types.js';
import { type Answer, divergence, expected, fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import type { Axis } from '../compare/types.js';
import { run } from '../plan/run.js';
import { skippedTarget } from '../target/skipped.js';
import type { CaseEvent, RunEvent } from './events.js';
import { fidelityOf } from './fidelity.js';
import { reportHtml } from './html/html.js';
import { reportJson } from './json.js';
import { dispatch, logText, readLog } from './jsonl.js';
import { logSchema } from './log-schema.js';
import { markdown } from './markdown.js';
import { publishedSchema } from './report-schema.js';
import { plain } from './style.js';
import { terminal } from './terminal.js';

const one: Answer = [seen('result', { value: '1' })];
const two: Answer = [seen('result', { value: '2' })];
const ids = ['a', 'b', 'c', 'd', 'known'];
const reason = 'One target rounds.';

/** At 7.2 `alpha` gives 2 on qemu-user in a, b and `known`, where the case declares it. */
async function events(
  targets: readonly string[],
  axis: Axis = 'target',
  skips?: string,
): Promise<RunEvent[]> {
  const answer = (id: string, revision: string, target: string): Answer => {
    if (id === 'd' && target === 'qemu-user') return { end: { kind: 'unsupported', lacks: ['X'] } };
    return ['a', 'b', 'known'].includes(id) && revision === '7.2' && target === 'qemu-user' ? two : one;
  };
  const subjects = ['6.1', '7.2'].flatMap((revision) =>
    targets.map((target) => {
      const id = subject('alpha', revision, target);
      const missing = skips !== undefined && target !== 'model';
      return {
        short: `al@${revision}/${target}`,
        target: missing
          ? skippedTarget(id, new Set(), skips)
          : fakeTarget(id, [], (one) => answer(one.id, revision, target)),
      };
    }),
  );
  const known: Partial<Case> = {
    expect: [expected('result', { value: '1' })],
    divergences: [
      divergence(
        { target: ['qemu-user'], revision: ['7.2'] },
        [{ at: 1, by: { fields: { value: '2' } } }],
        reason,
      ),
    ],
  };
  const cases = ids.map((id) => spec(id, id === 'known' ? known : {}));
  const list: RunEvent[] = [];
  for await (const event of run({ cases, subjects, axis, seed: 1, harness: '0', command: ['run'] }))
    list.push(event);
  return list;
}

const casesOf = (list: readonly RunEvent[]) => list.filter((one): one is CaseEvent => one.event === 'case');
const BLAME =
  'with model and qemu-user alone it cannot be told whether our interpreter or instruction table is wrong, or clang assembles our trampolines otherwise, or we set up QEMU wrongly';

function shown(list: readonly RunEvent[], detail: 0 | 1 = 0): string {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const listener = terminal({ write, paint: plain, width: 80, detail });
  for (const event of list) dispatch(event, [listener]);
  return out;
}

describe('fidelity', () => {
  test.each(['target', 'arch', 'revision'] as const)(
    'counts by back-end and revision, compared along %s',
    async (axis) => {
      expect(fidelityOf(casesOf(await events(['model', 'qemu-user'], axis)))).toEqual({
        rows: [
          {
            arch: 'alpha',
            revision: '6.1',
            targets: ['model', 'qemu-user'],
            cases: 4,
            equal: 4,
            different: 0,
            declared: 0,
          },
          {
            arch: 'alpha',
            revision: '7.2',
            targets: ['model', 'qemu-user'],
            cases: 4,
            equal: 1,
            different: 3,
            declared: 1,
          },
        ],
        disagreements: [
          {
            ...{ arch: 'alpha', revision: '7.2', classes: [['model'], ['qemu-user']] },
            ...{ declared: false, blame: BLAME, cases: ['a', 'b'] },
          },
          {
            ...{ arch: 'alpha', revision: '7.2', classes: [['model'], ['qemu-user']] },
            ...{ declared: true, blame: reason, cases: ['known'] },
          },
        ],
      });
    },
  );

  test('of three targets has each two of them, and tells the odd one', async () => {
    const found = fidelityOf(casesOf(await events(['model', 'qemu-user', 'vmlinux'])));
    expect(
      found?.rows.map(({ revision, targets, equal }) => `${revision} ${targets.join()} ${equal}`),
    ).toEqual([
      '6.1 model,qemu-user 4',
      '6.1 model,vmlinux 5',
      '6.1 qemu-user,vmlinux 4',
      '7.2 model,qemu-user 1',
      '7.2 model,vmlinux 5',
      '7.2 qemu-user,vmlinux 1',
    ]);
    expect(found?.disagreements[0]).toMatchObject({
      classes: [['model', 'vmlinux'], ['qemu-user']],
      blame: 'so clang assembles our trampolines otherwise, or we set up QEMU wrongly',
    });
  });

  test('is told by every report', async () => {
    const list = await events(['model', 'qemu-user']);
    const sum = 'model and qemu-user: 5 of 8 outcomes equal, 3 different, 1 of them as declared';
    const flat = (text: string) => text.replace(/\s+/g, ' ');
    const told = `alpha@7.2, model against qemu-user on a and b: ${BLAME}`;
    expect(flat(shown(list))).toContain(`Fidelity ${sum} ${told} `);
    expect(shown(list)).not.toContain('declared: One');
    expect(flat(shown(list, 1))).toContain(`on known: declared: ${reason}`);
    const page = reportHtml(list);
    expect(page).toContain(`<li>${sum}</li>`);
    expect(page).toContain(told);
    expect(page).toMatch(
      /<tr><th>alpha@7\.2<\/th><td>model, qemu-user<\/td><td>4<\/td><td>1<\/td><td>3<\/td><td>1<\/td>/,
    );
    const text = markdown(list, 0);
    expect(text).toContain('| `alpha@7.2` | model, qemu-user | 4 | 1 | 3 | 1 |');
    expect(text).toContain(told);
    const json = JSON.parse(reportJson(list));
    expect(json.fidelity).toEqual(fidelityOf(casesOf(list)));
    expect(new Ajv({ strict: false }).validate(publishedSchema(), json)).toBe(true);
  });

  test('is not there where one target ran', async () => {
    const skips = 'no emulator; install it';
    for (const list of [await events(['model']), await events(['model', 'qemu-user'], 'target', skips)]) {
      expect(fidelityOf(casesOf(list))).toBeNull();
      expect(shown(list)).not.toContain('Fidelity');
      expect(reportHtml(list)).not.toContain('id="fidelity"');
      expect(markdown(list, 0)).not.toContain('Fidelity');
      expect(JSON.parse(reportJson(list))).not.toHaveProperty('fidelity');
    }
  });

  test('a log keeps that nobody counted instructions', async () => {
    const list = (await events(['model'])).map((event) =>
      event.event !== 'case'
        ? event
        : {
            ...event,
            comparison: {
              ...event.comparison,
              outcomes: event.comparison.outcomes.map((outcome) => ({ ...outcome, instructions: null })),
            },
          },
    );
    const text = logText(list);
    expect(readLog(text, 'log')).toEqual(list);
    const valid = new Ajv({ strict: false }).compile(logSchema());
    for (const line of text.trimEnd().split('\n')) expect(valid(JSON.parse(line))).toBe(true);
  });

  test('what was skipped is told with its reason', async () => {
    const list = await events(['model', 'qemu-user'], 'target', 'no emulator; install it');
    const told = 'skipped on alpha@6.1/qemu-user, alpha@7.2/qemu-user: no emulator; install it';
    expect(shown(list)).toContain(told);
    expect(markdown(list, 0)).toContain(told);
    expect(reportHtml(list)).toContain(told);
    expect(list.at(-1)).toMatchObject({ exitCode: 4 });
    expect(readLog(logText(list), 'log')).toEqual(list);
    const valid = new Ajv({ strict: false }).compile(logSchema());
    for (const line of logText(list).trimEnd().split('\n')) expect(valid(JSON.parse(line))).toBe(true);
  });
});
