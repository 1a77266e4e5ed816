// SPDX-License-Identifier: MIT
/** What a case declares: structs, objects, functions and probes, in this order, and their bodies after. */
import { suggest } from '../ctype/nearest.js';
import { parsePrototype, parseStruct } from '../ctype/prototype.js';
import type { Signature, StructType } from '../ctype/types.js';
import { wordsStored } from './actions.js';
import { resolveAttach } from './attach.js';
import { otherCpu, outermost } from './expectation-kinds.js';
import { interrupts, probeKinds } from './schema.js';
import {
  asMap,
  asScalar,
  checkName,
  functionNamed,
  type Names,
  refuseTwice,
  type Scope,
  scalarsOf,
} from './scope.js';
import { resolveSettings } from './settings.js';
import type { Source } from './source.js';
import { resolveSteps } from './steps.js';
import { optionsFor } from './tracer-options.js';
import { type Entry, entryOf, get, type Mapping, type Node, type Scalar } from './tree.js';
import type { Action, FunctionSpec, ProbeKind, ProbeSpec, Step, TracerSpec } from './types.js';
import { inText, valueIn } from './typing.js';
import { kernelTexts, MAX_FUNCTIONS, moduleTexts } from './vocabulary.js';

const entriesOf = (root: Mapping, key: string): readonly Entry[] => asMap(get(root, key))?.entries ?? [];

/** Everything that can be named, before any body is looked at. @throws CaseError */
export function declare(source: Source, root: Mapping): Scope {
  const structs = new Map<string, StructType>();
  for (const { key, value } of entriesOf(root, 'structs')) {
    checkName(source, key, 'a struct');
    structs.set(
      key.text,
      inText({ source }, asScalar(value), 'bad-struct', (text) => parseStruct(key.text, text)),
    );
  }
  const objects = new Map<string, number>();
  for (const { key, value } of entriesOf(root, 'objects')) {
    objects.set(checkName(source, key, 'an object'), Number(asScalar(value).value));
  }
  const functions = new Map<string, { signature: Signature; traceable: boolean }>();
  for (const { key, value } of entriesOf(root, 'functions')) {
    checkName(source, key, 'a function');
    if (objects.has(key.text)) clash(source, key, 'an object');
    const prototype = asScalar(get(asMap(value), 'prototype'));
    const signature = inText({ source }, prototype, 'bad-prototype', (text) => parsePrototype(text, structs));
    if (signature.name !== key.text) {
      source.fail(
        'bad-prototype',
        prototype.offset,
        `the prototype is of \`${signature.name}\`, the key says \`${key.text}\``,
        'use the same name in both',
      );
    }
    functions.set(key.text, {
      signature,
      traceable: asScalar(get(asMap(value), 'notrace'))?.value !== true,
    });
  }
  if (functions.size === 0) {
    const at = entryOf(root, 'functions')?.key.offset ?? 0;
    source.fail('wrong-shape', at, '`functions` must not be empty', 'declare at least one function');
  }
  const excess = entriesOf(root, 'functions')[MAX_FUNCTIONS]?.key;
  if (excess) refuseMore(source, excess);
  const probes = new Map<string, ProbeKind>();
  for (const { key, value } of entriesOf(root, 'probes')) {
    checkName(source, key, 'a probe');
    if (functions.has(key.text)) clash(source, key, 'a function');
    if (objects.has(key.text)) clash(source, key, 'an object');
    probes.set(key.text, kindOf(source, key, asMap(value)));
  }
  const tasks = new Set<string>();
  for (const task of tasksIn(root)) {
    checkName(source, task, 'a task');
    for (const [taken, what] of [
      [functions, 'a function'],
      [probes, 'a probe'],
      [objects, 'an object'],
    ] as const) {
      if (taken.has(task.text)) clash(source, task, what);
    }
    if (standing.includes(task.text)) clash(source, task, 'somebody else already');
    tasks.add(task.text);
    if (functions.size + tasks.size > MAX_FUNCTIONS) refuseMore(source, task);
  }
  return { source, structs, objects, functions, probes, tasks };
}

/** Names of those who call without being a function or a probe. */
const standing: readonly string[] = [outermost, otherCpu, ...interrupts];

/** Where tasks are named, wherever the step stands. */
function tasksIn(node: Node): Scalar[] {
  if (node.kind === 'list') return node.items.flatMap(tasksIn);
  if (node.kind !== 'map') return [];
  return node.entries.flatMap(({ key, value }) => {
    const task = key.text === 'in_task' && value.kind === 'map' ? get(value, 'task') : undefined;
    return [...(task ? [asScalar(task)] : []), ...tasksIn(value)];
  });
}

function refuseMore(source: Source, name: Scalar): never {
  const what = `a case has at most ${MAX_FUNCTIONS} functions and tasks`;
  return source.fail('wrong-shape', name.offset, what, 'make it several cases');
}

function clash(source: Source, key: Scalar, other: string): never {
  return source.fail('duplicate-name', key.offset, `\`${key.text}\` is also ${other}`, 'choose another name');
}

function kindOf(source: Source, key: Scalar, map: Mapping): ProbeKind {
  const [first, second] = map.entries;
  if (!first)
    return source.fail(
      'wrong-shape',
      key.offset,
      `\`${key.text}\` has no kind`,
      `kinds are ${probeKinds.join(', ')}`,
    );
  if (second) {
    source.fail(
      'wrong-shape',
      second.key.offset,
      `\`${key.text}\` is of two kinds, ${first.key.text} and ${second.key.text}`,
      'make it two probes',
    );
  }
  return first.key.text as ProbeKind;
}

// ----------------------------------------------------------------------------------------------- bodies

/** @throws CaseError */
export function resolveFunctions(scope: Scope, root: Mapping): FunctionSpec[] {
  return entriesOf(root, 'functions').map(({ key, value }) => {
    const map = asMap(value);
    const { signature, traceable } = functionNamed(scope, key);
    const names: Names = new Map(signature.parameters.map((parameter) => [parameter.name, parameter.type]));
    const does = resolveSteps(scope, names, get(map, 'does'), {
      in: 'function',
      name: key.text,
      result: signature.result,
    }) as Step[];
    const last = does.at(-1);
    const ends = last?.do === 'tail_call' && last.when === null;
    return {
      name: key.text,
      signature,
      traceable,
      namesakes: Number(asScalar(get(map, 'namesakes'))?.value ?? 0),
      symbol: asScalar(get(map, 'symbol'))?.text ?? key.text,
      ...textOf(scope.source, map),
      errorInjection: asScalar(get(map, 'error_injection'))?.value === true,
      does,
      returns: returnsOf(scope, names, key, map, signature, ends),
      position: scope.source.position(key.offset),
    };
  });
}

function returnsOf(
  scope: Scope,
  names: Names,
  key: Scalar,
  map: Mapping,
  signature: Signature,
  ends: boolean,
) {
  const { source } = scope;
  const returns = entryOf(map, 'returns');
  const { result } = signature;
  if (!returns) {
    if (result.kind === 'void' || ends) return null;
    return source.fail(
      'bad-returns',
      key.offset,
      `\`${key.text}\` returns ${result.kind === 'struct' ? `struct ${result.name}` : result.name}, but says not what`,
      'add `returns: expression`, or end with a `tail_call` without `when`',
    );
  }
  if (ends)
    source.fail(
      'bad-returns',
      returns.key.offset,
      '`returns` is never reached after the tail call',
      'remove it, or give the tail call a `when:`',
    );
  if (result.kind === 'void') {
    return source.fail(
      'bad-returns',
      returns.key.offset,
      `\`${key.text}\` is void and returns nothing`,
      'remove `returns:`, or change the prototype',
    );
  }
  return valueIn(scope, names, asScalar(returns.value), result);
}

/** @throws CaseError */
export function resolveProbes(scope: Scope, root: Mapping): ProbeSpec[] {
  return entriesOf(root, 'probes').map(({ key, value }) => {
    const { entry: kindEntry, map } = settings(asMap(value));
    const kind = kindEntry.key.text as ProbeKind;
    const given = get(map, 'on');
    const on = given ? asOn(given) : [];
    const notrace = scalarsOf(get(map, 'notrace'));
    const flags = scalarsOf(get(map, 'flags'));
    for (const list of [on, notrace, flags]) refuseTwice(scope.source, list);
    for (const name of [...on, ...notrace]) functionNamed(scope, name);
    if (kind === 'kprobe' || kind === 'kretprobe') refuseUntraceable(scope, on);
    const number = (...keys: readonly string[]) =>
      Number(keys.map((name) => asScalar(get(map, name))?.value).find((given) => given !== undefined) ?? 0);
    const dataSize = withCookie.includes(kind) ? 8 : number('entry_data_size', 'data_size');
    const program = get(map, 'program') !== undefined;
    const before = program && kind === 'kretprobe' ? entryOf(map, 'entry') : undefined;
    if (before)
      scope.source.fail(
        'wrong-shape',
        before.key.offset,
        'a program on a kretprobe runs at the return only',
        'remove `entry:`, or make it a program on a kprobe',
      );
    const { entry, exit, post } = handlersOf(kind, map, program);
    const words = wordsStored(get(map, 'entry'));
    const setting = { in: 'handler', probe: key.text, kind, program, dataSize, words } as const;
    return {
      name: key.text,
      kind,
      on: on.map((name) => name.text),
      notrace: notrace.map((name) => name.text),
      flags: flags.map((flag) => flag.text),
      entry: handler(entry, (node) => resolveSteps(scope, new Map(), node, { ...setting, handler: 'entry' })),
      exit: handler(exit, (node) => resolveSteps(scope, new Map(), node, { ...setting, handler: 'exit' })),
      post: handler(post, (node) => resolveSteps(scope, new Map(), node, { ...setting, handler: 'post' })),
      offset: number('offset'),
      dataSize,
      ...resolveAttach(scope, map, on.length),
      ...resolveSettings(scope, map),
      maxActive: number('nr_maxactive', 'maxactive'),
      far: farOf(get(map, 'far')),
      definition: kind === 'event' ? asScalar(kindEntry.value).text : null,
      tracer: kind === 'tracer' ? tracerOf(scope, map) : null,
      position: scope.source.position(key.offset),
    };
  });
}

function farOf(node: Node | undefined): boolean | number {
  const value = asScalar(node)?.value;
  return typeof value === 'bigint' ? Number(value) : value === true;
}

function settings(probe: Mapping): { readonly entry: Entry; readonly map: Mapping } {
  const entry = probe.entries[0] as Entry;
  // The setting of an event is its definition, a text.
  const map = entry.value.kind === 'map' ? entry.value : { ...probe, entries: [] };
  return { entry, map };
}

function tracerOf(scope: Scope, map: Mapping): TracerSpec {
  const kind = asScalar(get(map, 'kind')).text as TracerSpec['kind'];
  const options = scalarsOf(get(map, 'options'));
  refuseTwice(scope.source, options);
  const known = optionsFor(kind);
  for (const { text, offset } of options) {
    if (known.includes(text)) continue;
    const remedy = known.length === 0 ? 'remove `options:`' : suggest(text, known, 'its options');
    scope.source.fail('unknown-name', offset, `a ${kind} tracer has no option \`${text}\``, remedy);
  }
  const instance = asScalar(get(map, 'instance'));
  if (instance) checkName(scope.source, instance, 'an instance');
  if (instance && kind === 'profiler')
    scope.source.fail(
      'wrong-shape',
      instance.offset,
      'the profiler exists once, not in instances',
      'remove `instance:`',
    );
  return { kind, options: options.map(({ text }) => text), instance: instance?.text ?? null };
}

/** What could be probed in a function is its call site: of the rest the models know no instruction. @throws CaseError */
function refuseUntraceable(scope: Scope, on: readonly Scalar[]): void {
  for (const name of on) {
    if (functionNamed(scope, name).traceable) continue;
    const what = `\`${name.text}\` is notrace: it has no instruction that could be probed`;
    scope.source.fail('wrong-shape', name.offset, what, 'name a function with a call site');
  }
}

function asOn(node: Node): readonly Scalar[] {
  if (node.kind === 'scalar') return [];
  return scalarsOf(node);
}

/** Kinds whose entry leaves a word for the exit. */
const withCookie: readonly ProbeKind[] = ['fsession', 'fsession_multi', 'kprobe_session'];

type HandlerNode = Node | boolean;

type When = 'entry' | 'exit' | 'post';

/** When handlers of a kind run. */
const runs: Readonly<Record<ProbeKind, readonly When[]>> = {
  ops: ['entry'],
  graph: ['entry', 'exit'],
  fprobe: ['entry', 'exit'],
  kprobe: ['entry', 'post'],
  kretprobe: ['entry', 'exit'],
  direct: ['entry'],
  fentry: ['entry'],
  fmod_ret: ['entry'],
  fexit: ['exit'],
  fsession: ['entry', 'exit'],
  livepatch: [],
  tracer: [],
  event: [],
  fentry_multi: ['entry'],
  fexit_multi: ['exit'],
  fsession_multi: ['entry', 'exit'],
  kprobe_multi: ['entry'],
  kretprobe_multi: ['exit'],
  kprobe_session: ['entry', 'exit'],
  perf: ['entry'],
};

/** Which handlers there are when not all are given: all that the kind has if none is, else only the given. */
function handlersOf(kind: ProbeKind, map: Mapping, program: boolean): Readonly<Record<When, HandlerNode>> {
  const [entry, exit, post] = [get(map, 'entry'), get(map, 'exit'), get(map, 'post')];
  if (entry !== undefined || exit !== undefined || post !== undefined)
    return { entry: entry ?? false, exit: exit ?? false, post: post ?? false };
  // A program has one place: entry of a kprobe, exit of a kretprobe.
  const only = program && (kind === 'kprobe' ? 'entry' : 'exit');
  const has = (when: When) => (only ? when === only : runs[kind].includes(when));
  return { entry: has('entry'), exit: has('exit'), post: has('post') };
}

function handler(node: HandlerNode, resolve: (node: Node) => Action[]): Action[] | null {
  const given = typeof node !== 'boolean' && node.kind === 'scalar' ? node.value === true : node;
  if (typeof given === 'boolean') return given ? [] : null;
  return resolve(given);
}

/** What `module` and `text` of a function say. */
function textOf(source: Source, map: Mapping): Pick<FunctionSpec, 'module' | 'moduleText' | 'kernelText'> {
  const [module, text] = [asScalar(get(map, 'module'))?.value, asScalar(get(map, 'text'))];
  const moduleText = moduleTexts.find((name) => name === module) ?? null;
  const inModule = module === true || moduleText !== null;
  if (inModule && text) {
    source.fail(
      'wrong-shape',
      text.offset,
      '`text` is for functions of the kernel',
      'leave out `text` or `module`',
    );
  }
  const kernelText = kernelTexts.find((name) => name === text?.value) ?? null;
  return { module: inModule, moduleText, kernelText };
}
