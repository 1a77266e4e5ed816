// SPDX-License-Identifier: MIT
/** Settings that only one or a few kinds of probe have; the schema knows which. */
import { asMap, asScalar, functionNamed, type Scope, scalarsOf } from './scope.js';
import { entryOf, get, type Mapping } from './tree.js';
import type { KprobeProgramSpec, ProbeSettings } from './types.js';
import { numberIn } from './typing.js';

/** @throws CaseError for an expression that is none, a function that is not there, or too many of them */
export function resolveSettings(scope: Scope, map: Mapping): ProbeSettings {
  const expression = (key: string) => {
    const node = get(map, key);
    return node ? numberIn(scope, new Map(), asScalar(node)) : null;
  };
  const to = get(map, 'with');
  const isTrue = (key: string) => asScalar(get(map, key))?.value === true;
  const refuse = (key: string, what: string, remedy: string) =>
    scope.source.fail('wrong-shape', entryOf(map, key)?.key.offset ?? map.offset, what, remedy);
  if (isTrue('jmp')) {
    const on = scalarsOf(get(map, 'on'));
    // Such a trampoline finds no address in the body on the stack: it knows the one function that it is made for.
    if (on.length !== 1 || on[0]?.text === 'all')
      refuse(
        'jmp',
        'a trampoline that is jumped to has one function, and this probe has others',
        'name one function in `on`',
      );
    if (get(map, 'far') && asScalar(get(map, 'far'))?.value !== false)
      refuse('far', 'no trampoline that is jumped to lies far', 'leave out `jmp` or `far`');
  }
  if (typeof asScalar(get(map, 'far'))?.value === 'bigint' && scalarsOf(get(map, 'on')).length !== 1)
    refuse('far', 'a distance is from one function, and this probe has others', 'name one function in `on`');
  if (to) functionNamed(scope, asScalar(to));
  return {
    api: (asScalar(get(map, 'api'))?.text ?? 'ops') as ProbeSettings['api'],
    jmp: isTrue('jmp'),
    cookie: expression('cookie'),
    returns: expression('returns'),
    program: programOf(scope, map),
    with: to ? asScalar(to).text : null,
    replace: isTrue('replace'),
  };
}

/** What belongs to handlers of the kernel, and to no program. */
const notOfPrograms = ['post', 'flags', 'maxactive', 'data_size'];

/** @throws CaseError for settings that no program can have */
function programOf(scope: Scope, probe: Mapping): KprobeProgramSpec | null {
  const map = asMap(get(probe, 'program'));
  if (map === undefined) return null;
  for (const key of notOfPrograms) {
    const entry = entryOf(probe, key);
    if (entry)
      scope.source.fail(
        'wrong-shape',
        entry.key.offset,
        `a program has no \`${key}\``,
        `remove \`${key}:\`, or make the probe a handler without \`program:\``,
      );
  }
  const value = (key: string) => asScalar(get(map, key));
  const [symbol, address, cookie] = [value('symbol'), value('address'), value('cookie')];
  if (symbol && address?.value === true)
    scope.source.fail(
      'wrong-shape',
      symbol.offset,
      'a program is attached by a name or by an address, not by both',
      'remove `symbol:` or `address:`',
    );
  return {
    interface: (value('interface')?.text ?? 'default') as KprobeProgramSpec['interface'],
    symbol: symbol?.text ?? null,
    address: address?.value === true,
    sleepable: value('sleepable')?.value === true,
    cookie: cookie ? numberIn(scope, new Map(), cookie) : null,
  };
}
