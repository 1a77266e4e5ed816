// SPDX-License-Identifier: MIT
/**
 * The default target: the back-end's assembler text in our interpreter. Needs no tools. The program is assembled
 * once per subject; every case starts from the same pristine machine.
 */
import type { LoadedBackend, MemoryMap, Revision } from '../../backend/contract.js';
import type { Runnable } from '../../case/runnable.js';
import type { Budget, Interpreter } from '../../machine/interpreter.js';
import { featuresOf, type KnownConfig } from '../features.js';
import { buildKernel, hostOf, interpret } from '../kernel.js';
import { lacking } from '../lacking.js';
import type { Outcome, SubjectId } from '../outcome.js';
import { type Explainer, type Host, silent } from '../session/host.js';
import { type Run, runCase } from '../session/run-case.js';
import type { Target } from '../target.js';
import { Tracing } from '../tracing.js';

export { configOf } from '../features.js';

export type ModelHost = Host & { readonly machine: Interpreter; readonly config: KnownConfig };

/**
 * A machine with the back-end's trampolines in it.
 * @param memory where things lie, if not where the kernel has them
 * @throws AsmError when their source does not assemble, BackendError when it lacks what the harness calls
 */
export function createModelHost(
  loaded: LoadedBackend,
  revision: Revision,
  budget: Partial<Budget> = {},
  memory?: MemoryMap,
): ModelHost {
  const kernel = buildKernel(loaded, revision, memory);
  const machine = interpret(kernel, budget);
  return hostOf(kernel, machine, () => machine.steps);
}

/**
 * Assembles when first needed: a subject that no case can run on costs nothing. `prepare`, `run` and `explain` throw
 * as {@link createModelHost} where the sources are broken.
 * @param memory where things lie, if not where the kernel has them
 */
export function createModelTarget(
  loaded: LoadedBackend,
  revision: Revision,
  memory?: MemoryMap,
): Target & Required<Pick<Target, 'explain'>> {
  const { features, missing } = featuresOf(loaded, revision);
  const id: SubjectId = { arch: loaded.backend.arch, revision, target: 'model' };
  let made: ModelHost | undefined;
  const hosted = (): ModelHost => {
    made ??= createModelHost(loaded, revision, {}, memory);
    return made;
  };

  const start = (spec: Runnable, explainer: Explainer): Run => {
    const lacks = lacking({ features, missing }, spec);
    if (lacks.length > 0) {
      const outcome: Outcome = {
        case: spec.id,
        subject: id,
        end: { kind: 'unsupported', lacks },
        observations: [],
        instructions: 0,
      };
      return { outcome, made: [] };
    }
    const host = hosted();
    return runCase(host, spec, explainer, id, () => host.machine.reset());
  };

  return {
    id,
    features,
    missing,
    prepare: () => void hosted(),
    run: (spec) => start(spec, silent).outcome,
    explain: (spec) => {
      if (lacking({ features, missing }, spec).length > 0)
        return { outcome: start(spec, silent).outcome, trace: [] };
      const host = hosted();
      const tracing = new Tracing(host);
      host.machine.trace((step) => tracing.instruction(step));
      try {
        const { outcome, made } = start(spec, tracing);
        return { outcome, trace: tracing.finish(made) };
      } finally {
        host.machine.trace(null);
      }
    },
  };
}
