// SPDX-License-Identifier: MIT
/** Kernels without function tracing: subjects all the same, on which nothing runs and the reason is named. */
import { describe, expect, test } from 'vitest';
import { parseCases } from '../harness/case/parse.js';
import { loadCases } from '../harness/plan/cases.js';
import { discover } from '../harness/plan/discover.js';
import { packageRoot } from '../harness/plan/package-root.js';
import { defaultPlace, select } from '../harness/plan/select.js';
import { createModelTarget } from '../harness/target/model/model.js';

const cases = loadCases(select([], defaultPlace(packageRoot, packageRoot)), parseCases);
const untraced = (await discover([])).flatMap((loaded) =>
  (loaded.backend.untraced ?? []).map((revision) => ({ loaded, revision, arch: loaded.backend.arch })),
);

test('there is one: loongarch got function tracing after 6.1', () => {
  expect(untraced.map(({ arch, revision }) => [arch, revision])).toEqual([['loongarch', '6.1']]);
});

describe.each(untraced)('$arch at $revision', ({ loaded, revision }) => {
  const target = createModelTarget(loaded, revision);

  test('is not also among the modelled revisions', () => {
    expect(loaded.backend.revisions).not.toContain(revision);
  });
  test('has none of the tracing features', () => {
    expect([...target.features].filter((name) => /TRACE|PROBE|RETHOOK|LIVEPATCH|fprobe/.test(name))).toEqual(
      [],
    );
  });
  test('every case is unsupported for want of the one feature that brings the others', () => {
    const ends = new Set(cases.map((spec) => JSON.stringify(target.run(spec).end)));
    expect([...ends]).toEqual(['{"kind":"unsupported","lacks":["FUNCTION_TRACER"]}']);
  });
  test('and has nothing to explain', () => {
    const [first] = cases;
    expect(target.explain(first as never).trace).toEqual([]);
  });
});
