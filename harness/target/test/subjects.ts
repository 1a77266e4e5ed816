// SPDX-License-Identifier: MIT
/** For tests: the back-ends of this repository as model targets, whole or with a change to their source. */
import type { LoadedBackend } from '../../backend/contract.js';
import { parseCases } from '../../case/parse.js';
import type { Case } from '../../case/types.js';
import { discover } from '../../plan/discover.js';
import { createModelTarget } from '../model/model.js';
import type { Outcome } from '../outcome.js';

export const backends: readonly LoadedBackend[] = await discover([]);

/** Replaces `from` by `to` in the back-end's sources. @throws if it is not there exactly `times` times */
export function mutate(loaded: LoadedBackend, from: string, to: string, times = 1): LoadedBackend {
  let found = 0;
  const sources = loaded.sources.map(({ file, text }) => {
    found += text.split(from).length - 1;
    return { file, text: text.replaceAll(from, to) };
  });
  if (found !== times) throw new RangeError(`${from} is there ${found} times, not ${times}`);
  return { backend: loaded.backend, sources };
}

export function target(loaded: LoadedBackend): ReturnType<typeof createModelTarget> {
  return createModelTarget(loaded, '7.2');
}

export function named(arch: string): LoadedBackend {
  const found = backends.find(({ backend }) => backend.arch === arch);
  if (!found) throw new RangeError(`no back-end ${arch}`);
  return found;
}

/** The one case of a text without `for:`. */
export function oneCase(text: string): Case {
  const [spec] = parseCases('test.yaml', text, 'test').cases;
  if (!spec) throw new RangeError('no case in the text');
  return spec;
}

/** Observations as `kind field=value …` lines, for reading in a failure. */
export function lines({ observations }: Outcome): string[] {
  return observations.map(({ kind, fields }) =>
    [kind, ...Object.entries(fields).map(([name, value]) => `${name}=${value}`)].join(' '),
  );
}
