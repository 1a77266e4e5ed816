// SPDX-License-Identifier: MIT
/**
 * Subjects whose sources have been edited. Assembler is text to the model; modules are bundled with the edits in place,
 * from the engine down to the back-ends, and run as code of their own.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { rolldown } from 'rolldown';
import { byVersion } from '../../harness/backend/by-version.js';
import type { LoadedBackend } from '../../harness/backend/contract.js';
import { backendNames, discover } from '../../harness/plan/discover.js';
import { packageRoot } from '../../harness/plan/package-root.js';
import { createModelTarget } from '../../harness/target/model/model.js';
import { subjectName } from '../../harness/target/outcome.js';
import type { Target } from '../../harness/target/target.js';
import { edited } from './edit.js';
import type { Edit, Recreation } from './recreation.js';

/** What a subject is made with: symbols that the build of the back-ends concerned has besides. */
type Variant = Pick<Recreation, 'config' | 'on'>;
type Made = Pick<Recreation, 'change'> & Variant;
type Make = typeof createModelTarget;

/** A build of the engine: how it makes targets, and the back-ends it makes them of. */
interface Build {
  readonly make: Make;
  readonly loaded: readonly LoadedBackend[];
}

const original: Build = { make: createModelTarget, loaded: await discover([]) };

/** Every subject that some kernel has, by name, as the repository is. */
export const subjects: ReadonlyMap<string, Target> = subjectsOf(original, { config: {}, on: [] });

const variants = new Map<string, ReadonlyMap<string, Target>>();

/** The same subjects with other Kconfig symbols. */
export function configured({ config, on }: Variant): ReadonlyMap<string, Target> {
  if (Object.keys(config).length === 0) return subjects;
  const key = JSON.stringify([config, on]);
  const made = variants.get(key) ?? subjectsOf(original, { config, on });
  variants.set(key, made);
  return made;
}

/**
 * The same subjects with edited sources. A subject whose assembler is wrong throws when it is first run.
 * @throws when an edit does not fit, or what it makes does not compile
 */
export async function mutated({ change, config, on }: Made): Promise<ReadonlyMap<string, Target>> {
  const texts = editedTexts(change);
  const build = change.some(({ file }) => file.endsWith('.ts')) ? await bundled(texts) : original;
  const loaded = build.loaded.map(({ backend, sources }) => ({
    backend,
    sources: sources.map(({ file, text }) => ({ file, text: texts.get(file) ?? text })),
  }));
  return subjectsOf({ ...build, loaded }, { config, on });
}

/** Files as the edits leave them. @throws when one does not fit */
export function editedTexts(change: readonly Edit[]): Map<string, string> {
  const texts = new Map<string, string>();
  for (const edit of change) texts.set(edit.file, edited(texts.get(edit.file) ?? source(edit), edit));
  return texts;
}

function source({ file }: Pick<Edit, 'file'>): string {
  return readFileSync(join(packageRoot, file), 'utf8');
}

function subjectsOf({ make, loaded }: Build, { config, on }: Variant): Map<string, Target> {
  const archs = on.flatMap(({ arch }) => arch);
  const targets = loaded.flatMap(({ backend, sources }) => {
    const { revisions, untraced = [], features } = backend;
    const every = (value: boolean) => Object.fromEntries(revisions.map((at) => [at, value]));
    const changed = archs.includes(backend.arch)
      ? Object.fromEntries(Object.entries(config).map(([name, value]) => [name, every(value)]))
      : {};
    const variant = { backend: { ...backend, features: { ...features, ...changed } }, sources };
    return [...revisions, ...untraced].sort(byVersion).map((revision) => make(variant, revision));
  });
  return new Map(targets.map((target) => [subjectName(target.id), target]));
}

const ENTRY = '\0entry';

/** The engine with some modules replaced. */
async function bundled(texts: ReadonlyMap<string, string>): Promise<Build> {
  const names = backendNames();
  const from = (path: string) => JSON.stringify(join(packageRoot, path));
  const text = [
    `export { createModelTarget as make } from ${from('harness/target/model/model.ts')};`,
    ...names.map(
      (name, index) => `import { backend as b${index} } from ${from(`backends/${name}/index.ts`)};`,
    ),
    `export const backends = [${names.map((_, index) => `b${index}`).join(', ')}];`,
  ].join('\n');
  const replaced = new Map([...texts].map(([file, changed]) => [join(packageRoot, file), changed]));
  const bundle = await rolldown({
    input: ENTRY,
    platform: 'node',
    plugins: [
      {
        name: 'edited sources',
        resolveId: (id) => (id === ENTRY ? id : undefined),
        load: (id) => (id === ENTRY ? text : replaced.get(id)),
      },
    ],
  });
  try {
    const { output } = await bundle.generate({ format: 'iife', name: 'engine', exports: 'named' });
    const used = new Set(output.flatMap((chunk) => (chunk.type === 'chunk' ? chunk.moduleIds : [])));
    for (const file of replaced.keys())
      if (/\.ts$/.test(file) && !used.has(file)) throw new Error(`${file} is not part of the engine`);
    const { make, backends } = runInThisContext(`${output[0].code}; engine`) as {
      readonly make: Make;
      readonly backends: readonly LoadedBackend['backend'][];
    };
    const loaded = backends.map((backend) => {
      const own = original.loaded.find((one) => one.backend.arch === backend.arch);
      return { backend, sources: own?.sources ?? [] };
    });
    return { make, loaded };
  } finally {
    await bundle.close();
  }
}
