// SPDX-License-Identifier: MIT
/**
 * `call` of an `error` expectation: the step that fails, written as the verb and what it is done to. Which verbs can
 * fail, and their texts, are those of the session (target/session/steps.ts and actions.ts).
 */
import { nearest } from '../ctype/nearest.js';
import { TextError } from '../ctype/text-error.js';
import { parseSettable } from './accessor.js';
import { functionNamed, probeNamed, type Scope } from './scope.js';
import { series, switchable } from './steps.js';
import { clip, offsetIn, type Scalar } from './tree.js';
import type { ProbeKind } from './types.js';

/** What stands after the verb. */
type Subject = readonly ProbeKind[] | 'probe' | 'function' | 'boolean' | 'accessor' | 'nothing';

const objects: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ['register', 'probe'],
  ['unregister', 'probe'],
  ['enable', switchable],
  ['disable', switchable],
  ['filter', ['ops', 'graph', 'tracer']],
  ['modify_direct', ['direct']],
  ['link_info', ['kprobe_multi', 'kretprobe_multi', 'kprobe_session']],
  ['record', 'function'],
  ['ftrace_enabled', 'boolean'],
  ['set_graph_function', 'nothing'],
  ['set_graph_notrace', 'nothing'],
  ['set', 'accessor'],
  ['override', 'nothing'],
]);

/** @throws CaseError */
export function checkFailingCall(scope: Scope, value: Scalar): void {
  const [, verb = '', rest = ''] = /^(\S*)(?: (.*))?$/s.exec(value.text) ?? [];
  const object = objects.get(verb);
  if (object === undefined) {
    const near = nearest(verb, objects.keys());
    const verbs = [...objects.keys()].join(', ');
    scope.source.fail(
      'bad-expectation',
      value.offset,
      `no step \`${clip(verb)}\` can fail`,
      near === undefined ? `steps that can are ${verbs}` : `did you mean \`${near}\`?`,
    );
  }
  // Where a kernel gives the handler no registers, no accessor is named.
  if (object === 'accessor' && value.text === verb) return;
  const offset = offsetIn(value, Math.min(verb.length + 1, value.text.length));
  const refuse = (message: string, remedy: string) =>
    scope.source.fail('bad-expectation', offset, message, remedy);
  if (object === 'nothing') {
    if (value.text !== verb) refuse(`nothing stands after \`${verb}\``, `write \`call: ${verb}\``);
  } else if (rest === '') {
    refuse(`\`${verb}\` of what?`, `write ${example(verb, object)}`);
  } else if (object === 'boolean') {
    if (rest !== 'true' && rest !== 'false')
      refuse(`\`${verb}\` is \`true\` or \`false\``, `write ${example(verb, object)}`);
  } else if (object === 'accessor') {
    checkAccessor(rest, refuse);
  } else {
    const name: Scalar = { ...value, text: rest, value: rest, offset };
    if (object === 'function') functionNamed(scope, name);
    else checkProbe(scope, name, verb, object, refuse);
  }
}

type Refuse = (message: string, remedy: string) => never;

function checkProbe(
  scope: Scope,
  name: Scalar,
  verb: string,
  kinds: 'probe' | readonly ProbeKind[],
  refuse: Refuse,
): void {
  const kind = probeNamed(scope, name);
  if (kinds === 'probe' || kinds.includes(kind)) return;
  refuse(
    `\`${verb}\` is for probes of kind ${series(kinds, 'and')}, \`${name.text}\` is of kind ${kind}`,
    `name a probe of kind ${series(kinds, 'or')}`,
  );
}

/** In the one spelling that is observed. */
function checkAccessor(text: string, refuse: Refuse): void {
  try {
    const canonical = parseSettable(text).text;
    if (canonical !== text)
      refuse(`\`${text}\` is observed as \`${canonical}\``, `write \`set ${canonical}\``);
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    refuse(error.message, error.remedy);
  }
}

function example(verb: string, object: Subject): string {
  const rest = { function: 'f', boolean: 'false', accessor: 'argument(6)' }[String(object)] ?? 'watch';
  return `the step as \`${verb} ${rest}\``;
}
