// SPDX-License-Identifier: MIT
/**
 * JUnit XML as Jenkins reads it (junit-10.xsd of the xUnit plugin): a suite per feature folder, a testcase per case and
 * subject. That schema gives testcases no status and no properties: the verdict is the type of what stands in them, facts
 * are properties of suites. No times: equal runs give equal files.
 */
import { failing, STATUSES } from '../compare/statuses.js';
import type { Verdict } from '../compare/types.js';
import { subjectName } from '../target/outcome.js';
import { capDiff } from './cap-diff.js';
import type { CaseEvent, FooterEvent, HeaderEvent, RunEvent } from './events.js';
import { explainCommand, runCommand } from './reproduce.js';
import { folderOf } from './rows.js';
import { closingSentence, headerFacts } from './summary.js';

/** Lines of a diff. */
const DIFF_LINES = 200;

/** @param events a complete stream */
export function junit(events: readonly RunEvent[]): string {
  const header = events[0] as HeaderEvent;
  const footer = events.at(-1) as FooterEvent;
  const folders = new Map<string, CaseEvent[]>();
  for (const event of events) {
    if (event.event !== 'case') continue;
    const folder = folderOf(event);
    const known = folders.get(folder);
    if (known === undefined) folders.set(folder, [event]);
    else known.push(event);
  }
  const facts = [
    ...headerFacts(header),
    ['summary', closingSentence(footer, header.subjects.length)] as const,
  ].map(([name, value]) => property(name, value));
  const suites = [...folders].map(([name, cases]) => suite(name, cases, facts, header));
  const sum = tally([...folders.values()].flatMap((cases) => cases.flatMap(verdictsOf)));
  const { tests, failures, errors } = sum;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'ftrace-conform', tests, failures, errors })}>`,
    ...suites.flat(),
    '</testsuites>',
    '',
  ].join('\n');
}

const verdictsOf = ({ comparison }: CaseEvent) => comparison.verdicts;

function suite(
  name: string,
  cases: readonly CaseEvent[],
  facts: readonly string[],
  header: HeaderEvent,
): string[] {
  const { tests, failures, errors, skipped } = tally(cases.flatMap(verdictsOf));
  const known = cases.flatMap((event) =>
    verdictsOf(event)
      .filter(({ status }) => status === 'XFAIL')
      .map((verdict) =>
        property(`known failure: ${event.spec.id} ${subjectName(verdict.subject)}`, told(verdict)),
      ),
  );
  return [
    `  <testsuite${attributes({ name, tests, failures, errors, skipped, package: name })}>`,
    '    <properties>',
    ...facts,
    ...known,
    '    </properties>',
    ...cases.flatMap((event) => verdictsOf(event).map((verdict) => testcase(event, verdict, header))),
    '  </testsuite>',
  ];
}

function tally(verdicts: readonly Verdict[]) {
  const count = (element: string) =>
    verdicts.reduce((sum, { status }) => sum + Number(STATUSES[status].junit === element), 0);
  return {
    tests: verdicts.length,
    failures: count('failure'),
    errors: count('error'),
    skipped: count('skipped'),
  };
}

/** `classname` has one dot, at which Jenkins parts package and class: the revision stands with the name. */
function testcase(event: CaseEvent, verdict: Verdict, header: HeaderEvent): string {
  const { arch, revision, target } = verdict.subject;
  const open = `    <testcase${attributes({
    name: `${event.spec.id} [${revision}]`,
    classname: `${arch}.${target}`,
  })}`;
  const element = STATUSES[verdict.status].junit;
  if (element === 'testcase') return `${open}/>`;
  const start = `<${element}${attributes({ type: verdict.status, message: told(verdict) })}`;
  const inner =
    element === 'skipped'
      ? `${start}/>`
      : `${start}>${escapeXml(output(event, verdict, header))}</${element}>`;
  return `${open}>\n      ${inner}\n    </testcase>`;
}

/** Never empty: readers show nothing else. */
function told({ status, reason }: Verdict): string {
  return reason.trim() || STATUSES[status].meaning;
}

/** What a person needs to go on: the case, the difference, the commands. */
function output(event: CaseEvent, { diff, status }: Verdict, header: HeaderEvent): string {
  const { spec, comparison } = event;
  const { lines, more } = capDiff(diff ?? '', DIFF_LINES);
  const explain = explainCommand(event);
  return [
    `${spec.title} (${spec.file})`,
    ...(comparison.sentence !== null && !comparison.explained ? [comparison.sentence] : []),
    ...(diff === null ? [] : ['', ...lines, ...(more > 0 ? [`… ${more} more lines`] : [])]),
    ...(failing(status) ? ['', runCommand([event], false, header)] : []),
    ...(explain === null ? [] : [explain]),
    '',
  ].join('\n');
}

function property(name: string, value: string): string {
  return `      <property${attributes({ name, value })}/>`;
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(
      ([name, value]) =>
        ` ${name}="${escapeXml(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`,
    )
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/** Text for content and attributes; what XML 1.0 forbids (production Char) is left out, CR too, which parsers change. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replace(/[&<>"]/g, (one) => ENTITIES[one] as string);
}
