// SPDX-License-Identifier: MIT
/**
 * `import { defineConformance } from 'ftrace-conform/vitest'`: cases as tests of somebody's own suite, next to the
 * others, with the same runner, filters and reports.
 */
import { afterAll, describe, type TestContext, test } from 'vitest';
import type { Case } from '../case/types.js';
import type { Invocation } from '../cli/invocation.js';
import { checkedCases, selectedSubjects } from '../cli/selection.js';
import { defaults } from '../cli/settings/settings.js';
import { wiring } from '../cli/wiring.js';
import type { Comparison, Verdict } from '../compare/types.js';
import { isRenderable, rendered } from '../plan/problem.js';
import { compared, isNeeded } from '../plan/run.js';
import { closeAll, type Subject } from '../plan/subjects.js';
import { subjectName } from '../target/outcome.js';
import { failureOf, type Reproducer, unsupportedBy } from './failure.js';
import type { ConformanceOptions, defineConformance as declared } from './public.d.ts';

export const defineConformance: typeof declared = async (options = {}) => {
  const { compare = 'arch', per = 'case', failUnsupported = false } = options;
  const isDefined = refuseUnawaited();
  const { cases, subjects } = await load(options);
  afterAll(() => closeAll(subjects));
  for (const spec of cases) {
    let known: Comparison | undefined;
    const comparison = () => {
      known ??= compared(spec, subjects, compare);
      return known;
    };
    const check = (context: TestContext, names: readonly string[]) => {
      const lacks = unsupportedBy(comparison(), names);
      const fails = ({ status, subject }: Verdict) =>
        failUnsupported && status === 'UNSUPPORTED' && names.includes(subjectName(subject));
      if (lacks !== null && !comparison().verdicts.some(fails)) context.skip(lacks);
      const failure = failureOf(spec, comparison(), names, reproducer(options), failUnsupported);
      if (failure !== null) throw failure;
    };
    const all = subjects.map(({ target }) => subjectName(target.id));
    if (per === 'case') test(spec.id, (context) => check(context, all));
    else {
      describe(spec.id, () => {
        for (const name of all) test(name, (context) => check(context, [name]));
      });
    }
  }
  isDefined();
};

/**
 * Tests that are defined after the file was read are no tests, and vitest says nothing of them. What stands in a suite is
 * asked for when all of the file has been read; this suite has nothing in it, and so shows nowhere.
 */
function refuseUnawaited(): () => void {
  let defined = false;
  describe.skip('defineConformance', () => {
    if (defined) return;
    throw new Error(
      'defineConformance() was not awaited, so no case became a test: write `await defineConformance(…)`',
    );
  });
  return () => {
    defined = true;
  };
}

async function load(options: ConformanceOptions): Promise<{ cases: readonly Case[]; subjects: Subject[] }> {
  const { cases = [], directory, arch = [], kernel = [], target = [], compare = 'arch' } = options;
  const invocation: Invocation = {
    arguments: cases,
    options: { ...defaults(), arch, kernel, target, cases: directory, compare },
    given: {},
    io: {
      out: () => {},
      err: () => {},
      isTerminal: false,
      columns: 80,
      environment: {},
      cwd: process.cwd(),
      signal: new AbortController().signal,
    },
    wiring,
  };
  try {
    const specs = await checkedCases(invocation);
    const subjects = await selectedSubjects(invocation);
    try {
      for (const { target } of subjects) if (isNeeded(target, specs)) target.prepare?.();
    } catch (error) {
      closeAll(subjects);
      throw error;
    }
    return { cases: specs, subjects };
  } catch (error) {
    if (!isRenderable(error)) throw error;
    throw new Error(rendered(error));
  }
}

function reproducer({
  directory,
  arch = [],
  kernel = [],
  target = [],
  compare = 'arch',
}: ConformanceOptions): Reproducer {
  return [
    ...(directory === undefined ? [] : ['--cases', directory]),
    ...arch.flatMap((name) => ['--arch', name]),
    ...kernel.flatMap((name) => ['--kernel', name]),
    ...target.flatMap((name) => ['--target', name]),
    ...(compare === 'arch' ? [] : ['--compare', compare]),
  ];
}
