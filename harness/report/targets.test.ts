// SPDX-License-Identifier: MIT
/** Runs on several targets: compared along `target`, stored, read again, shown. */
import { describe, expect, test } from 'vitest';
import { fakeTarget, seen, spec, subject } from '../cli/test/fakes.js';
import { compareRuns } from '../compare/over-time.js';
import { byId } from '../plan/order.js';
import { run } from '../plan/run.js';
import type { CaseEvent, HeaderEvent, RunEvent } from './events.js';
import { dispatch, logText, readLog } from './jsonl.js';
import { standingOf } from './standing.js';
import { plain } from './style.js';
import { terminal } from './terminal.js';

const TARGETS = ['kernel', 'model', 'qemu-user'];

/** The model of beta at 7.2 gives 2 where everything else gives 1. */
async function events(revisions: readonly string[]): Promise<RunEvent[]> {
  const subjects = ['alpha', 'beta'].flatMap((arch) =>
    revisions.flatMap((revision) =>
      TARGETS.map((target) => ({
        short: arch.slice(0, 2),
        target: fakeTarget(subject(arch, revision, target), [], () => [
          seen('result', { value: `${arch}${revision}${target}` === 'beta7.2model' ? '2' : '1' }),
        ]),
      })),
    ),
  );
  const list: RunEvent[] = [];
  const how = { axis: 'target', seed: 1, harness: '0', command: ['run'] } as const;
  for await (const event of run({ cases: [spec('c')], subjects, ...how })) list.push(event);
  return list;
}

async function listened(revisions: readonly string[]): Promise<string> {
  let out = '';
  const write = (text: string) => {
    out += text;
  };
  const listener = terminal({ write, paint: plain, width: 80, detail: 0 });
  for (const event of await events(revisions)) dispatch(event, [listener]);
  return out;
}

describe('along target', () => {
  test('each back-end at each revision by itself: its odd target is named and fails', async () => {
    const [, one] = await events(['6.1', '7.2']);
    const { comparison } = one as CaseEvent;
    expect(comparison.sentence).toBe(
      'at beta/7.2: only model differs: the caller gets 2, the others 1; so our interpreter or instruction table is wrong',
    );
    const failed = comparison.verdicts.filter(({ status }) => status === 'FAIL');
    expect(failed.map(({ subject }) => subject)).toEqual([subject('beta', '7.2', 'model')]);
    expect(comparison.explained).toBe(false);
  });

  test('a log of several targets reads back as it was', async () => {
    const list = await events(['7.2']);
    expect(readLog(logText(list), 'log')).toEqual(list);
  });

  test('the matrix has a column for every target', async () => {
    const matrix = (text: string) => text.slice(text.indexOf('columns of')).split('\n\n')[0]?.split('\n');
    const one = await listened(['7.2']);
    expect(matrix(one)).toEqual([
      'columns of a back-end: kernel, model, qemu-user',
      'case al        be',
      'c    ok ok ok  ok NG ok',
    ]);
    const two = await listened(['6.1', '7.2']);
    expect(matrix(two)).toEqual([
      'columns of a back-end: 6.1/kernel, 6.1/model, 6.1/qemu-user, 7.2/kernel,',
      '7.2/model, 7.2/qemu-user',
      'case al                 be',
      'c    ok ok ok ok ok ok  ok ok ok ok NG ok',
    ]);
  });

  test('two such runs are compared subject by subject', async () => {
    const list = await events(['7.2']);
    const standing = standingOf(list[0] as HeaderEvent, list.slice(1, -1) as CaseEvent[]);
    expect(compareRuns(standing, standing, byId).counts.results.unchanged).toBe(6);
  });
});
