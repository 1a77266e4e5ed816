// SPDX-License-Identifier: MIT
/** Directives that place something, and the list of those that mean nothing here (GNU as manual). */
import { nearest } from '../../ctype/nearest.js';
import { AsmError } from './error.js';
import type { Item } from './item.js';
import type { Text } from './text.js';

/**
 * Directives about linkage, unwind tables, debugging and assembler modes: accepted, without effect on
 * what the text does.
 */
export const IGNORED: ReadonlySet<string> = new Set([
  ...['.globl', '.global', '.local', '.weak', '.hidden', '.protected', '.internal', '.type', '.file', '.loc'],
  ...['.ident', '.print', '.warning', '.addrsig', '.addrsig_sym'],
  ...['.option', '.attribute', '.arch', '.arch_extension', '.cpu', '.machine', '.machinemode', '.abiversion'],
  ...['.code64', '.localentry', '.att_syntax', '.variant_pcs', '.module'],
  ...[
    '.cfi_startproc',
    '.cfi_endproc',
    '.cfi_sections',
    '.cfi_def_cfa',
    '.cfi_def_cfa_offset',
    '.cfi_offset',
  ],
  ...['.cfi_def_cfa_register', '.cfi_adjust_cfa_offset', '.cfi_rel_offset', '.cfi_restore', '.cfi_undefined'],
  ...['.cfi_register', '.cfi_same_value', '.cfi_remember_state', '.cfi_restore_state', '.cfi_return_column'],
  ...['.cfi_signal_frame', '.cfi_escape', '.cfi_b_key_frame', '.cfi_negate_ra_state'],
]);

const WIDTHS: Readonly<Record<string, 1 | 2 | 4 | 8>> = {
  ...{ '.byte': 1, '.2byte': 2, '.short': 2, '.hword': 2, '.half': 2, '.value': 2, '.4byte': 4, '.long': 4 },
  ...{ '.int': 4, '.8byte': 8, '.quad': 8, '.dword': 8, '.xword': 8 },
};

const OTHERS = [
  ...[
    '.balign',
    '.p2align',
    '.align',
    '.skip',
    '.space',
    '.zero',
    '.org',
    '.size',
    '.ascii',
    '.asciz',
    '.string',
  ],
  ...[
    '.macro',
    '.endm',
    '.rept',
    '.endr',
    '.irp',
    '.irpc',
    '.if',
    '.ifdef',
    '.ifndef',
    '.ifc',
    '.ifnc',
    '.else',
  ],
  ...['.elseif', '.endif', '.set', '.equ', '.equiv', '.purgem', '.section', '.text', '.error'],
];

/** Largest alignment and gap that are taken for meant. */
const MAX_GAP = 1n << 20n;

/** The item a directive places. @throws AsmError for an unknown directive or malformed operands. */
export function directive(word: string, at: Text, rest: Text, scope: { constant(text: Text): bigint }): Item {
  const operands = rest.split(',');
  const width = WIDTHS[word];
  if (width !== undefined) {
    if (operands.length === 0)
      throw AsmError.at(at, 0, `\`${word}\` needs a value`, `write ${word} expression`);
    return { kind: 'data', width, values: operands, at };
  }
  const [first, second, third] = operands;
  const number = (text: Text | undefined): bigint | null =>
    text === undefined || text.length === 0 ? null : scope.constant(text);
  switch (word) {
    case '.balign':
    case '.p2align': {
      const asked = number(first) ?? 0n;
      if (asked < 0n || asked > MAX_GAP || (word === '.p2align' && asked > 20n)) {
        throw AsmError.at(rest, 0, `alignment ${asked} is out of range`);
      }
      const bytes = word === '.p2align' ? 1 << Number(asked) : Math.max(1, Number(asked));
      if ((bytes & (bytes - 1)) !== 0) throw AsmError.at(rest, 0, `alignment ${bytes} is no power of two`);
      const most = number(third);
      return {
        kind: 'align',
        alignment: bytes,
        fill: number(second),
        most: most === null ? null : Number(most),
        at,
      };
    }
    case '.align':
      throw AsmError.at(
        at,
        0,
        '`.align` means bytes or powers of two by architecture',
        'use .balign or .p2align',
      );
    case '.skip':
    case '.space':
    case '.zero':
      if (first === undefined)
        throw AsmError.at(at, 0, `\`${word}\` needs a count`, `write ${word} bytes, fill`);
      return { kind: 'skip', count: first, fill: second ?? null, at };
    case '.org':
      if (first === undefined) throw AsmError.at(at, 0, '`.org` needs an address', 'write .org expression');
      return { kind: 'org', target: first, at };
    case '.size':
      if (first === undefined || second === undefined) {
        throw AsmError.at(at, 0, 'malformed `.size`', 'write .size name, expression');
      }
      return { kind: 'size', name: first.text, value: second, at };
    case '.ascii':
    case '.asciz':
    case '.string':
      return { kind: 'bytes', bytes: characters(operands, at, word !== '.ascii'), at };
    default: {
      const near = nearest(word, [...IGNORED, ...Object.keys(WIDTHS), ...OTHERS]);
      throw AsmError.at(at, 0, `unknown directive \`${word}\``, near ? `did you mean ${near}?` : '');
    }
  }
}

function characters(operands: readonly Text[], at: Text, terminated: boolean): Uint8Array {
  const bytes: number[] = [];
  for (const operand of operands) {
    const match = /^"((?:\\.|[^"\\])*)"$/.exec(operand.text);
    if (match === null) throw AsmError.at(operand, 0, 'expected a string in double quotes');
    const plain = (match[1] as string).replace(/\\(x[0-9a-f]{1,2}|[0-7]{1,3}|.)/gi, (_, code: string) => {
      if (/^x/i.test(code)) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
      if (/^[0-7]/.test(code)) return String.fromCharCode(Number.parseInt(code, 8) & 0xff);
      return { n: '\n', t: '\t', r: '\r' }[code] ?? code;
    });
    for (const c of plain) bytes.push(c.charCodeAt(0) & 0xff);
    if (terminated) bytes.push(0);
  }
  if (operands.length === 0) throw AsmError.at(at, 0, 'expected a string in double quotes');
  return Uint8Array.from(bytes);
}
