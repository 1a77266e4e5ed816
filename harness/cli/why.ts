// SPDX-License-Identifier: MIT
/**
 * `why CASE ARCH`: why a case did not run there, and where it would; and where it does run, that it does. Exits with 0
 * in either case: it is a question, not a test.
 */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import { archOf } from '../plan/subjects.js';
import { wrap } from '../report/wrap.js';
import { lacking } from '../target/lacking.js';
import { subjectName } from '../target/outcome.js';
import type { Invocation } from './invocation.js';
import { checkedCases, selectedSubjects } from './selection.js';

/** @throws Problem for a name that several cases have, or that no back-end has */
export async function why(invocation: Invocation): Promise<number> {
  const { arguments: given, io } = invocation;
  const [name = '', place = ''] = given;
  const cases = await checkedCases({ ...invocation, arguments: [name] });
  const [spec] = cases;
  if (spec === undefined || cases.length > 1) {
    const some = cases.slice(0, 12).map(({ id }) => `  ${id}`);
    throw new Problem(`why takes one case; ${name} names ${cases.length}, for example\n${some.join('\n')}`);
  }
  const all = await selectedSubjects({ ...invocation, options: { ...invocation.options, kernel: [] } }, []);
  const asked = await selectedSubjects(invocation, [place]);
  const able = all
    .filter(({ target }) => target.skips === undefined && lacking(target, spec).length === 0)
    .map(({ target }) => target.id);
  const say = (text: string, indent = '') => {
    for (const line of wrap(text, io.columns - indent.length)) io.out(`${indent}${line}\n`);
  };
  io.out(`${spec.id}  ${spec.title}\n\n`);
  for (const { target } of asked) {
    const [here, lacks] = [subjectName(target.id), lacking(target, spec)];
    if (target.skips !== undefined) {
      say(`${here}: does not run, since nothing can be run there: ${target.skips}`);
      continue;
    }
    if (lacks.length === 0) {
      say(`${here}: it runs.`);
      io.out(`    ftrace-conform run ${spec.id} --arch ${here}\n`);
      continue;
    }
    say(`${here}: does not run, for lack of ${lacks.join(', ')}.`);
    for (const feature of lacks) {
      const having = all.filter((one) => one.target.features.has(feature)).map(({ target }) => target.id);
      const own = having.filter(({ arch }) => arch === archOf(place)).map(({ revision }) => revision);
      const others = [...new Set(having.map(({ arch }) => arch))].filter((arch) => arch !== archOf(place));
      const facts = [
        own.length > 0
          ? `${archOf(place)} has it at ${own.join(', ')}`
          : `${archOf(place)} has it at no kernel`,
        others.length > 0 ? `${others.join(', ')} have it at some` : 'no other back-end has it',
      ];
      say(`${feature}: ${facts.join('; ')}.`, '    ');
    }
  }
  io.out('\n');
  say(
    able.length === 0
      ? 'It runs nowhere.'
      : `It runs on ${able.length} of ${all.length} subjects: ${able.map(subjectName).join(', ')}.`,
  );
  return EXIT.ok;
}
