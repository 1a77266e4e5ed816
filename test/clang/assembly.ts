// SPDX-License-Identifier: MIT
/** What a test must know of an architecture to have its instructions assembled by clang, beyond its back-end. */
import type { Word } from './words.js';

export interface Assembly {
  /** clang options beyond `--target`. */
  readonly options: readonly string[];
  /** Text as clang must be given it to make the bytes that it was decoded from. */
  spelling(text: string): string;
  /** Instructions of the table that no source and no call site uses. `elsewhere` is a symbol outside of the unit. */
  readonly snippets: readonly string[];
  /**
   * What the encoders make that no call site of the smoke suite shows: module PLT entries, the ends of a branch's
   * reach, words for failures. The texts are written by hand; where `decode()` knows the bytes it must agree.
   * @param at address of the first byte
   */
  encodings(at: bigint): readonly Word[];
}

/** A word and its text. */
export const word = (bytes: Uint8Array, ...lines: readonly string[]): Word => ({
  bytes,
  text: lines.join('\n\t'),
});
