// SPDX-License-Identifier: MIT
/**
 * `completion SHELL`: a script for bash, zsh or fish, made from the tables of verbs and options. Cases are asked of
 * `list` when they are completed; back-ends and kernels are those of this version.
 */
import { EXIT } from '../../compare/exit-codes.js';
import { Problem } from '../../plan/problem.js';
import { NEWEST } from '../../plan/subjects.js';
import { didYouMean } from '../../plan/suggest.js';
import type { Invocation } from '../invocation.js';
import { OPTIONS, type OptionName, type OptionSpec } from '../options.js';
import { PROFILES } from '../settings/profiles.js';
import { optionsOf, VERBS } from '../verbs.js';
import { bash } from './bash.js';
import { fish } from './fish.js';
import { zsh } from './zsh.js';

/** What may stand somewhere: words, ids of cases, the names of files or directories, or nobody knows what. */
export type Candidates =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'cases' | 'files' | 'directories' | 'anything' };

export interface CompletedOption {
  /** `--verbose`, `-v`. */
  readonly names: readonly string[];
  readonly description: string;
  /** `null`: takes no value. */
  readonly value: Candidates | null;
}

export interface CompletedVerb {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly CompletedOption[];
  /** By place; the last one repeats where `more`. */
  readonly arguments: readonly Candidates[];
  readonly more: boolean;
}

const SHELLS: Readonly<Record<string, (verbs: readonly CompletedVerb[]) => string>> = { bash, zsh, fish };

/** @throws Problem for another shell */
export async function completion({ arguments: [shell = ''], io, wiring }: Invocation): Promise<number> {
  const write = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined;
  if (write === undefined) {
    const known = Object.keys(SHELLS);
    throw new Problem(`no completion for ${shell}${didYouMean(shell, known)}\nshells: ${known.join(', ')}`);
  }
  const backends = (await wiring.backends([])).map(({ backend }) => backend);
  const words: Words = {
    arch: backends.map(({ arch }) => arch),
    kernel: [...new Set([NEWEST, ...backends.flatMap(({ revisions }) => revisions)])],
    target: wiring.targetNames(),
  };
  io.out(write(VERBS.map((verb) => completedVerb(verb, words))));
  return EXIT.ok;
}

interface Words {
  readonly arch: readonly string[];
  readonly kernel: readonly string[];
  readonly target: readonly string[];
}

function completedVerb(verb: (typeof VERBS)[number], words: Words): CompletedVerb {
  const places = [...verb.arguments.matchAll(/[<[]([\w-]+)/g)].map(([, name = '']) => name);
  return {
    name: verb.name,
    summary: verb.summary,
    options: optionsOf(verb).map((name) => completedOption(name, words)),
    arguments: places.map((place) => ofPlace(place, words)),
    more: verb.arguments.includes('...'),
  };
}

function completedOption(name: OptionName, words: Words): CompletedOption {
  const { flags, alias, description, choices } = OPTIONS[name] as OptionSpec<OptionName>;
  const names = [flags, ...(alias === undefined ? [] : [alias])].flatMap(
    (text) => text.match(/(?<![\w-])--?[\w-]+/g) ?? [],
  );
  const place = /[<[]([\w-]+)/.exec(flags)?.[1];
  const value = () => {
    if (choices !== undefined) return { kind: 'words', words: choices } as const;
    if (name === 'arch' || name === 'vs') return { kind: 'words', words: words.arch } as const;
    if (name === 'target') return { kind: 'words', words: words.target } as const;
    if (name === 'profile') return { kind: 'words', words: Object.keys(PROFILES) } as const;
    return ofPlace(place ?? '', words);
  };
  return { names, description, value: place === undefined ? null : value() };
}

/** By the word that help shows there. */
function ofPlace(place: string, { arch, kernel }: Words): Candidates {
  if (/^cases?$/.test(place)) return { kind: 'cases' };
  if (place === 'arch') return { kind: 'words', words: arch };
  if (place === 'revision') return { kind: 'words', words: kernel };
  if (place === 'shell') return { kind: 'words', words: Object.keys(SHELLS) };
  if (place === 'dir') return { kind: 'directories' };
  if (/^(logs?|file|old|new)$/i.test(place)) return { kind: 'files' };
  return { kind: 'anything' };
}

/** In single quotes, for any of the three shells except for fish, which also reads backslashes. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
