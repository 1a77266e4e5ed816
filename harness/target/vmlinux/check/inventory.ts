// SPDX-License-Identifier: MIT
/** Instructions of the kernel's compiled trampolines against the back-end's table: has it every mnemonic? */
import { VmlinuxError } from '../error.js';
import type { KernelImage } from '../image/image.js';
import type { CheckedKernel } from './kernel.js';
import { disassemble, type Piece } from './objdump.js';
import { type Finding, unchecked } from './row.js';
import { holds } from './text-machine.js';

/** No trampoline is longer; what is, is no single one. Bytes. */
const LONGEST = 4096;

export function checkInstructions(kernel: CheckedKernel): Finding[] {
  const { image, backend } = kernel;
  if ('missing' in image) return [unchecked('trampolines', '', image.missing)];
  const pieces = backend.vmlinux.trampolines.flatMap((name) => pieceOf(image.value, name) ?? []);
  if (pieces.length === 0) return [unchecked('trampolines', '', 'the kernel has no symbol of one')];
  let listings: ReadonlyMap<string, readonly string[]>;
  try {
    listings = disassemble(pieces, backend.vmlinux.elf, image.value.order, backend.vmlinux.disassembler);
  } catch (error) {
    if (error instanceof VmlinuxError) return [unchecked('trampolines', '', error.message)];
    throw error;
  }
  const known = new Set(backend.instructions.table.map(({ mnemonic }) => mnemonic));
  return pieces.flatMap(({ name }) => {
    const lines = withoutPadding(listings.get(name) ?? [], backend.vmlinux.padding);
    if (lines.length === 0) return [unchecked(name, '', 'nothing of it was disassembled')];
    const byMnemonic = new Map<string, string[]>();
    for (const line of lines) {
      const [printed = ''] = line.split(' ');
      const { mnemonics } = backend.vmlinux;
      const mnemonic = mnemonics[(line.split(',')[0] as string).trim()] ?? mnemonics[printed] ?? printed;
      byMnemonic.set(mnemonic, [...(byMnemonic.get(mnemonic) ?? []), line]);
    }
    return [...byMnemonic]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([mnemonic, found]): Finding => {
        const item = `${name}: ${mnemonic}`;
        const times = `${found.length} times`;
        if (known.has(mnemonic)) return { item, verdict: 'confirmed', ours: 'in the table', kernel: times };
        return {
          item,
          verdict: 'contradicted',
          ours: 'not in the table',
          kernel: times,
          reason: found[0] as string,
        };
      });
  });
}

function withoutPadding(lines: readonly string[], padding: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => !padding.includes(line.split(' ')[0] as string));
  return lines.slice(0, last + 1);
}

/** From the symbol to the next one. */
function pieceOf(image: KernelImage, name: string): Piece | undefined {
  const symbol = image.symbols.find(name);
  const end = symbol && image.symbols.after(symbol.address);
  if (symbol === undefined || end === undefined) return undefined;
  const length = Math.min(Number(end - symbol.address), LONGEST);
  if (!holds(image, symbol.address, length)) return undefined;
  const at = Number(symbol.address - image.base);
  return { name, address: symbol.address, bytes: image.bytes.subarray(at, at + length) };
}
