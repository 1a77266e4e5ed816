// SPDX-License-Identifier: MIT
/** A livepatch module: `register` loads it, `unregister` writes 0 to its `enabled`. linux 7.2 kernel/livepatch/core.c. */
import type { Patch } from '../../../ftrace/livepatch.js';
import type { Maker } from './registration.js';

export const livepatch: Maker = (session, spec) => {
  const { livepatches, ftrace } = session;
  const to = session.functionNamed(spec.with ?? '').symbol;
  const patch: Patch = {
    name: spec.name,
    functions: spec.on.map((name) => ({ rec: ftrace.records.get(session.functionNamed(name).ip), to })),
    replace: spec.replace,
  };
  return {
    register: () => livepatches.enable(patch),
    unregister: () => livepatches.disable(patch),
  };
};
