// SPDX-License-Identifier: MIT
/**
 * Words of a case that only back-ends and targets can know: features, back-ends, revisions, targets, fields of structures. A word
 * that no back-end knows is a slip of the pen which would otherwise read as "unsupported everywhere", or as a
 * divergence that never applies. Whether a *selected* subject has the thing is another question, asked later. A tree
 * may have fewer back-ends than its cases speak of: their words stand in a list of the corpus (known-words.ts).
 */
import type { Backend, Config, LoadedBackend } from '../backend/contract.js';
import { fieldNamed } from '../backend/fields.js';
import { CaseError } from '../case/error.js';
import type { Accessor, Action, Case, Position } from '../case/types.js';
import { suggest } from '../ctype/nearest.js';
import { API_NAMES } from '../ftrace/api.js';
import { TARGET_NAMES } from '../target/facts.js';
import { Problems } from './problem.js';
import { inDivergence, inRequires, lineOf } from './word-position.js';

/** Accessors whose parameter is a field, and the structure it is a field of. */
const STRUCTURES: Readonly<Record<string, Structure>> = {
  field: 'ftrace_regs',
  regs: 'pt_regs',
  partial_regs: 'pt_regs',
  perf_regs: 'pt_regs',
};

type Structure = 'ftrace_regs' | 'pt_regs';

interface Shape {
  readonly registers: Backend['registers'];
  readonly fields: readonly { readonly name: string }[];
}

/** `@` stands for the word. */
const MESSAGES = {
  feature: 'no back-end has a feature @',
  'back-end': 'no back-end is called @',
  revision: 'no back-end models the revision @',
  target: 'there is no target @',
  'ftrace_regs field': "no back-end's ftrace_regs has a field @",
  'pt_regs field': "no back-end's pt_regs has a field @",
} as const;

/** Words of back-ends, whether they are here or not. */
export interface Words {
  readonly archs: readonly string[];
  readonly revisions: readonly string[];
  readonly features: readonly string[];
  readonly fields: Readonly<Record<Structure, readonly string[]>>;
}

interface Vocabulary extends Omit<Words, 'fields'> {
  /** What is not known here is looked up there. */
  readonly elsewhere: () => Words;
  readonly shapes: Readonly<Record<Structure, readonly Shape[]>>;
}

/**
 * @param backends all there are, not only those a run has selected
 * @param elsewhere words of back-ends that are not here; only asked for where a word is not known here
 * @throws Problems with one error per word and place
 */
export function checkVocabulary(
  cases: readonly Case[],
  backends: readonly LoadedBackend[],
  elsewhere: () => Words = nowhere,
): void {
  const check = vocabularyCheck(backends, elsewhere);
  const errors = cases.flatMap(check);
  if (errors.length > 0) throw new Problems([...new Set(errors)]);
}

/** Gives the errors of a case, rendered. @param backends as for {@link checkVocabulary} */
export function vocabularyCheck(
  backends: readonly LoadedBackend[],
  elsewhere: () => Words = nowhere,
): (spec: Case) => string[] {
  const words = vocabularyOf(
    backends.map(({ backend }) => backend),
    elsewhere,
  );
  return (spec) =>
    [...unknownFeatures(spec, words), ...unknownConditions(spec, words), ...unknownFields(spec, words)].map(
      (error) => error.render(),
    );
}

function nowhere(): Words {
  return { archs: [], revisions: [], features: [], fields: { ftrace_regs: [], pt_regs: [] } };
}

/** All words of these back-ends, each list sorted. */
export function wordsOf(backends: readonly LoadedBackend[]): Words {
  const { archs, revisions, features, shapes } = vocabularyOf(
    backends.map(({ backend }) => backend),
    nowhere,
  );
  const sorted = (words: readonly string[]) => [...new Set(words)].sort();
  // A field by every spelling of its register.
  const fields = (known: readonly Shape[]) =>
    sorted(
      known.flatMap((shape) => {
        const spellings = [...shape.fields.map(({ name }) => name), ...Object.keys(shape.registers.aliases)];
        return spellings.filter((name) => fieldNamed(shape, name, shape.registers) !== undefined);
      }),
    );
  return {
    archs: sorted(archs),
    revisions: sorted(revisions),
    features: sorted(features),
    fields: { ftrace_regs: fields(shapes.ftrace_regs), pt_regs: fields(shapes.pt_regs) },
  };
}

function vocabularyOf(backends: readonly Backend[], elsewhere: () => Words): Vocabulary {
  const builds = backends.flatMap((backend) =>
    backend.revisions.map((revision): { backend: Backend; config: Config } => ({
      backend,
      config: { revision, has: (name) => backend.features[name]?.[revision] === true },
    })),
  );
  const shapes = (fieldsOf: (backend: Backend, config: Config) => Shape['fields']) =>
    builds.map(({ backend, config }) => ({
      registers: backend.registers,
      fields: fieldsOf(backend, config),
    }));
  return {
    elsewhere,
    archs: backends.map(({ arch }) => arch),
    revisions: [...new Set(backends.flatMap(({ revisions }) => revisions))],
    features: [...new Set([...backends.flatMap(({ features }) => Object.keys(features)), ...API_NAMES])],
    shapes: {
      ftrace_regs: shapes(({ layouts }, config) => layouts.ftraceRegs(config).fields),
      pt_regs: shapes(({ layouts }, config) => layouts.ptRegs(config).fields),
    },
  };
}

function unknownFeatures(spec: Case, { features, elsewhere }: Vocabulary): CaseError[] {
  return spec.requires
    .filter((name) => !features.includes(name) && !elsewhere().features.includes(name))
    .map((name) => unknown(spec, inRequires(spec, name), 'feature', name, features));
}

function unknownConditions(spec: Case, words: Vocabulary): CaseError[] {
  return spec.divergences.flatMap(({ on, position }) => {
    const check = (
      given: readonly string[],
      what: keyof typeof MESSAGES,
      list: 'archs' | 'revisions' | 'features',
    ) =>
      given
        .filter((name) => !words[list].includes(name) && !words.elsewhere()[list].includes(name))
        .map((name) => unknown(spec, inDivergence(spec, position, name), what, name, words[list]));
    return [
      ...check(on.arch, 'back-end', 'archs'),
      ...check(on.revision, 'revision', 'revisions'),
      ...on.target
        .filter((name) => !TARGET_NAMES.some((known) => known === name))
        .map((name) => unknown(spec, inDivergence(spec, position, name), 'target', name, TARGET_NAMES)),
      ...check(on.feature, 'feature', 'features'),
      ...check(on.lacks, 'feature', 'features'),
    ];
  });
}

function unknownFields(spec: Case, { shapes, elsewhere }: Vocabulary): CaseError[] {
  return accessorsOf(spec).flatMap(({ name, parameter, position }) => {
    const structure = STRUCTURES[name];
    if (structure === undefined || parameter === null) return [];
    const known = shapes[structure];
    if (known.some((shape) => fieldNamed(shape, parameter, shape.registers) !== undefined)) return [];
    if (elsewhere().fields[structure].includes(parameter)) return [];
    const names = new Set(known.flatMap(({ fields }) => fields.map((field) => field.name)));
    return [unknown(spec, position, `${structure} field`, parameter, [...names])];
  });
}

function accessorsOf({ probes }: Case): Accessor[] {
  return probes
    .flatMap(({ entry, exit }): readonly Action[] => [...(entry ?? []), ...(exit ?? [])])
    .flatMap((action) =>
      action.do === 'read' ? action.accessors : action.do === 'set' ? [action.accessor] : [],
    );
}

function unknown(
  { text }: Case,
  position: Position,
  what: keyof typeof MESSAGES,
  name: string,
  known: readonly string[],
): CaseError {
  const message = MESSAGES[what].replace('@', () => `\`${name}\``);
  const near = suggest(name, [...known].sort(), what === 'feature' ? 'features' : `${what}s`);
  // Too many to be told in a line.
  const list = what === 'feature' && !near.startsWith('did you mean');
  const remedy = list ? '`ftrace-conform features` lists what there is' : near;
  return new CaseError('unknown-name', position, message, remedy, lineOf(text, position.line));
}
