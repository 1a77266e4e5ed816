// SPDX-License-Identifier: MIT
/** Whatever the text, the parser gives cases or one CaseError whose place is in the text. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaseError } from './error.js';
import { parseCases } from './parse.js';
import { full } from './test/full.js';

function check(text: string): void {
  try {
    parseCases('a.yaml', text, 'a');
  } catch (error) {
    if (!(error instanceof CaseError))
      throw new Error(`not a CaseError, for ${JSON.stringify(text)}`, { cause: error });
    const lines = text.split('\n');
    expect(error.line).toBeGreaterThanOrEqual(1);
    expect(error.line).toBeLessThanOrEqual(lines.length);
    expect(error.column).toBeGreaterThanOrEqual(1);
    expect(error.column).toBeLessThanOrEqual((lines[error.line - 1] as string).length + 1);
    expect(error.remedy).not.toBe('');
    error.render();
  }
}

const fragments = fc.constantFrom(
  ...full.split(/(?<=\s)|(?=[[\]{},:])/).filter((word) => word.trim() !== ''),
  '- ',
  ': ',
  '[',
  ']',
  '{',
  '}',
  '\n',
  '\n  ',
  '\t',
  '&a',
  '*a',
  '!a',
  '|',
  '>',
  "'",
  '"',
  '#',
  '---',
  '...',
  '? ',
  '<<',
  '~',
  'null',
  '1e9',
  '0x',
  '-',
  '__proto__',
  'constructor',
  `$\{count}`,
  '${',
  '\\',
  '%YAML',
  '@',
  '`',
  '\r\n',
  '\u2028',
  '\ud800',
  '\ufeff',
);

describe('the parser', { timeout: 60_000 }, () => {
  it('survives arbitrary text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), check), { numRuns: 200 });
  });

  it('survives words of the language in any order', () => {
    fc.assert(
      fc.property(
        fc.array(fragments, { maxLength: 60 }).map((words) => words.join('')),
        check,
      ),
      { numRuns: 250 },
    );
  });

  it('survives a valid case with a piece replaced', () => {
    const at = fc.nat(full.length);
    fc.assert(
      fc.property(at, fc.nat(20), fc.array(fragments, { maxLength: 3 }), (start, length, words) => {
        check(full.slice(0, start) + words.join('') + full.slice(start + length));
      }),
      { numRuns: 200 },
    );
  });

  it('survives a valid case with a line removed, doubled or moved', () => {
    const lines = full.split('\n');
    const line = fc.nat(lines.length - 1);
    fc.assert(
      fc.property(line, line, fc.boolean(), (from, to, keep) => {
        const changed = lines.toSpliced(to, 0, lines[from] as string);
        check((keep ? changed : changed.toSpliced(from < to ? from : from + 1, 1)).join('\n'));
        check(lines.toSpliced(from, 1).join('\n'));
      }),
      { numRuns: 50 },
    );
  });

  it('survives a valid case cut off anywhere', () => {
    for (let end = 0; end < full.length; end += 37) check(full.slice(0, end));
  });

  it('gives the same for the same text', () => {
    expect(parseCases('a.yaml', full, 'a')).toEqual(parseCases('a.yaml', full, 'a'));
  });
});
