// SPDX-License-Identifier: MIT
/**
 * A tracer of tracefs. `register` writes set_ftrace_filter, set_ftrace_notrace, trace_options and then current_tracer (or
 * function_profile_enabled) of its instance, `unregister` writes nop (or 0).
 */
import { ERRNO } from '../../../backend/errno.js';
import type { ProbeSpec, TracerSpec } from '../../../case/types.js';
import { FunctionTracer } from '../../../ftrace/tracers/function.js';
import { FunctionGraphTracer } from '../../../ftrace/tracers/function-graph.js';
import { FunctionProfiler } from '../../../ftrace/tracers/profiler.js';
import { TOP, type TraceArray } from '../../../ftrace/tracers/trace-array.js';
import { CaseProblem } from '../host.js';
import type { Session } from '../session.js';
import { traceSink } from '../trace-sink.js';
import { declaredHashes, type Hashes, type Maker, type Registration } from './registration.js';

export const tracer: Maker = (session, spec) => {
  const { tracer: which } = spec;
  if (which === null) throw new CaseProblem(`${spec.name} says not which tracer it is`);
  const array = session.tracefs.get(which.instance ?? TOP);
  return which.kind === 'profiler'
    ? profiler(session, spec, array)
    : currentTracer(session, spec, array, which);
};

function filterOf(session: Session, array: TraceArray): Pick<Registration, 'hashes' | 'setHashes'> {
  return {
    hashes: (): Hashes => array,
    setHashes: (hashes) => setFilter(session, array, hashes),
  };
}

/** Once ftrace is dead the files cannot be opened: ftrace_regex_open. */
function setFilter(session: Session, array: TraceArray, { filter, notrace }: Hashes): number {
  return session.ftrace.dead ? -ERRNO.ENODEV : array.setFilter(filter, notrace);
}

/** Writes the two filter files as the case declares them. */
function writeFilter(session: Session, spec: ProbeSpec, array: TraceArray): number {
  const hashes = declaredHashes(session, spec);
  return hashes ? setFilter(session, array, hashes) : -ERRNO.EINVAL;
}

function currentTracer(
  session: Session,
  spec: ProbeSpec,
  array: TraceArray,
  { kind, options }: TracerSpec,
): Registration {
  const { graph, tracefs } = session;
  const sink = traceSink(session, spec.name);
  const made =
    kind === 'function'
      ? new FunctionTracer(spec.name, array, graph, sink)
      : new FunctionGraphTracer(spec.name, array, graph, tracefs.graph, sink);
  return {
    register: () => {
      const result = writeFilter(session, spec, array);
      if (result !== 0) return result;
      for (const option of options) array.writeOption(option);
      return array.setTracer(made);
    },
    unregister: () => {
      if (array.isCurrent(made)) array.setNop();
      return 0;
    },
    ...filterOf(session, array),
  };
}

function profiler(session: Session, spec: ProbeSpec, array: TraceArray): Registration {
  const { graph, tracefs, host } = session;
  // A kernel without has no such file.
  if (!host.config.has('FUNCTION_PROFILER'))
    return { register: () => -ERRNO.ENOENT, unregister: () => -ERRNO.ENOENT, ...filterOf(session, array) };
  const made = new FunctionProfiler(spec.name, array, graph);
  return {
    register: () => {
      const result = writeFilter(session, spec, array);
      if (result !== 0) return result;
      tracefs.hits = made.hits;
      return made.enable();
    },
    unregister: () => made.disable(),
    ...filterOf(session, array),
  };
}
