// SPDX-License-Identifier: MIT
/**
 * The error of every small language that is written inside a scalar (prototypes, expressions, accessors):
 * what is wrong at which character. Whoever knows where the scalar stands turns it into a placed error.
 */
export class TextError extends Error {
  override readonly name = 'TextError';
  constructor(
    /** 0-based index of the offending character in the text, in UTF-16 units. */
    readonly index: number,
    message: string,
    /** What to write instead; one sentence or empty. */
    readonly remedy: string,
  ) {
    super(message);
  }
}
