// SPDX-License-Identifier: MIT
/** The layers of settings, one over the other, and which of them each value comes from. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../plan/problem.js';
import { didYouMean, nearest } from '../../plan/suggest.js';
import type { Invocation } from '../invocation.js';
import { OPTIONS, type OptionName, type OptionSpec, type OptionValues } from '../options.js';
import { optionsOf } from '../verbs.js';
import { ELSEWHERE, placeOf } from './elsewhere.js';
import { expectedOf, KEYS, type Layer, readSettings, type SettingsFile } from './file.js';
import { keyOf, PREFIX, variableOf } from './names.js';
import { PROFILES } from './profiles.js';
import { defaults, type Given, SETTINGS_FILE } from './settings.js';

type Io = Pick<Invocation['io'], 'environment' | 'cwd'>;

export interface Origin {
  readonly value: unknown;
  /** `command line`, `FTRACE_CONFORM_SEED`, `ftrace-conform.yaml:3:1`, `profile quick (built in)`, `default`. */
  readonly from: string;
}

export interface Layers {
  readonly file: string | null;
  readonly profile: Origin | null;
  readonly values: ReadonlyMap<OptionName, Origin>;
  /** Of cases, where the command line names none. */
  readonly select: Origin | null;
  /** Variables that begin as ours do and set nothing, each with what was meant or where it belongs. */
  readonly unknown: readonly string[];
}

/** Variables that are no options. */
const OTHERS: readonly string[] = [
  ...(['CONFIG', 'PROFILE', 'SELECT', 'FILTER', 'SHARD', 'DEBUG', 'WATCHED', 'BROWSER'] as const),
];

/** Options and cases of a verb. @throws Problem, CaseError */
export function layered(given: Given, io: Io): Pick<Invocation, 'arguments' | 'options'> {
  const names = optionsOf(given.verb);
  const { values, select, unknown } = layersOf(given.given, io, names);
  // `doctor --config` tells of them beside all else.
  if (unknown.length > 0 && given.given.config !== true) throw new Problem(unknown.join('\n'));
  const chosen = names.flatMap((name) => {
    const origin = values.get(name);
    return origin === undefined ? [] : [[name, origin.value]];
  });
  const takesCases = given.verb.arguments === '[cases...]';
  return {
    arguments:
      takesCases && given.arguments.length === 0 && select !== null
        ? (select.value as readonly string[])
        : given.arguments,
    options: { ...defaults(), ...Object.fromEntries(chosen), ...given.given },
  };
}

/**
 * @param given by the command line
 * @param names options whose variables are read; a wrong one is an error
 */
export function layersOf(given: Partial<OptionValues>, io: Io, names: readonly OptionName[]): Layers {
  const file = fileOf(given, io);
  const profile = profileNamed(given, io, file);
  const values = new Map<OptionName, Origin>();
  for (const [name, value] of Object.entries(defaults())) {
    values.set(name as OptionName, { value, from: 'default' });
  }
  let select: Origin | null = null;
  const put = (key: string, value: unknown, from: string) => {
    if (key === 'select') select = { value: [value].flat(), from };
    const name = KEYS.get(key);
    if (name === undefined) return;
    values.set(name, { value: asGiven(OPTIONS[name] as OptionSpec<OptionName>, value), from });
  };
  for (const { values: layer, at } of [...(file ? [file] : []), ...layersNamed(profile, file)]) {
    for (const [key, value] of Object.entries(layer)) put(key, value, at(key));
  }
  for (const name of names) {
    const variable = variableOf(keyOf(name));
    const text = io.environment[variable];
    if (text === undefined || text === '' || KEYS.get(keyOf(name)) === undefined) continue;
    put(keyOf(name), read(text, OPTIONS[name] as OptionSpec<OptionName>, variable), variable);
  }
  const selected = io.environment[variableOf('select')];
  if (selected) put('select', selected.split(','), variableOf('select'));
  for (const [name, value] of Object.entries(given)) {
    values.set(name as OptionName, { value, from: 'command line' });
  }
  return { file: file?.name ?? null, profile, values, select, unknown: unknownIn(io.environment) };
}

function unknownIn(environment: Io['environment']): string[] {
  const known = [...KEYS.keys()].map(variableOf).concat(OTHERS.map(variableOf));
  const places = new Map(ELSEWHERE.map((name) => [variableOf(keyOf(name)), placeOf(keyOf(name))]));
  const names = [...known, ...places.keys()].map((one) => one.slice(PREFIX.length));
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith(PREFIX) && value && !known.includes(name))
    .map(([name]) => {
      const place = places.get(name);
      if (place !== undefined) return `${name} sets nothing: ${place}`;
      const near = nearest(name.slice(PREFIX.length), names)[0];
      if (near === undefined) return `${name} sets nothing`;
      return `${name} sets nothing; ${places.get(PREFIX + near) ?? `did you mean ${PREFIX}${near}?`}`;
    })
    .sort();
}

/** As the command line would give it. */
function asGiven({ kind, preset, initial }: OptionSpec<OptionName>, value: unknown): unknown {
  if (kind === 'list') return [value].flat();
  if (preset === undefined || typeof value !== 'boolean') return value;
  return value ? preset : initial;
}

function fileOf({ config }: Partial<OptionValues>, { environment, cwd }: Io): SettingsFile | null {
  const named = typeof config === 'string' ? config : environment[variableOf('config')];
  if (named) return readSettings(named, cwd);
  return existsSync(join(cwd, SETTINGS_FILE)) ? readSettings(SETTINGS_FILE, cwd) : null;
}

function profileNamed(
  { profile }: Partial<OptionValues>,
  { environment }: Io,
  file: SettingsFile | null,
): Origin | null {
  const variable = environment[variableOf('profile')];
  if (profile !== undefined) return { value: profile, from: 'command line' };
  if (variable) return { value: variable, from: variableOf('profile') };
  return file?.profile === undefined ? null : { value: file.profile, from: file.at('profile') };
}

/** The built-in profile, then the file's. @throws Problem when there is neither */
function layersNamed(profile: Origin | null, file: SettingsFile | null): Layer[] {
  if (profile === null) return [];
  const name = String(profile.value);
  const builtIn = Object.hasOwn(PROFILES, name) ? PROFILES[name] : undefined;
  const own = file?.profiles.get(name);
  if (builtIn === undefined && own === undefined) {
    const known = [...new Set([...Object.keys(PROFILES), ...(file?.profiles.keys() ?? [])])].sort();
    throw new Problem(
      `no profile ${name}${didYouMean(name, known)} (${profile.from})\nprofiles: ${known.join(', ')}`,
    );
  }
  return [
    ...(builtIn ? [{ values: builtIn, at: () => `profile ${name} (built in)` }] : []),
    ...(own ? [{ ...own, at: (key: string) => `profile ${name} (${own.at(key)})` }] : []),
  ];
}

/** A variable's text as a value. @throws Problem */
function read(text: string, spec: OptionSpec<OptionName>, variable: string): unknown {
  const wrong = () => new Problem(`${variable}: expected ${expectedOf(spec)}, found '${text}'`);
  switch (spec.kind) {
    case 'list':
      return text.split(',');
    case 'flag':
      if (switched(text) === undefined) throw wrong();
      return switched(text);
    case 'count':
    case 'natural':
      if (!/^\d{1,15}$/.test(text)) throw wrong();
      return Number(text);
    case 'text':
      if (spec.choices !== undefined && !spec.choices.includes(text)) throw wrong();
      // A file of such a name is `./1`.
      return (spec.preset === undefined ? undefined : switched(text)) ?? text;
  }
}

function switched(text: string): boolean | undefined {
  if (/^(1|true|yes)$/i.test(text)) return true;
  return /^(0|false|no)$/i.test(text) ? false : undefined;
}
