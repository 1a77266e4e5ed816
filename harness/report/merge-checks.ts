// SPDX-License-Identifier: MIT
/** What logs must have in common before they are merged, each refused with the names of the logs. */
import { EXIT } from '../compare/exit-codes.js';
import { caseSetOf } from '../plan/case-set.js';
import { Problem } from '../plan/problem.js';
import type { HeaderEvent } from './events.js';
import type { Log } from './log.js';
import { wasCutShort } from './summary.js';

export function refuse(why: string): never {
  throw new Problem(`${why}; merge refused`, EXIT.refused);
}

/** Each log for itself. */
export function checkComplete(logs: readonly Log[]): void {
  for (const { name, header, cases, footer } of logs) {
    const cut = wasCutShort(footer);
    if (cut !== null) refuse(`${name}: ${cut}`);
    if (caseSetOf(cases.map(({ spec }) => spec)) !== header.caseSet) {
      refuse(`${name}: its cases are not those its header names`);
    }
    const { shard } = header;
    const whole = Number.isSafeInteger(shard?.index) && Number.isSafeInteger(shard?.of);
    if (shard !== undefined && (!whole || shard.index < 1 || shard.index > shard.of)) {
      refuse(`${name}: is shard ${String(shard.index)}/${String(shard.of)}, which cannot be`);
    }
  }
}

/** What must be alike, and how to say that it is not. */
const ALIKE: readonly (readonly [what: string, of: (header: HeaderEvent) => unknown])[] = [
  ['versions of ftrace-conform', ({ harness }) => harness],
  ['interpretations of cases', ({ interpretation }) => interpretation],
  ['axes', ({ axis }) => axis],
  ['seeds', ({ seed }) => seed],
  ['reruns', ({ rerun }) => rerun?.of.join(' ')],
  [
    'reruns with other cases left out',
    ({ rerun }) => rerun && JSON.stringify([rerun.outstanding, rerun.settled, rerun.left]),
  ],
  ['numbers of shards', ({ shard }) => (shard === undefined ? 'not a shard' : `of ${shard.of}`)],
  ['sets of cases', ({ shard, caseSet }) => (shard?.caseSet ?? caseSet).slice(0, 12)],
];

export function checkSame(logs: readonly Log[]): void {
  for (const [what, of] of ALIKE) {
    const groups = new Map<unknown, string[]>();
    for (const { name, header } of logs) {
      const value = of(header);
      groups.set(value, [...(groups.get(value) ?? []), name]);
    }
    if (groups.size < 2) continue;
    const list = [...groups].map(
      ([value, names]) => `\n  ${String(value ?? 'none').slice(0, 60)}: ${names.join(', ')}`,
    );
    throw new Problem(`logs with different ${what}; merge refused${list.join('')}`, EXIT.refused);
  }
}
