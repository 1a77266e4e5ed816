// SPDX-License-Identifier: MIT
/**
 * Refuses calls that could never end: a cycle of calls and tail calls, in bodies and in handlers, on which
 * no call has a `when`. A handler runs where a probe that some step registers may be attached.
 */
import type { Source } from './source.js';
import type { Action, FunctionSpec, Position, ProbeSpec, Step } from './types.js';

interface Edge {
  readonly to: string;
  readonly position: Position;
}

type Graph = ReadonlyMap<string, readonly Edge[]>;

/** @throws CaseError */
export function refuseEndlessCalls(
  source: Source,
  functions: readonly FunctionSpec[],
  probes: readonly ProbeSpec[],
  steps: readonly Step[],
): void {
  const graph = callGraph(functions, probes, steps);
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (name: string): void => {
    if (done.has(name)) return;
    path.push(name);
    for (const edge of graph.get(name) ?? []) {
      const start = path.indexOf(edge.to);
      if (start >= 0) refuse(source, [...path.slice(start), edge.to], edge);
      visit(edge.to);
    }
    path.pop();
    done.add(name);
  };
  for (const { name } of functions) visit(name);
}

function refuse(source: Source, cycle: readonly string[], edge: Edge): never {
  const shown = cycle.length > 8 ? [...cycle.slice(0, 4), '…', ...cycle.slice(-3)] : cycle;
  source.failAt(
    'cyclic-calls',
    edge.position,
    `calls without an end: ${shown.join(' → ')}`,
    'give one call on the cycle a `when:` that ends it',
  );
}

function callGraph(
  functions: readonly FunctionSpec[],
  probes: readonly ProbeSpec[],
  steps: readonly Step[],
): Graph {
  const everywhere: readonly Action[] = withInner([
    ...steps,
    ...functions.flatMap((spec) => spec.does),
    ...probes.flatMap((probe) => [...(probe.entry ?? []), ...(probe.exit ?? [])]),
  ]);
  const graph = new Map<string, Edge[]>(functions.map((spec) => [spec.name, endlessCalls(spec.does)]));
  for (const probe of probes) {
    if (!isAttached(probe, everywhere)) continue;
    const calls = endlessCalls([...(probe.entry ?? []), ...(probe.exit ?? [])]);
    const node = `handler of ${probe.name}`;
    const [first] = calls;
    if (!first) continue;
    graph.set(node, calls);
    const traced = tracedBy(probe, functions, everywhere);
    for (const name of traced) graph.get(name)?.push({ to: node, position: first.position });
  }
  return graph;
}

/** Steps with those they hold. */
function withInner(steps: readonly Action[]): Action[] {
  return steps.flatMap((step) => {
    const held = 'does' in step ? step.does : [];
    const own = step.do === 'meanwhile' ? [step.step] : step.do === 'interrupted' ? [step.call] : [];
    return [step, ...withInner([...own, ...held])];
  });
}

function endlessCalls(steps: readonly Action[]): Edge[] {
  return withInner(steps).flatMap((step) =>
    (step.do === 'call' || step.do === 'tail_call') && step.when === null
      ? [{ to: step.function, position: step.position }]
      : [],
  );
}

function isAttached(probe: ProbeSpec, everywhere: readonly Action[]): boolean {
  return everywhere.some(
    (step) =>
      (step.do === 'register' && step.probe === probe.name) ||
      (step.do === 'modify_direct' && step.to === probe.name),
  );
}

function tracedBy(
  probe: ProbeSpec,
  functions: readonly FunctionSpec[],
  everywhere: readonly Action[],
): string[] {
  const added = everywhere.flatMap((step) =>
    step.do === 'filter' && step.probe === probe.name && step.hash === 'filter' && step.change !== 'remove'
      ? step.functions
      : [],
  );
  const borrowed = everywhere.flatMap((step) =>
    step.do === 'modify_direct' && step.to === probe.name ? [step.probe] : [],
  );
  const wanted = new Set([...probe.on, ...added]);
  return functions
    .filter((spec) => spec.traceable && !probe.notrace.includes(spec.name))
    .filter((spec) => probe.on.length === 0 || wanted.has(spec.name) || borrowed.length > 0)
    .map((spec) => spec.name);
}
