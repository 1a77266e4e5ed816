// SPDX-License-Identifier: MIT
/**
 * Where the stub of a site lies: in a slot of its own, or in areas that the link and the loader of modules made room
 * for. The areas behind .text and in .init.text lie where these end, in a large kernel out of reach of its beginning.
 */
import type { SiteText, StubArea, StubPlace } from '../../backend/contract.js';
import { AREA_NAMES, type Fn } from './address-book.js';
import type { Session } from './session.js';

export interface Stubs {
  /** The next stub for a site, once for each; 0: there is none left where it has to be. */
  take(fn: Fn): bigint;
}

const ORDER: readonly SiteText[] = ['text', 'init', 'module'];

function textOf({ spec }: Fn): SiteText {
  if (spec?.module) return 'module';
  return spec?.kernelText === 'init' ? 'init' : 'text';
}

/** Records of the kernel are sorted by address, .init.text behind .text; those of modules come later. */
export function inOrderOfRecords(functions: readonly Fn[]): readonly Fn[] {
  const rank = (fn: Fn) => 2 * ORDER.indexOf(textOf(fn)) + (fn.spec?.kernelText === 'end' ? 1 : 0);
  return functions.toSorted((a, b) => rank(a) - rank(b));
}

export function stubsOf({ host, spec, book, env }: Session): Stubs {
  const tables = host.backend.callsite.stubTables?.(host.config) ?? null;
  if (!tables) return { take: (fn) => fn.stub };
  const sites: Record<SiteText, number> = { text: 0, init: 0, module: 0 };
  for (const { name, traceable } of spec.functions) {
    const fn = book.functionNamed(name);
    if (traceable && fn) sites[textOf(fn)]++;
  }
  const counts = tables.counts(sites);
  const area = (place: StubPlace, start = env.symbol(AREA_NAMES[place])): StubArea => ({
    ...{ start, count: counts[place], taken: 0 },
  });
  const { textEnd, init } = book.large?.stubs ?? {};
  const areas = {
    text: area('text'),
    textEnd: area('textEnd', textEnd),
    init: area('init', init),
    module: area('module'),
  };
  return {
    take(fn) {
      const from = areas[tables.place(fn.ip, textOf(fn), areas)];
      const index = from.taken++;
      return index < from.count ? from.start + BigInt(tables.bytes * index) : 0n;
    },
  };
}
