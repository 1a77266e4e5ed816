// SPDX-License-Identifier: MIT
/**
 * Cases read before, kept between runs: a file that has not changed is not parsed again, and when none has, the
 * parser and its libraries are not even loaded. An entry holds for one content read by one parser, so there is
 * nothing to clear by hand. One that is lost, damaged or cannot be written costs time alone.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import type { Case } from '../case/types.js';
import { codeRoot, packageRoot } from './package-root.js';

/** Where tools keep such things. */
const PACKAGES = join(packageRoot, 'node_modules');

/** Arguments as those of the parser: path to show, content, id. */
export interface CaseStore {
  get(file: string, text: string, id: string): readonly Case[] | undefined;
  /** Never throws. */
  put(file: string, text: string, id: string, cases: readonly Case[]): void;
}

/** A family has the text of its file once per case. */
type Kept = Omit<Case, 'text'>;

/** Nothing is kept. */
const noStore: CaseStore = { get: () => undefined, put: () => {} };

/** The store of this installation; none where there are no packages to keep it beside. */
export function openStore(): CaseStore {
  if (!existsSync(PACKAGES)) return noStore;
  // Tests run from sources: one would overwrite what the other reads.
  const folder = codeRoot === packageRoot ? 'source' : 'compiled';
  return storeIn(join(PACKAGES, '.cache', 'ftrace-conform', folder), parserPrint());
}

/**
 * One file for each case file, overwritten when that changes: digest of what was read and who read it, digest of the
 * cases, cases.
 * @param parser tells one parser from another, see {@link parserPrint}
 */
export function storeIn(folder: string, parser: string): CaseStore {
  const entryOf = (file: string, id: string) => join(folder, digest(file, id).toString('hex').slice(0, 32));
  return {
    get: (file, text, id) => {
      try {
        const bytes = readFileSync(entryOf(file, id));
        const cases = bytes.subarray(2 * DIGEST);
        const sound =
          digest(parser, text).equals(bytes.subarray(0, DIGEST)) &&
          digest(cases).equals(bytes.subarray(DIGEST, 2 * DIGEST));
        return sound ? (deserialize(cases) as Kept[]).map((spec) => ({ ...spec, text })) : undefined;
      } catch {
        // Not there, or written by another version of the engine.
        return undefined;
      }
    },
    put: (file, text, id, cases) => {
      try {
        mkdirSync(folder, { recursive: true });
        const bytes = serialize(cases.map(({ text: _, ...spec }): Kept => spec));
        // Written in place: what is half there has the wrong digest.
        writeFileSync(entryOf(file, id), Buffer.concat([digest(parser, text), digest(bytes), bytes]));
      } catch {
        // Then it is parsed again next time.
      }
    },
  };
}

const DIGEST = 32;

function digest(...parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(`${part.length}:`).update(part);
  return hash.digest();
}

/** The parser as it is installed: its files with size and date, and the libraries it may use. */
function parserPrint(): string {
  // What is compiled lies in chunks.
  const rooms = ['case', 'ctype', 'backend', 'chunks'].map((room) => join(codeRoot, 'harness', room));
  const files = rooms
    .filter(existsSync)
    .flatMap((room) =>
      readdirSync(room, { recursive: true, encoding: 'utf8' }).map((name) => join(room, name)),
    );
  const dates = [...files, join(PACKAGES, '.package-lock.json')].map((file) => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return [file, stats?.size, stats?.mtimeMs];
  });
  return JSON.stringify([process.version, dates]);
}
