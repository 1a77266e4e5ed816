// SPDX-License-Identifier: MIT
/**
 * Steps that hold steps: what another CPU, another task or an interrupt does. Who does them decides what they may be:
 * an interrupt takes no mutex, and while code is patched ftrace_lock is held.
 */
import { interruptPlaces, interrupts } from './schema.js';
import { asMap, asScalar, type Scope } from './scope.js';
import type { Setting, Verb } from './steps.js';
import { entryOf, get, type Mapping, type Node, type Scalar } from './tree.js';
import type { InterruptKind, Step } from './types.js';

/** Resolves a list of steps in a setting of their own. */
type Resolve = (node: Node | undefined, setting: Setting) => Step[];

const observing = ['call', 'record', 'count', 'stack_trace'];
const inInterrupt = [...observing, 'pause_graph', 'resume_graph', ...interrupts];
const patching = ['register', 'unregister', 'filter', 'modify_direct', 'ftrace_enabled'];
/** What interrupts what: a later one an earlier one. */
const priority: readonly InterruptKind[] = ['softirq', 'irq', 'nmi'];

/** Refuses a verb where these steps stand. @throws CaseError */
export function refuseMisplaced(scope: Scope, { name, key }: Verb, setting: Setting): void {
  const refuse = (message: string, remedy: string) =>
    scope.source.fail('bad-step', key.offset, message, remedy);
  if (name === 'sleep' && setting.in !== 'function' && setting.in !== 'task') {
    refuse(
      setting.in === 'case' ? 'nobody is left who could wake it' : '`sleep` where nobody can sleep',
      'sleep in `does:` of a function or of `in_task`',
    );
  }
  if (setting.in === 'meanwhile' && !observing.includes(name)) {
    refuse(
      `\`${name}\` while code is patched`,
      `another CPU would wait for ftrace_lock; what it can do is ${observing.join(', ')}`,
    );
  }
  if (setting.in !== 'interrupt') return;
  if (!inInterrupt.includes(name))
    refuse(
      `\`${name}\` in an interrupt`,
      `an interrupt cannot wait; what it can do is ${inInterrupt.join(', ')}`,
    );
  const kind = name as InterruptKind;
  if (priority.includes(kind) && priority.indexOf(kind) <= priority.indexOf(setting.kind)) {
    refuse(
      `\`${name}\` does not interrupt \`${setting.kind}\``,
      'softirq is interrupted by irq, and both by nmi',
    );
  }
}

/** @throws CaseError */
export function inTask(scope: Scope, verb: Verb, resolve: Resolve): Step {
  const map = asMap(verb.value ?? undefined);
  const task = asScalar(get(map, 'task'));
  return {
    do: 'in_task',
    task: task.text,
    does: resolve(get(map, 'does'), { in: 'task' }),
    position: scope.source.position(verb.key.offset),
  };
}

/** @throws CaseError if no step makes such a task */
export function wake(scope: Scope, verb: Verb): Step {
  const task = asScalar(verb.value ?? undefined);
  if (!scope.tasks.has(task.text)) {
    scope.source.fail(
      'unknown-name',
      task.offset,
      `there is no task \`${task.text}\``,
      scope.tasks.size > 0 ? `the tasks are ${[...scope.tasks].join(', ')}` : 'name it in `in_task` first',
    );
  }
  return { do: 'wake', task: task.text, position: scope.source.position(verb.key.offset) };
}

/** @throws CaseError */
export function interrupt(scope: Scope, verb: Verb, resolve: Resolve): Step {
  const kind = verb.name as InterruptKind;
  return {
    do: kind,
    does: resolve(verb.value ?? undefined, { in: 'interrupt', kind }),
    position: scope.source.position(verb.key.offset),
  };
}

/** Puts what stands beside a verb around its steps. @throws CaseError */
export function around(scope: Scope, verb: Verb, setting: Setting, resolve: Resolve): (step: Step) => Step {
  const { source } = scope;
  const meanwhile = verb.map === null ? undefined : entryOf(verb.map, 'meanwhile');
  const interrupted = verb.map === null ? undefined : entryOf(verb.map, 'interrupted');
  if (meanwhile) {
    if (!patching.includes(verb.name))
      source.fail(
        'bad-step',
        meanwhile.key.offset,
        `\`meanwhile\` does not go with \`${verb.name}\``,
        `steps that patch code are ${patching.join(', ')}`,
      );
    const does = resolve(meanwhile.value, { in: 'meanwhile' });
    return (step) => ({ do: 'meanwhile', step, does, position: step.position });
  }
  if (!interrupted) return (step) => step;
  if (verb.name !== 'call' || setting.in !== 'case')
    source.fail(
      'bad-step',
      interrupted.key.offset,
      '`interrupted` goes with a `call` at top level',
      'in a body or a handler, let an interrupt come with `- irq: […]`',
    );
  const { by, at, does } = comes(scope, interrupted.value);
  const steps = resolve(does, { in: 'interrupt', kind: by });
  return (call) => ({ do: 'interrupted', call, by, at, does: steps, position: call.position });
}

/** `[steps]`, or a map of what, where and which steps. */
function comes(scope: Scope, value: Node): { by: InterruptKind; at: string; does: Node } {
  if (value.kind !== 'map') return { by: 'irq', at: 'every', does: value };
  const by = (asScalar(get(value, 'by'))?.text ?? 'irq') as InterruptKind;
  const at: Scalar | undefined = asScalar(get(value, 'at'));
  if (at !== undefined && !/^[A-Za-z_]\w*(\+0x[1-9a-f][0-9a-f]*)?$/.test(at.text)) {
    scope.source.fail(
      'bad-step',
      at.offset,
      `\`${at.text}\` is no place where an interrupt comes`,
      `write ${interruptPlaces.map((place) => `\`${place}\``).join(', ')}, or a label such as \`return_to_handler\``,
    );
  }
  return { by, at: at?.text ?? 'every', does: get(value as Mapping, 'does') as Node };
}
