// SPDX-License-Identifier: MIT
/** Steps: what may be done at top level, in a function's body, and in a handler (with actions.ts). */

import type { ReturnType } from '../ctype/types.js';
import { handlerAction } from './actions.js';
import { callStep, tailCall } from './call-steps.js';
import { around, inTask, interrupt, refuseMisplaced, wake } from './inner-steps.js';
import { actionVerbs, filterChanges, stepVerbs } from './schema.js';
import {
  asMap,
  asScalar,
  functionNamed,
  type Names,
  probeNamed,
  refuseTwice,
  type Scope,
  scalarsOf,
  textsOf,
} from './scope.js';
import { get, type Mapping, type Node, type Scalar } from './tree.js';
import type { Action, InterruptKind, ProbeKind, Step } from './types.js';

/** Where steps stand, which decides what they may be. */
export type Setting =
  | { readonly in: 'case' }
  /** What another task does; what another CPU does while code is patched; what an interrupt does. */
  | { readonly in: 'task' }
  | { readonly in: 'meanwhile' }
  | { readonly in: 'interrupt'; readonly kind: InterruptKind }
  | { readonly in: 'function'; readonly name: string; readonly result: ReturnType }
  | {
      readonly in: 'handler';
      readonly probe: string;
      readonly kind: ProbeKind;
      /** A BPF program, not a handler of the kernel: kprobe, kretprobe. */
      readonly program: boolean;
      readonly handler: 'entry' | 'exit' | 'post';
      /** fprobe entry_data_size, kretprobe data_size, or the word of a session. */
      readonly dataSize: number;
      /** Words that the entry handler stores as a list; `null`: not as a list. Known in exit handlers. */
      readonly words: number | null;
    };

/** A step's verb and its value, `null` where the word stands alone. */
export interface Verb {
  readonly name: string;
  readonly key: Scalar;
  readonly value: Node | null;
  /** The whole map; `null` where the word stands alone. */
  readonly map: Mapping | null;
}

/** Kinds that can be switched off while registered. */
export const switchable: readonly ProbeKind[] = ['fprobe', 'kprobe', 'kretprobe', 'event', 'perf'];

/** @throws CaseError */
export function resolveSteps(scope: Scope, names: Names, node: Node | undefined, setting: Setting): Action[] {
  const items = node?.kind === 'list' ? node.items : [];
  return items.flatMap((item, index) => resolveStep(scope, names, item, setting, index === items.length - 1));
}

function resolveStep(scope: Scope, names: Names, item: Node, setting: Setting, last: boolean): Action[] {
  const verb = verbOf(scope, item, setting);
  refuseMisplaced(scope, verb, setting);
  // Who does inner steps knows no names of this place.
  const inner = (node: Node | undefined, other: Setting) =>
    resolveSteps(scope, new Map(), node, other) as Step[];
  const wrap = around(scope, verb, setting, inner);
  const actions = resolveVerb(scope, names, verb, setting, last, inner);
  return verb.map?.entries.length === 1 ? actions : actions.map((action) => wrap(action as Step));
}

function resolveVerb(
  scope: Scope,
  names: Names,
  verb: Verb,
  setting: Setting,
  last: boolean,
  inner: (node: Node | undefined, setting: Setting) => Step[],
): Action[] {
  const position = scope.source.position(verb.key.offset);
  const { name } = verb;
  switch (name) {
    case 'register':
    case 'unregister':
    case 'enable':
    case 'disable':
      return scalarsOf(verb.value ?? undefined).map((probe) => {
        const kind = probeNamed(scope, probe);
        if ((name === 'enable' || name === 'disable') && !switchable.includes(kind)) {
          scope.source.fail(
            'bad-step',
            probe.offset,
            `\`${name}\` is for probes of kind ${series(switchable, 'and')}, \`${probe.text}\` is ${article(kind)}`,
            'register or unregister the probe instead',
          );
        }
        return { do: name, probe: probe.text, position: scope.source.position(probe.offset) };
      });
    case 'call':
      return [callStep(scope, names, verb)];
    case 'tail_call':
      return [tailCall(scope, names, verb, setting, last)];
    case 'filter':
      return [filterStep(scope, verb)];
    case 'modify_direct': {
      const map = asMap(verb.value ?? undefined);
      const [probe, to] = [asScalar(get(map, 'probe')), asScalar(get(map, 'to'))];
      for (const end of [probe, to]) requireKind(scope, end, ['direct'], '`modify_direct`');
      return [{ do: name, probe: probe.text, to: to.text, position }];
    }
    case 'record':
    case 'corrupt': {
      const target = asScalar(verb.value ?? undefined);
      functionNamed(scope, target);
      return [{ do: name, function: target.text, position }];
    }
    case 'count': {
      if (verb.value?.kind !== 'map') {
        return [
          {
            do: name,
            counter: asScalar(verb.value ?? undefined).text as 'depth',
            probe: null,
            function: null,
            position,
          },
        ];
      }
      return [countStep(scope, verb)];
    }
    case 'link_info': {
      const probe = asScalar(verb.value ?? undefined);
      requireKind(scope, probe, multiKinds, '`link_info`');
      return [{ do: name, probe: probe.text, position }];
    }
    case 'set_graph_function':
    case 'set_graph_notrace': {
      const functions = scalarsOf(verb.value ?? undefined);
      refuseTwice(scope.source, functions);
      for (const one of functions) functionNamed(scope, one);
      return [{ do: name, functions: functions.map(({ text }) => text), position }];
    }
    case 'max_graph_depth':
    case 'tracing_thresh':
    case 'ndelay':
      return [{ do: name, value: Number(asScalar(verb.value ?? undefined).value), position }];
    case 'ftrace_enabled':
      return [{ do: name, value: asScalar(verb.value ?? undefined).value === true, position }];
    case 'in_task':
      return [inTask(scope, verb, inner)];
    case 'wake':
      return [wake(scope, verb)];
    case 'irq':
    case 'softirq':
    case 'nmi':
      return [interrupt(scope, verb, inner)];
    case 'pause_graph':
    case 'unload_module':
    case 'resume_graph':
    case 'stack_trace':
    case 'enabled_functions':
    case 'sleep':
      return [{ do: name, position }];
    default:
      if (setting.in !== 'handler')
        return scope.source.fail(
          'bad-action',
          verb.key.offset,
          `\`${name}\` is only for handlers`,
          'move it into `entry:` or `exit:` of a probe',
        );
      return [handlerAction(scope, names, verb, setting)];
  }
}

/** Kinds whose probe is a BPF link on an fprobe. */
const multiKinds: readonly ProbeKind[] = ['kprobe_multi', 'kretprobe_multi', 'kprobe_session'];

/** Kinds that may have a program. */
const programKinds: readonly ProbeKind[] = ['kprobe', 'kretprobe'];

/** Kinds that count the calls they missed, besides. */
const missing: readonly ProbeKind[] = [
  ...(['fprobe', 'kprobe', 'kretprobe', 'fentry', 'fmod_ret', 'fexit', 'fsession'] as const),
  ...(['fentry_multi', 'fexit_multi', 'fsession_multi'] as const),
];

/** A counter of something. */
function countStep(scope: Scope, verb: Verb): Step {
  const position = scope.source.position(verb.key.offset);
  const map = verb.value as Mapping;
  const [entry, second] = map.entries;
  if (!entry || second)
    return scope.source.fail(
      'bad-step',
      second?.key.offset ?? map.offset,
      `\`count\` observes one counter, ${map.entries.length} given`,
      'give one of `nmissed`, `misses`, `run_cnt` and `hits`',
    );
  const of = asScalar(entry.value);
  if (entry.key.text === 'hits') {
    functionNamed(scope, of);
    return { do: 'count', counter: 'hits', probe: null, function: of.text, position };
  }
  const counter = entry.key.text as 'nmissed' | 'misses' | 'run_cnt';
  const kinds = {
    nmissed: [...missing, ...multiKinds],
    misses: [...multiKinds, ...programKinds],
    run_cnt: ['fentry', 'fmod_ret', 'fexit', 'fsession'] as const,
  }[counter];
  requireKind(scope, of, kinds, `\`${counter}\``);
  return { do: 'count', counter, probe: of.text, function: null, position };
}

/** The one verb of a step; unknown words and a wrong number of verbs are refused. */
function verbOf(scope: Scope, item: Node, setting: Setting): Verb {
  if (item.kind === 'scalar') return { name: item.text, key: item, value: null, map: null };
  const map = item as Mapping;
  const known = setting.in === 'handler' ? actionVerbs : stepVerbs;
  const verbs = map.entries.filter((entry) => known.includes(entry.key.text));
  const [first, second] = verbs;
  if (!first) {
    const stray = map.entries[0];
    if (!stray)
      return scope.source.fail('bad-step', map.offset, 'an empty step', `steps are ${known.join(', ')}`);
    return scope.source.fail(
      'bad-step',
      stray.key.offset,
      `\`${stray.key.text}\` belongs to ${stray.key.text === 'meanwhile' ? 'a step that patches code' : 'a call'}`,
      stray.key.text === 'meanwhile'
        ? 'add `register: …` to the same step, or another that patches'
        : 'add `call: f(…)` to the same step',
    );
  }
  if (second) {
    scope.source.fail(
      'bad-step',
      second.key.offset,
      `one step does two things, \`${first.key.text}\` and \`${second.key.text}\``,
      'begin a new item with `-`',
    );
  }
  const name = first.key.text;
  for (const { key } of map.entries) {
    const calls = name === 'call' || (name === 'tail_call' && key.text === 'when');
    // Where the others may stand is for inner-steps.ts.
    const modifies = !['as', 'idle', 'when'].includes(key.text) || calls;
    if (key !== first.key && !modifies) {
      scope.source.fail(
        'bad-step',
        key.offset,
        `\`${key.text}\` does not go with \`${name}\``,
        REMEDIES[key.text] ?? '`when` goes with `call` and `tail_call`',
      );
    }
  }
  return { name, key: first.key, value: first.value, map };
}

const REMEDIES: Readonly<Record<string, string>> = {
  as: '`as` binds the result of `call`',
  idle: '`idle` says where a `call` is made',
};

/** @throws CaseError unless the probe is of one of the kinds */
function requireKind(scope: Scope, probe: Scalar, kinds: readonly ProbeKind[], what: string): void {
  const kind = probeNamed(scope, probe);
  if (!kinds.includes(kind)) {
    scope.source.fail(
      'bad-step',
      probe.offset,
      `${what} is for probes of kind ${series(kinds, 'and')}, \`${probe.text}\` is ${article(kind)}`,
      `name a probe of kind ${series(kinds, 'or')}`,
    );
  }
}

/** `a, b and c` */
export function series(words: readonly string[], last: 'and' | 'or'): string {
  return words.join(', ').replace(/, ([^,]*)$/, ` ${last} $1`);
}

const article = (kind: ProbeKind) =>
  kind === 'ops' || kind === 'fprobe' || kind === 'event' ? `an ${kind}` : `a ${kind} probe`;

function filterStep(scope: Scope, verb: Verb): Step {
  const map = asMap(verb.value ?? undefined);
  const probe = asScalar(get(map, 'probe'));
  requireKind(scope, probe, ['ops', 'graph', 'tracer'], '`filter`');
  const changes = map.entries.filter((entry) =>
    (filterChanges as readonly string[]).includes(entry.key.text),
  );
  const [change] = changes;
  if (!change || changes.length > 1) {
    return scope.source.fail(
      'bad-step',
      changes[1]?.key.offset ?? verb.key.offset,
      `\`filter\` makes one change, ${changes.length} given`,
      `give one of ${filterChanges.join(', ')}`,
    );
  }
  for (const name of scalarsOf(change.value)) functionNamed(scope, name);
  const word = change.key.text;
  return {
    do: 'filter',
    probe: probe.text,
    hash: word.startsWith('notrace_') ? 'notrace' : 'filter',
    change: word.replace('notrace_', '') as 'set',
    functions: textsOf(change.value),
    position: scope.source.position(verb.key.offset),
  };
}
