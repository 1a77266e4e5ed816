// SPDX-License-Identifier: MIT
/** ftrace-conform-cases(5), made from the published schema of cases: docs/man/ftrace-conform-cases.5. */
import { caseJsonSchema } from '../../case/json-schema.js';
import { title } from './man.js';
import { example, heading, item, prose, subheading } from './roff.js';

interface Schema {
  readonly description?: string;
  readonly type?: unknown;
  readonly enum?: readonly unknown[];
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly definitions?: Readonly<Record<string, Schema>>;
}

export function casesPage(): string {
  const root = caseJsonSchema() as Schema;
  const [probe, step, action] = [
    valuesOf(root.properties?.probes),
    opened(root.definitions?.step),
    opened(root.definitions?.action),
  ];
  const function_ = valuesOf(root.properties?.functions);
  const divergence = opened(opened(root.properties?.divergences).items);
  return [
    '.\\" Made from the schema of cases: see CONTRIBUTING.md.',
    title('ftrace-conform-cases', 5),
    heading('Name'),
    'ftrace\\-conform\\-cases \\- what must hold when functions are traced, as YAML files',
    heading('Description'),
    prose(
      'A case is one YAML file: functions of a modelled kernel, probes on them, steps, and what is to be observed. Its id is its path below the directory of cases, without `.yaml`. It names no architecture except where one is declared to differ. `docs/cases.md` of the package explains each part with an example.',
    ),
    example([
      'title: A callback sees the arguments',
      'why: Tracers print arguments.',
      'requires: [DYNAMIC_FTRACE_WITH_ARGS]',
      'functions:',
      '  f: { prototype: u64 f(u64 a), returns: a }',
      'probes:',
      '  watch: { ops: { on: [f] } }',
      'steps:',
      '  - register: watch',
      '  - call: f(5)',
      'expect:',
      '  - entry: { probe: watch, function: f, arguments: [5] }',
      '  - body: { function: f, arguments: [5] }',
      '  - result: 5',
    ]),
    heading('Keys of a file'),
    ...entries(root).map(([key, schema]) =>
      item(key, `${schema.description ?? ''}${root.required?.includes(key) ? ' Needed.' : ''}`),
    ),
    heading('Functions'),
    ...items(function_),
    heading('Probes'),
    ...entries(probe).flatMap(([kind, schema]) => [
      subheading(kind),
      prose(schema.description ?? ''),
      ...items(opened(schema)),
    ]),
    heading('Steps'),
    ...items(step),
    heading('Actions of handlers'),
    ...items(action),
    heading('Expectations'),
    prose('In order and exact in number. A field that is left out is not asserted.'),
    ...entries(opened(root.definitions?.expectation)).flatMap(([kind, schema]) => [
      subheading(kind),
      prose(schema.description ?? ''),
      ...items(opened(schema)),
    ]),
    heading('Divergences'),
    ...items(divergence),
    subheading('on'),
    ...items(opened(divergence.properties?.on)),
    heading('See also'),
    '.BR ftrace\\-conform (1)',
    '',
  ].join('\n');
}

const entries = (schema: Schema) => Object.entries(schema.properties ?? {});

function items(schema: Schema): string[] {
  return entries(schema).map(([key, one]) => item(key, one.description ?? ''));
}

/** Of the alternatives the one with keys or items: the others are a parameter, or a shorter way to write it. */
function opened(schema: Schema = {}): Schema {
  if (schema.properties !== undefined || schema.items !== undefined) return schema;
  return schema.anyOf?.find((one) => one.properties ?? one.items ?? one.additionalProperties) ?? schema;
}

/** What a map has below each of its keys. */
function valuesOf(schema: Schema | undefined): Schema {
  const { additionalProperties: values } = opened(schema);
  return typeof values === 'object' ? opened(values) : {};
}
