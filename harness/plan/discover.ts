// SPDX-License-Identifier: MIT
/**
 * Finds the back-ends: every folder of `backends/` is one. Nothing else lists them, so adding or deleting a
 * folder is all it takes.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Backend, LoadedBackend } from '../backend/contract.js';
import { codeRoot, packageRoot } from './package-root.js';
import { Problem } from './problem.js';
import { didYouMean } from './suggest.js';

export interface Places {
  /** `backends/` with the modules. */
  readonly modules: string;
  /** `backends/` with the assembler sources. */
  readonly sources: string;
}

export const PLACES: Places = { modules: join(codeRoot, 'backends'), sources: join(packageRoot, 'backends') };

/** Names of the back-ends that are there, sorted. */
export function backendNames(places: Places = PLACES): string[] {
  if (!existsSync(places.modules)) return [];
  return readdirSync(places.modules, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entryPoint(places, entry.name) !== undefined)
    .map((entry) => entry.name)
    .sort();
}

/**
 * Loads back-ends with the text of their sources, in the order of {@link backendNames}.
 * @param wanted names; empty means all
 * @throws Problem for an unknown name or a back-end that does not load
 */
export async function discover(
  wanted: readonly string[] = [],
  places: Places = PLACES,
): Promise<LoadedBackend[]> {
  const names = backendNames(places);
  if (names.length === 0)
    throw new Problem('no back-ends: the folder backends/ is missing or has none built');
  for (const name of wanted) {
    if (!names.includes(name)) {
      throw new Problem(`no back-end ${name}${didYouMean(name, names)}\nback-ends: ${names.join(', ')}`);
    }
  }
  const selected = names.filter((name) => wanted.length === 0 || wanted.includes(name));
  const loaded = await Promise.all(selected.map((name) => load(name, places)));
  refuseNamesakes(loaded);
  return loaded;
}

/** Heads of columns tell back-ends apart, and filters take them for names. @throws Problem */
function refuseNamesakes(loaded: readonly LoadedBackend[]): void {
  const names = new Map<string, string>();
  for (const { backend } of loaded) {
    for (const name of new Set([backend.arch, backend.short])) {
      const before = names.get(name);
      if (before !== undefined) {
        throw new Problem(
          `back-ends ${before} and ${backend.arch} are both called ${name}; give one of them another \`short\` (backends/${backend.arch}/index.ts)`,
        );
      }
      names.set(name, backend.arch);
    }
  }
}

function entryPoint(places: Places, name: string): string | undefined {
  return ['index.js', 'index.ts']
    .map((file) => join(places.modules, name, file))
    .find((path) => existsSync(path));
}

async function load(name: string, places: Places): Promise<LoadedBackend> {
  const broken = (why: string) => new Problem(`back-end ${name} (backends/${name}/): ${why}`);
  let module: { default?: Backend; backend?: Backend };
  try {
    module = await import(pathToFileURL(entryPoint(places, name) as string).href);
  } catch (error) {
    throw broken(`does not load: ${error instanceof Error ? error.message : String(error)}`);
  }
  const backend = module.default ?? module.backend;
  if (backend === undefined) throw broken('index exports no back-end; export a const `backend` or a default');
  if (backend.arch !== name) throw broken(`calls itself ${backend.arch}; arch must be the folder's name`);
  const sources = backend.sources.map((file) => {
    const path = join(places.sources, name, file);
    if (!existsSync(path)) throw broken(`source ${file} is missing`);
    return { file: `backends/${name}/${file}`, text: readFileSync(path, 'utf8') };
  });
  return { backend, sources };
}
