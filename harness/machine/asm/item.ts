// SPDX-License-Identifier: MIT
/** What expansion leaves of a source: a flat list of things to place, in order. */
import type { Text } from './text.js';

export type Item =
  /** `number` is set for local numeric labels. */
  | { readonly kind: 'label'; readonly name: string; readonly number: string | null; readonly at: Text }
  | {
      readonly kind: 'instruction';
      readonly mnemonic: string;
      readonly operands: readonly Text[];
      readonly at: Text;
    }
  | {
      readonly kind: 'data';
      readonly width: 1 | 2 | 4 | 8;
      readonly values: readonly Text[];
      readonly at: Text;
    }
  /** Characters of `.ascii` and `.asciz`. */
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly at: Text }
  /** To the next multiple of `alignment` bytes, unless more than `most` bytes are needed. */
  | {
      readonly kind: 'align';
      readonly alignment: number;
      readonly fill: bigint | null;
      readonly most: number | null;
      readonly at: Text;
    }
  | { readonly kind: 'skip'; readonly count: Text; readonly fill: Text | null; readonly at: Text }
  | { readonly kind: 'org'; readonly target: Text; readonly at: Text }
  /** `.set` of an expression that needs addresses. */
  | { readonly kind: 'set'; readonly name: string; readonly value: Text; readonly at: Text }
  | { readonly kind: 'size'; readonly name: string; readonly value: Text; readonly at: Text }
  /** Words of a `.discard.…` section: about the text, not part of it. */
  | { readonly kind: 'note'; readonly section: string; readonly values: readonly Text[]; readonly at: Text };

/** One assignment to a symbol by `.set`; in force from item `from` on. */
export interface Assignment {
  readonly from: number;
  /** `null`: evaluate the `set` item at index `from` when addresses are known. */
  readonly value: bigint | null;
}
