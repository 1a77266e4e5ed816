// SPDX-License-Identifier: MIT
/** Sets of subjects as few words: the same few sets are named again and again. */

import type { HeaderEvent } from '../events.js';
import { grouped } from '../grouped.js';
import { number } from '../summary.js';

export class Names {
  readonly #subjects: HeaderEvent['subjects'];
  readonly #places: ReadonlyMap<string, number>;
  readonly #targets: number;
  readonly #known = new Map<string, string>();

  constructor(subjects: HeaderEvent['subjects']) {
    this.#subjects = subjects;
    this.#places = new Map(subjects.map(({ name }, place) => [name, place]));
    this.#targets = new Set(subjects.map(({ id }) => id.target)).size;
  }

  /**
   * `all at 6.12, 7.2`, `alpha, {beta,gamma}@6.1`, in the order of the header: a back-end with all its revisions is
   * called by its name alone, a target is named where there are several.
   */
  folded(names: readonly string[]): string {
    const key = names.join();
    const known = this.#known.get(key) ?? this.#fold(names);
    this.#known.set(key, known);
    return known;
  }

  #fold(names: readonly string[]): string {
    const wanted = new Set(names.map((name) => this.#places.get(name)));
    return this.#allAt(wanted) ?? this.#braced(wanted);
  }

  /** Of all back-ends at some revisions. */
  #allAt(wanted: ReadonlySet<number | undefined>): string | null {
    const revisions = new Set(
      this.#subjects.filter((_, place) => wanted.has(place)).map(({ id }) => id.revision),
    );
    const of = this.#subjects.filter(({ id }) => revisions.has(id.revision));
    if (wanted.size < 3 || of.length !== wanted.size || new Set(of.map(({ id }) => id.arch)).size === 1)
      return null;
    if (wanted.size === this.#subjects.length) return `all ${number(wanted.size)} subjects`;
    return `all at ${[...revisions].join(', ')}`;
  }

  #braced(wanted: ReadonlySet<number | undefined>): string {
    const sides = grouped(
      this.#subjects.map(({ id }, place) => ({ id, has: wanted.has(place) })),
      ({ id }) => `${id.arch}\n${id.target}`,
    );
    const sets = [...sides.values()].flatMap((side) => {
      const [{ id }] = side;
      const revisions = side.flatMap(({ id, has }) => (has ? [id.revision] : []));
      const at = revisions.length === side.length ? '' : `@${inBraces(revisions)}`;
      return revisions.length === 0
        ? []
        : [{ arch: id.arch, at, held: this.#targets > 1 ? `/${id.target}` : '' }];
    });
    return [...grouped(sets, ({ at, held }) => at + held).values()]
      .map((same) => {
        const [{ at, held }] = same;
        const archs = same.map(({ arch }) => arch);
        return at + held === '' ? archs.join(', ') : inBraces(archs) + at + held;
      })
      .join(', ');
  }
}

/** As a shell spells several. */
function inBraces(words: readonly string[]): string {
  return words.length === 1 ? (words[0] as string) : `{${words.join(',')}}`;
}
