// SPDX-License-Identifier: MIT
/** Entry of the case language: YAML text → checked cases. */

import { suggest } from '../ctype/nearest.js';
import { checkCovers } from './covers.js';
import { refuseEndlessCalls } from './cycles.js';
import { declare, resolveFunctions, resolveProbes } from './declarations.js';
import { resolveDivergences } from './divergences.js';
import { resolveExpectations } from './expectations.js';
import { expandFamily, type Member } from './family.js';
import { caseKeys, caseSchema } from './schema.js';
import { asScalar, refuseTwice, scalarsOf, textsOf } from './scope.js';
import { checkShape } from './shape.js';
import { Source } from './source.js';
import { resolveSteps } from './steps.js';
import { get, type Mapping } from './tree.js';
import type { Case, Step } from './types.js';
import { readYaml } from './yaml.js';

/**
 * Parses one case file; `for:` makes it several cases.
 * @param file path to show in errors and in the cases
 * @param text the file's content
 * @param id path below the case directory without `.yaml`
 * @throws CaseError for the first thing that is wrong; nothing else is thrown, whatever the text
 */
export function parseCases(file: string, text: string, id: string): { cases: Case[] } {
  const source = new Source(file, text);
  if (!/^[A-Za-z0-9_.-]+(\/[A-Za-z0-9_.-]+)*$/.test(id)) {
    source.fail(
      'bad-id',
      0,
      `\`${id}\` cannot be the id of a case`,
      'name the file and its folders with letters, digits, _ . and -',
    );
  }
  const root = readYaml(source);
  refuseUnknownKeys(source, root);
  const family = expandFamily(source, root);
  return { cases: family.map((member) => checkCase(source, id, member, family)) };
}

/** Before substitution, since a mistyped `for` would make every parameter unknown. */
function refuseUnknownKeys(source: Source, root: Mapping): void {
  for (const { key } of root.entries) {
    if (!caseKeys.includes(key.text)) {
      source.fail(
        'unknown-key',
        key.offset,
        `unknown key \`${key.text}\``,
        suggest(key.text, caseKeys, 'keys of a case'),
      );
    }
  }
}

function checkCase(file: Source, id: string, member: Member, family: readonly Member[]): Case {
  const root = member.tree;
  const source = file.forRow(member.suffix);
  checkShape(source, root, caseSchema);
  checkCovers(source, scalarsOf(get(root, 'covers')));
  refuseTwice(source, scalarsOf(get(root, 'requires')));
  const scope = declare(source, root);
  const functions = resolveFunctions(scope, root);
  const probes = resolveProbes(scope, root);
  const steps = resolveSteps(scope, new Map(), get(root, 'steps'), { in: 'case' }) as Step[];
  refuseEndlessCalls(source, functions, probes, steps);
  const expected = get(root, 'expect');
  const expect = expected ? resolveExpectations(scope, expected) : null;
  const feature = asScalar(get(root, 'feature'))?.text;
  return {
    id: member.suffix === '' ? id : `${id}.${member.suffix}`,
    file: source.file,
    title: textOf(root, 'title'),
    ...(feature === undefined ? {} : { feature }),
    why: textOf(root, 'why'),
    source: asScalar(get(root, 'source'))?.text.trim() ?? null,
    covers: textsOf(get(root, 'covers')),
    requires: textsOf(get(root, 'requires')),
    structs: Object.fromEntries(scope.structs),
    objects: [...scope.objects].map(([name, size]) => ({ name, size })),
    functions,
    probes,
    steps,
    expect,
    divergences: resolveDivergences(scope, root, member, family, expect),
    text: source.text,
  };
}

const textOf = (root: Mapping, key: string): string => asScalar(get(root, key)).text.trim();
