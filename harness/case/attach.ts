// SPDX-License-Identifier: MIT
/** How a kprobe_multi program is attached: `cookies` and `attach` of the probe. */
import { asMap, asScalar, type Scope, scalarsOf, textsOf } from './scope.js';
import { get, type Mapping } from './tree.js';
import type { AttachSpec, ProbeSpec } from './types.js';
import { count, numberIn } from './typing.js';

/** @throws CaseError */
export function resolveAttach(
  scope: Scope,
  probe: Mapping,
  functions: number,
): Pick<ProbeSpec, 'attach' | 'cookies'> {
  const cookies = get(probe, 'cookies');
  const map = get(probe, 'attach');
  const attach = attachOf(scope, asMap(map));
  // Where the request is told apart from `on`, it may be malformed on purpose.
  if (cookies && !map && functions > 0 && scalarsOf(cookies).length !== functions) {
    const given = scalarsOf(cookies).length;
    scope.source.fail(
      'wrong-arity',
      cookies.offset,
      `${count(given, 'cookie')} for ${count(functions, 'function')}`,
      'give one for each function of `on`, in this order',
    );
  }
  return {
    attach,
    cookies: cookies ? scalarsOf(cookies).map((cookie) => numberIn(scope, new Map(), cookie)) : null,
  };
}

function attachOf(scope: Scope, map: Mapping | undefined): AttachSpec {
  const value = (key: string) => (map ? asScalar(get(map, key))?.value : undefined);
  const [symbols, addresses] = map ? [get(map, 'symbols'), get(map, 'addresses')] : [];
  const lists = symbols && addresses ? 'both' : addresses ? 'addresses' : 'symbols';
  const by = value('by') as AttachSpec['by'] | undefined;
  for (const [key, list] of [['symbols', symbols] as const, ['addresses', addresses] as const]) {
    if (list && by !== undefined && by !== key && by !== 'both')
      scope.source.fail(
        'wrong-shape',
        list.offset,
        `\`${key}\` that are not passed`,
        `drop them, or \`by: ${by}\``,
      );
  }
  const number = (key: string) => (value(key) === undefined ? null : Number(value(key)));
  return {
    by: by ?? lists,
    symbols: symbols ? textsOf(symbols) : null,
    addresses: addresses ? scalarsOf(addresses).map((address) => numberIn(scope, new Map(), address)) : null,
    pattern: (value('pattern') as string | undefined) ?? null,
    uniqueMatch: value('unique_match') === true,
    count: number('count'),
    flags: number('flags'),
    sleepable: value('sleepable') === true,
    returns: number('returns'),
  };
}
