// SPDX-License-Identifier: MIT

import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { describe, expect, test } from 'vitest';
import { STATUSES } from '../compare/statuses.js';
import type { RunEvent } from './events.js';
import { escapeXml, junit } from './junit.js';
import { eventsOf, everyStatus, wantsOne, withStatus, zero } from './test/stream.js';

interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly Element[];
  readonly text: string;
}

type Ordered = Record<string, unknown>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  htmlEntities: true,
  processEntities: { enabled: true, maxTotalExpansions: 1e9, maxExpandedLength: 1e9 },
});

function parse(xml: string): Element {
  expect(XMLValidator.validate(xml)).toBe(true);
  const list = (parser.parse(xml) as Ordered[]).filter((node) => !('?xml' in node) && !('#text' in node));
  expect(list).toHaveLength(1);
  return element(list[0] as Ordered);
}

function element(node: Ordered): Element {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const inner = node[name] as Ordered[];
  return {
    name,
    attributes: (node[':@'] ?? {}) as Record<string, string>,
    children: inner.filter((child) => !('#text' in child)).map(element),
    text: inner.map((child) => child['#text'] ?? '').join(''),
  };
}

/**
 * Of junit-10.xsd of Jenkins' xUnit plugin: attributes, required ones with `!`. Children are in the order and number that
 * the older junit-4.xsd still asks for (`*`: any number, `?`: one at most, `+`: at least one).
 */
const SCHEMA: Record<string, { attributes: string[]; children: string[] }> = {
  testsuites: {
    attributes: ['name', 'time', 'tests', 'failures', 'errors'],
    children: ['testsuite*'],
  },
  testsuite: {
    attributes: [
      ...['name!', 'tests!', 'failures!', 'errors!', 'group', 'time', 'skipped'],
      ...['timestamp', 'hostname', 'id', 'package', 'file', 'log', 'url'],
    ],
    children: ['properties?', 'testcase*', 'system-out?', 'system-err?'],
  },
  properties: { attributes: [], children: ['property+'] },
  property: { attributes: ['name!', 'value!'], children: [] },
  testcase: {
    attributes: ['name!', 'time', 'classname', 'group'],
    children: ['skipped?', 'error*', 'failure*', 'system-out*', 'system-err*'],
  },
  skipped: { attributes: ['type', 'message'], children: [] },
  error: { attributes: ['type', 'message'], children: [] },
  failure: { attributes: ['type', 'message'], children: [] },
};

function faults({ name, attributes, children }: Element): string[] {
  const rule = SCHEMA[name];
  if (rule === undefined) return [`no element ${name}`];
  const known = rule.attributes.map((one) => one.replace('!', ''));
  const order = rule.children.map((one) => one.slice(0, -1));
  const places = children.map((child) => order.indexOf(child.name));
  return [
    ...Object.keys(attributes)
      .filter((one) => !known.includes(one))
      .map((one) => `${name} has no attribute ${one}`),
    ...rule.attributes
      .filter((one) => one.endsWith('!') && attributes[one.slice(0, -1)] === undefined)
      .map((one) => `${name} lacks ${one}`),
    ...places.flatMap((place, index) =>
      place < 0 || place < (places[index - 1] ?? 0) ? [`${children[index]?.name} is misplaced`] : [],
    ),
    ...rule.children.flatMap((one, place) => {
      const count = places.filter((other) => other === place).length;
      const limit = { '?': count <= 1, '+': count >= 1 }[one.at(-1) ?? ''] ?? true;
      return limit ? [] : [`${count} ${one} in ${name}`];
    }),
    ...children.flatMap(faults),
  ];
}

const suitesOf = (events: readonly RunEvent[]) => parse(junit(events)).children;
const casesOf = (events: readonly RunEvent[]) =>
  suitesOf(events).flatMap(({ children }) => children.filter(({ name }) => name === 'testcase'));

describe('JUnit', () => {
  test('is what Jenkins’ schema allows', async () => {
    expect(faults(parse(junit(await everyStatus())))).toEqual([]);
    expect(faults(parse(junit(await eventsOf([], () => undefined))))).toEqual([]);
  });

  test('the checker finds what is wrong', () => {
    const wrong =
      '<testsuites><testsuite name="a"><testcase name="x"><failure/><skipped reason="y"/></testcase><properties/></testsuite></testsuites>';
    expect(faults(parse(wrong))).toEqual([
      'testsuite lacks tests!',
      'testsuite lacks failures!',
      'testsuite lacks errors!',
      'properties is misplaced',
      'skipped is misplaced',
      'skipped has no attribute reason',
      '0 property+ in properties',
    ]);
  });

  test('suites are features; their numbers are what stands in them', async () => {
    const root = parse(junit(await everyStatus()));
    expect(root.attributes).toEqual({ name: 'ftrace-conform', tests: '30', failures: '2', errors: '4' });
    const numbers = root.children.map(({ attributes: { name, tests, failures, errors, skipped } }) =>
      [name, tests, failures, errors, skipped].join(' '),
    );
    expect(numbers).toEqual(['direct 6 1 0 0', 'fprobe 12 0 4 0', 'graph 12 1 0 5']);
    for (const { attributes, children } of root.children) {
      const count = (name: string) =>
        children.filter((one) => one.children.some((child) => child.name === name)).length;
      expect(children.filter(({ name }) => name === 'testcase')).toHaveLength(Number(attributes.tests));
      expect([count('failure'), count('error'), count('skipped')].map(String)).toEqual([
        attributes.failures,
        attributes.errors,
        attributes.skipped,
      ]);
    }
  });

  test('each status has its element, and says why', async () => {
    const cases = casesOf(await everyStatus()).filter(
      ({ attributes }) => attributes.classname === 'beta.model',
    );
    const told = cases.map(({ attributes, children: [child] }) =>
      [attributes.name, child?.name, child?.attributes.type, child?.attributes.message].join(' | '),
    );
    expect(told).toEqual([
      'direct/a [7.2] | failure | FAIL | the caller of f gets 0, expected 1',
      'direct/b [7.2] |  |  | ',
      'fprobe/crash [7.2] | error | CRASH | wild jump to 0x10',
      'fprobe/error [7.2] | error | ERROR | no such symbol: g',
      'fprobe/miss [7.2] | error | MISS | no image',
      'fprobe/timeout [7.2] | error | TIMEOUT | 60 s',
      'graph/gated [7.2] | skipped | UNSUPPORTED | lacks FPROBE',
      'graph/skip [7.2] | skipped | SKIP | too slow',
      'graph/xfail [7.2] | skipped | XFAIL | #123 the frame is short',
      'graph/xpass [7.2] | failure | XPASS | declared divergence no longer shows: it is so',
    ]);
  });

  test('a known failure is a property of its suite, beside the facts of the run', async () => {
    const graph = suitesOf(await everyStatus()).at(-1);
    const properties = graph?.children[0]?.children.map(({ attributes: { name, value } }) => [name, value]);
    expect(properties?.map(([name]) => name)).toEqual([
      'harness',
      'command',
      'subjects',
      'compared along',
      'case set',
      'seed',
      'summary',
      'known failure: graph/xfail beta@7.2/model',
    ]);
    expect(properties?.[0]?.[1]).toBe('ftrace-conform 1.2.3, interpretation 1');
    expect(properties?.at(-1)?.[1]).toBe('#123 the frame is short');
  });

  test('a failure says what a person needs: the title, the difference, the command', async () => {
    const [failure] = casesOf(await everyStatus()).flatMap(({ children }) =>
      children.filter(({ name }) => name === 'failure'),
    );
    expect(failure?.text).toBe(
      [
        'A <direct> call & "more" (direct/a.yaml)',
        'only beta differs: the caller of f gets 0, the others 1',
        '',
        '--- expected',
        '+++ beta@7.2/model',
        '@@ -1,1 +1,1 @@',
        '-result f = 1',
        '+result f = 0',
        '',
        'ftrace-conform run direct/a --arch beta',
        'ftrace-conform explain direct/a --arch beta --vs alpha',
        '',
      ].join('\n'),
    );
  });

  test('a message is never empty', async () => {
    const events = withStatus(await eventsOf([wantsOne('a/b')], () => undefined), 'a/b', 'beta', 'FAIL', '');
    const [failure] = casesOf(events).flatMap(({ children }) => children);
    expect(failure?.attributes.message).toBe(STATUSES.FAIL.meaning);
  });

  test('revisions do not hide each other: classname and name together are unique', async () => {
    const events = await eventsOf([wantsOne('a/b'), wantsOne('a/c')], () => zero, {
      revisions: ['6.1', '6.12'],
    });
    const names = casesOf(events).map(({ attributes: { classname, name } }) => `${classname} ${name}`);
    expect(new Set(names).size).toBe(12);
    for (const { attributes } of casesOf(events)) expect(attributes.classname?.split('.')).toHaveLength(2);
  });
});

test('any text survives, but for what XML forbids', () => {
  const allowed = (text: string) =>
    Array.from(text)
      .filter((one) => {
        const code = one.codePointAt(0) as number;
        const surrogate = code >= 0xd800 && code <= 0xdfff;
        return (
          (code >= 0x20 || code === 9 || code === 10) && !surrogate && code !== 0xfffe && code !== 0xffff
        );
      })
      .join('');
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom(...'<>&"\'\n\t\r\0\u001b]'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
      fc.constant('\ud800'),
    ),
  });
  fc.assert(
    fc.property(text, (given) => {
      const { attributes, text: content } = parse(`<a b="${escapeXml(given)}">${escapeXml(given)}</a>`);
      expect(content).toBe(allowed(given));
      expect(attributes.b ?? '').toBe(allowed(given));
    }),
  );
});
