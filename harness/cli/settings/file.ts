// SPDX-License-Identifier: MIT
/**
 * `ftrace-conform.yaml`: the options by their long names, `select` for the cases, and profiles, which hold the same.
 * The schema is made from the table of options; what does not fit is told with file, line and column.
 */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as z from 'zod';
import { Source } from '../../case/source.js';
import { childOf, describe, entryOf, type Mapping, type Node, plainOf } from '../../case/tree.js';
import { readYaml } from '../../case/yaml.js';
import { suggest } from '../../ctype/nearest.js';
import { Problem } from '../../plan/problem.js';
import { OPTIONS, type OptionName, type OptionSpec } from '../options.js';
import { ELSEWHERE, placeMeant, placeOf } from './elsewhere.js';
import { keyOf } from './names.js';

/** Values by key, and where each stands. */
export interface Layer {
  readonly values: Readonly<Record<string, unknown>>;
  readonly at: (key: string) => string;
}

export interface SettingsFile extends Layer {
  /** As it is printed. */
  readonly name: string;
  readonly profile: string | undefined;
  readonly profiles: ReadonlyMap<string, Layer>;
}

/** Keys that a file and its profiles may have besides `select`, with the option each sets. */
export const KEYS: ReadonlyMap<string, OptionName> = new Map(
  (Object.keys(OPTIONS) as OptionName[])
    .filter((name) => !ELSEWHERE.includes(name))
    .map((name) => [keyOf(name), name]),
);

const text = z.string().min(1);
const list = z.union([text, z.array(text).min(1)]);

/** Of one value. An option that may stand without one is switched on and off, too. */
export function schemaOf({ kind, choices, preset }: OptionSpec<OptionName>): z.ZodType {
  if (kind === 'list') return list;
  if (preset !== undefined) return z.union([text, z.boolean()]);
  if (kind === 'flag') return z.boolean();
  if (kind === 'count' || kind === 'natural') return z.int().min(0);
  return choices === undefined ? text : z.enum(choices as [string, ...string[]]);
}

/** What is expected of a value, in words. */
export function expectedOf({
  kind,
  choices,
  preset,
}: Pick<OptionSpec<OptionName>, 'kind' | 'choices' | 'preset'>): string {
  if (preset !== undefined) return 'a text, true or false';
  if (kind === 'list') return 'a text or a list of texts';
  if (kind === 'flag') return 'true or false';
  if (kind === 'count' || kind === 'natural') return 'an integer from 0';
  return choices === undefined ? 'a text' : choices.join(', ');
}

const settings = {
  select: list.optional(),
  ...Object.fromEntries([...KEYS].map(([key, name]) => [key, schemaOf(OPTIONS[name]).optional()])),
};
const schema = z.strictObject({
  profile: text.optional(),
  ...settings,
  profiles: z.record(z.string(), z.strictObject(settings)).optional(),
});

/**
 * @param name as given, relative to `cwd`; shown in errors
 * @throws CaseError, Problem
 */
export function readSettings(name: string, cwd: string): SettingsFile {
  const source = new Source(name, contentOf(name, cwd));
  const empty = source.text.split('\n').every((line) => /^\s*(#.*)?$/.test(line));
  const root: Mapping = empty ? { kind: 'map', entries: [], offset: 0 } : readYaml(source);
  const plain = plainOf(root);
  const checked = schema.safeParse(plain);
  if (!checked.success) refuse(source, root, checked.error.issues);
  const {
    profile,
    profiles = {},
    ...values
  } = plain as Record<string, never> & {
    profile?: string;
    profiles?: Record<string, Record<string, unknown>>;
  };
  const place = (map: Node | undefined) => (key: string) => {
    const { line, column } = source.position(
      map?.kind === 'map' ? (entryOf(map, key)?.key.offset ?? map.offset) : 0,
    );
    return `${name}:${line}:${column}`;
  };
  const all = childOf(root, 'profiles');
  return {
    name,
    profile,
    values,
    at: place(root),
    profiles: new Map(
      Object.entries(profiles).map(([one, values]) => [one, { values, at: place(all && childOf(all, one)) }]),
    ),
  };
}

function contentOf(name: string, cwd: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(resolve(cwd, name)));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Problem(
      code === 'ERR_ENCODING_INVALID_ENCODED_DATA'
        ? `${name}:1:1: not text in UTF-8`
        : `${name}: cannot be read (${code ?? 'unknown error'})`,
    );
  }
}

/** The finding that stands first in the file. @throws CaseError always */
function refuse(source: Source, root: Mapping, issues: readonly z.core.$ZodIssue[]): never {
  const findings = issues.map((issue) => {
    const path = issue.path.map(String);
    const [inner, node] = [path.length > 1, nodeAt(root, path)];
    if (issue.code === 'unrecognized_keys') {
      const key = issue.keys[0] as string;
      const known = ['select', ...KEYS.keys(), ...(inner ? [] : ['profile', 'profiles'])];
      const offset = entryOf(node as Mapping, key)?.key.offset ?? 0;
      return {
        code: 'unknown-key' as const,
        offset,
        message: `unknown key \`${key}\`${inner ? ` in the profile \`${path[1]}\`` : ''}`,
        remedy: placeOf(key) ?? placeMeant(key, known) ?? suggest(key, known, 'keys of settings'),
      };
    }
    const key = path.at(path[0] === 'profiles' ? 2 : 0) ?? 'profiles';
    const option = KEYS.get(key);
    const expected = option
      ? expectedOf(OPTIONS[option])
      : key === 'select'
        ? expectedOf({ kind: 'list' })
        : key === 'profile'
          ? expectedOf({ kind: 'text' })
          : 'a map of settings';
    return {
      code: 'wrong-shape' as const,
      offset: node.offset,
      message: `${key}: expected ${expected}, found ${describe(node)}`,
      remedy: option ? OPTIONS[option].description : '',
    };
  });
  const [first] = findings.sort((a, b) => a.offset - b.offset);
  const { code, offset, message, remedy } = first as (typeof findings)[number];
  return source.fail(code, offset, message, remedy);
}

/** The node at a path, or the last one above it. */
function nodeAt(root: Node, path: readonly string[]): Node {
  let node = root;
  for (const step of path) node = childOf(node, step) ?? node;
  return node;
}
