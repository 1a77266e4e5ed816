// SPDX-License-Identifier: MIT
/**
 * Checks a tree against the schema and says what is wrong in words: the schema library's findings are only
 * paths and codes here, their texts are never shown.
 */
import type * as z from 'zod';
import { nearest } from '../ctype/nearest.js';
import { fitsOf } from './fits.js';
import { hintForKey, hintForText } from './hints.js';
import type { Source } from './source.js';
import { childOf, describe, entryOf, type Mapping, type Node, plainOf } from './tree.js';

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;

interface Finding {
  readonly code: 'unknown-key' | 'missing-key' | 'wrong-shape';
  readonly offset: number;
  readonly message: string;
  readonly remedy: string;
}

/** @throws CaseError for the first finding; unknown keys first, since a mistyped key also leaves one missing */
export function checkShape(source: Source, root: Mapping, schema: z.ZodType): void {
  if (fitsOf(schema)(root)) return;
  const result = schema.safeParse(plainOf(root));
  if (result.success) return;
  const findings = result.error.issues.map((issue) => explain(issue, [], root, schema));
  const rank = (finding: Finding) => (finding.code === 'unknown-key' ? 0 : 1);
  findings.sort((a, b) => rank(a) - rank(b) || a.offset - b.offset);
  const [first] = findings as [Finding];
  source.fail(first.code, first.offset, first.message, first.remedy);
}

function explain(issue: Issue, base: Path, root: Mapping, schema: z.ZodType): Finding {
  const path = [...base, ...issue.path];
  const place = locate(root, path);
  const definition = definitionAt(schema, path, root);
  const about = descriptionAt(schema, path, root);
  if (place.node === undefined) {
    const key = String(path.at(-1));
    return {
      code: 'missing-key',
      offset: place.offset,
      message: `\`${key}\` is missing${of(path.slice(0, -1))}`,
      remedy: about === '' ? `add \`${key}:\`` : `add \`${key}:\` — ${about}`,
    };
  }
  if (issue.code === 'unrecognized_keys') {
    const map = place.node as Mapping;
    const key = issue.keys[0] as string;
    const known = definition ? keysOf(definition) : [];
    const near = nearest(key, known);
    const hint = hintForKey(path, key);
    return {
      code: 'unknown-key',
      offset: entryOf(map, key)?.key.offset ?? map.offset,
      message: `unknown key \`${key}\`${of(path)}`,
      remedy: hint ?? (near === undefined ? `its keys are ${known.join(', ')}` : `did you mean \`${near}\`?`),
    };
  }
  if (issue.code === 'invalid_union') {
    const deeper = chosen(issue.errors, place.node);
    if (deeper) return explain(deeper, path, root, schema);
    const step = hintForText(path, '');
    if (step !== null) return wrong(place, path, `expected a step, found ${describe(place.node)}`, step);
    const expected = [...new Set(issue.errors.flatMap((branch) => branch.slice(0, 1).map(expectedBy)))];
    return wrong(place, path, `expected ${oneOf(expected)}, found ${describe(place.node)}`, about);
  }
  if (
    issue.code === 'too_small' &&
    issue.minimum === 1 &&
    issue.origin !== 'number' &&
    issue.origin !== 'int'
  ) {
    return wrong(place, path, 'must not be empty', about);
  }
  if (issue.code === 'invalid_format') return wrong(place, path, 'must not be blank', about);
  if (issue.code === 'too_small') return wrong(place, path, `must be at least ${issue.minimum}`, about);
  if (issue.code === 'too_big') return wrong(place, path, `must be at most ${issue.maximum}`, about);
  if (issue.code === 'invalid_value') {
    const values = issue.values.map(String);
    const text = place.node.kind === 'scalar' ? place.node.text : '';
    const found = nearest(text, values);
    const hint = hintForText(path, text) ?? (found === undefined ? about : `did you mean \`${found}\`?`);
    const expected =
      hintForText(path, text) === null ? oneOf(values.map((value) => `\`${value}\``)) : 'a step';
    return wrong(place, path, `expected ${expected}, found ${describe(place.node)}`, hint);
  }
  return wrong(place, path, `expected ${expectedBy(issue)}, found ${describe(place.node)}`, about);
}

/**
 * The finding of the alternative that was meant. Alternatives differ in their JSON type, so it is the one
 * that did not fail for the type at its root: one that failed deeper, or at a closed set of words.
 */
function chosen(branches: readonly (readonly Issue[])[], node: Node): Issue | undefined {
  const firsts = branches.map((branch) => branch[0]).filter((issue) => issue !== undefined);
  const isWord = node.kind === 'scalar' && typeof node.value === 'string';
  return (
    firsts.find((issue) => issue.path.length > 0) ??
    firsts.find((issue) => issue.code !== 'invalid_type' && (issue.code !== 'invalid_value' || isWord))
  );
}

function wrong(place: Place, path: Path, message: string, remedy: string): Finding {
  const key = subject(path);
  return {
    code: 'wrong-shape',
    offset: place.offset,
    message: key === '' ? message : `${key}: ${message}`,
    remedy,
  };
}

function expectedBy(issue: Issue): string {
  if (issue.code === 'invalid_value') return oneOf(issue.values.map((value) => `\`${String(value)}\``));
  if (issue.code !== 'invalid_type') return 'something else';
  const words: Readonly<Record<string, string>> = {
    string: 'a text',
    int: 'a whole number',
    number: 'a number',
    boolean: '`true` or `false`',
    array: 'a list',
    object: 'a map',
    record: 'a map',
    null: '`NULL`',
  };
  return words[issue.expected] ?? issue.expected;
}

function oneOf(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** The nearest named thing: `\`prototype\` in functions.sum6`. */
function subject(path: Path): string {
  const last = path.at(-1);
  if (last === undefined) return '';
  return typeof last === 'number'
    ? `item ${last + 1}${of(path.slice(0, -1))}`
    : `\`${String(last)}\`${of(path.slice(0, -1))}`;
}

function of(path: Path): string {
  if (path.length === 0) return '';
  const shown = path.map((step, index) =>
    typeof step === 'number' ? `[${step + 1}]` : `${index === 0 ? '' : '.'}${String(step)}`,
  );
  return ` in ${shown.join('')}`;
}

interface Place {
  /** `undefined`: not there; the offset is that of the map which lacks it. */
  readonly node: Node | undefined;
  readonly offset: number;
}

function locate(root: Mapping, path: Path): Place {
  let node: Node = root;
  for (const step of path) {
    const child = childOf(node, step as string | number);
    if (child === undefined) return { node: undefined, offset: node.offset };
    node = child;
  }
  return { node, offset: node.offset };
}

// --------------------------------------------------------------------------- walking the schema by path

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly catchall?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly getter?: () => z.ZodType;
}

const definitionOf = (schema: z.ZodType) => schema.def as unknown as Definition;

/** The schema of the node at a path; in a union the alternative that fits the next step. */
function definitionAt(schema: z.ZodType, path: Path, root: Node): z.ZodType | undefined {
  let current: z.ZodType | undefined = schema;
  let node: Node | undefined = root;
  for (const step of path) {
    if (current === undefined) return undefined;
    const container = resolve(current, node);
    current = definitionOf(container).shape?.[String(step)] ?? childSchema(definitionOf(container));
    node = node && childOf(node, step as string | number);
  }
  return current;
}

function childSchema(definition: Definition): z.ZodType | undefined {
  return definition.element ?? definition.valueType ?? definition.catchall;
}

function resolve(schema: z.ZodType, node: Node | undefined): z.ZodType {
  const definition = definitionOf(schema);
  if (definition.innerType) return resolve(definition.innerType, node);
  if (definition.getter) return resolve(definition.getter(), node);
  if (!definition.options) return schema;
  const wanted = node?.kind === 'list' ? ['array'] : ['object', 'record'];
  const options = definition.options.map((option) => resolve(option, node));
  return options.find((option) => wanted.includes(definitionOf(option).type)) ?? schema;
}

function keysOf(schema: z.ZodType): string[] {
  return Object.keys(definitionOf(resolve(schema, undefined)).shape ?? {});
}

/** What the schema says about the node at a path, or about the nearest node around it. */
function descriptionAt(schema: z.ZodType, path: Path, root: Node): string {
  for (let length = path.length; length > 0; length--) {
    const about = description(definitionAt(schema, path.slice(0, length), root));
    if (about !== '') return about;
  }
  return '';
}

function description(schema: z.ZodType | undefined): string {
  if (schema === undefined) return '';
  const inner = definitionOf(schema).innerType;
  const own = schema.description ?? (inner ? inner.description : undefined) ?? '';
  return own.replace(/\.$/, '');
}
