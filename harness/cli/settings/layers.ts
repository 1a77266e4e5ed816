// SPDX-License-Identifier: MIT
/** The layers of settings, one over the other, and which of them each value comes from. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Problem } from '../../plan/problem.js';
import { didYouMean, nearest } from '../../plan/suggest.js';
import type { Invocation } from '../invocation.js';
import { OPTIONS, type OptionName, type OptionSpec, type OptionValues } from '../options.js';
import { optionsOf } from '../verbs.js';
import { expectedOf, KEYS, keyOf, type Layer, readSettings, type SettingsFile } from './file.js';
import { PROFILES } from './profiles.js';
import { defaults, type Given, PREFIX, SETTINGS_FILE } from './settings.js';

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
  /** Variables that begin as ours do and set nothing. */
  readonly unknown: readonly string[];
}

/** Variables that are no options. */
const OTHERS: readonly string[] = ['CONFIG', 'PROFILE', 'SELECT', 'FILTER', 'SHARD', 'DEBUG', 'WATCHED'];

export const variableOf = (key: string) => `${PREFIX}${key.toUpperCase().replaceAll('-', '_')}`;

/** Options and cases of a verb. @throws Problem, CaseError */
export function layered(given: Given, io: Io): Pick<Invocation, 'arguments' | 'options'> {
  const names = optionsOf(given.verb);
  const { values, select } = layersOf(given.given, io, names);
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
    values.set(name, { value: OPTIONS[name].kind === 'list' ? [value].flat() : value, from });
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
  const known = [...[...KEYS.keys()].map(variableOf), ...OTHERS.map(variableOf)];
  return {
    file: file?.name ?? null,
    profile,
    values,
    select,
    unknown: Object.keys(io.environment)
      .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
      .sort()
      .map((name) => {
        const near = nearest(
          name.slice(PREFIX.length),
          known.map((one) => one.slice(PREFIX.length)),
        );
        return near.length === 0 ? name : `${name}; did you mean ${PREFIX}${near[0]}?`;
      }),
  };
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
      if (/^(1|true|yes)$/i.test(text)) return true;
      if (/^(0|false|no)$/i.test(text)) return false;
      throw wrong();
    case 'count':
    case 'natural':
      if (!/^\d{1,15}$/.test(text)) throw wrong();
      return Number(text);
    case 'text':
      if (spec.choices !== undefined && !spec.choices.includes(text)) throw wrong();
      return text;
  }
}
