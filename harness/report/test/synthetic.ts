// SPDX-License-Identifier: MIT
/**
 * Runs of any size, made up: as many folders, families, texts, observations and declared divergences per case as the
 * corpus has, each case with texts of its own, so that nothing is small because it is always the same.
 */
import { noCounts } from '../../compare/statuses.js';
import type { AppliedDivergence, OutcomeClass, Verdict } from '../../compare/types.js';
import { type Observation, type SubjectId, subjectName } from '../../target/outcome.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from '../events.js';

export interface Size {
  readonly cases: number;
  readonly archs: number;
  readonly revisions: number;
  /** Left out from the end of all subjects: back-ends are not there at every revision. */
  readonly without?: number;
  /** Every nth case fails on one subject; 0: none does. */
  readonly failing?: number;
}

const CASES_IN_FAMILY = 2;
const FAMILIES_IN_FOLDER = 26;

export function syntheticRun(size: Size): [HeaderEvent, ...CaseEvent[], FooterEvent] {
  const header = headerOf(size);
  const cases = Array.from({ length: size.cases }, (_, index) => caseOf(index, header, size.failing ?? 0));
  cases.sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1));
  const counts = noCounts();
  for (const { comparison } of cases) for (const { status } of comparison.verdicts) counts[status]++;
  const unexplained = cases.filter(({ comparison }) => !comparison.explained).length;
  const footer: FooterEvent = {
    event: 'footer',
    complete: true,
    cases: cases.length,
    counts,
    unexplained,
    partial: 0,
    exitCode: unexplained > 0 ? 1 : 0,
    interrupted: false,
  };
  return [header, ...cases, footer] satisfies RunEvent[] as [HeaderEvent, ...CaseEvent[], FooterEvent];
}

function headerOf({ archs, revisions, without = 0 }: Size): HeaderEvent {
  const ids = Array.from(
    { length: archs * revisions - without },
    (_, index): SubjectId => ({
      arch: `arch${Math.floor(index / revisions)}`,
      revision: `6.${(index % revisions) + 1}`,
      target: 'model',
    }),
  );
  return {
    event: 'header',
    format: 2,
    harness: '0.0.0',
    interpretation: 1,
    caseSet: '0'.repeat(64),
    axis: 'arch',
    subjects: ids.map((id) => ({ name: subjectName(id), short: id.arch.slice(4), id, features: ['FPROBE'] })),
    seed: 1,
    command: ['run'],
  };
}

function caseOf(index: number, { subjects }: HeaderEvent, failing: number): CaseEvent {
  const family = Math.floor(index / CASES_IN_FAMILY);
  const folder = `folder${String(Math.floor(family / FAMILIES_IN_FOLDER)).padStart(3, '0')}`;
  const name = `${folder}/words-of-family-${family}`;
  const id = `${name}.${index % CASES_IN_FAMILY}`;
  const fails = failing > 0 && index % failing === 0;
  const lists = [seen(index, ''), seen(index, 'another')];
  const odd = (place: number) => place % 5 === family % 5;
  const verdicts = subjects.map(({ id: subject }, place): Verdict => {
    const supported = (place + family) % 3 > 0;
    const bad = fails && place === subjects.length - 1;
    const declared = supported && !bad && odd(place);
    return {
      case: id,
      subject,
      status: bad ? 'FAIL' : supported ? 'PASS' : 'UNSUPPORTED',
      reason: bad ? `entry watch: argument ${index} differs` : supported ? '' : `lacks FEATURE_${family % 7}`,
      diff: bad
        ? `--- expected\n+++ ${subjectName(subject)}\n@@ -1 +1 @@\n-entry ${index}\n+entry ${index + 1}`
        : null,
      divergences: declared ? [divergenceOf(family)] : [],
      absent: [],
    };
  });
  const ran = verdicts.flatMap(({ status, subject }, place) =>
    status === 'UNSUPPORTED' ? [] : [{ subject, place }],
  );
  const classes = [0, 1]
    .map(
      (which): OutcomeClass => ({
        subjects: ran
          .filter(({ place }) => Number(odd(place)) === which)
          .map(({ subject }) => subjectName(subject)),
        text: (lists[which] as Observation[]).map(lineOf),
      }),
    )
    .filter((one) => one.subjects.length > 0);
  return {
    event: 'case',
    spec: {
      id,
      file: `cases/${name}.yaml`,
      title: `Title ${family} of a case says in eighty letters what a maintainer would say of it`,
      why: `Why ${family} it is there takes two lines, about a hundred and twenty letters, so that a reader knows it.\n`,
      source: `linux 7.2 kernel/trace/file${family}.c (function_${family})`,
      covers: family % 4 === 0 ? [`ST-${family % 90}`] : [],
      requires: ['FPROBE'],
      text: yamlOf(family),
    },
    comparison: {
      case: id,
      verdicts,
      classes,
      sentence:
        classes.length < 2
          ? null
          : `only arch${family % 5} differs: at entry, watch sees ${index}, the others ${index + 1}`,
      explained: !fails,
      outcomes: verdicts.map(({ subject, status }, place) => ({
        case: id,
        subject,
        end: status === 'UNSUPPORTED' ? { kind: 'unsupported', lacks: ['FEATURE'] } : { kind: 'completed' },
        observations: status === 'UNSUPPORTED' ? [] : (lists[Number(odd(place))] as Observation[]),
        instructions: 100 + index,
      })),
    },
  };
}

function divergenceOf(family: number): AppliedDivergence {
  return {
    because: `The trampoline of family ${family} stores what it has in another place, which takes a sentence to tell.`,
    source: `linux 7.2 arch/some/kernel/entry-${family}.S ftrace_caller`,
    at: `${40 + (family % 9)}:5`,
  };
}

/** Seven observations, one of them unlike in `another`. */
function seen(index: number, another: string): Observation[] {
  return Array.from({ length: 7 }, (_, row) => ({
    kind: 'entry',
    fields: {
      probe: 'watch',
      function: `f${row}`,
      arguments: [String(index), String(row)],
      parent: row === 3 && another !== '' ? another : 'caller',
    },
  }));
}

const lineOf = ({ kind, fields }: Observation) =>
  `${kind} ${fields.probe} ${fields.function}(${[fields.arguments].flat().join(', ')}) parent=${fields.parent}`;

/** About 1,700 letters. */
function yamlOf(family: number): string {
  const calls = Array.from(
    { length: 30 },
    (_, row) => `  - call: f${row}(${family}, ${row * family}, 0x${(family * 7919 + row).toString(16)})`,
  );
  return `title: Title ${family}\nwhy: |\n  Why ${family}.\nwhen:\n${calls.join('\n')}\nexpect:\n${calls
    .slice(0, 12)
    .map((_, row) => `  - entry: { probe: watch, arguments: [${family}, ${row}] }`)
    .join('\n')}\n`;
}
