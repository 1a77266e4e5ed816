// SPDX-License-Identifier: MIT
/**
 * The registers that a stub tells of (GDB manual, "Target Description Format"), as much of it as they need: includes
 * and the attributes of `reg`, in order. The documents are QEMU's own; a test reads them with an XML library too.
 */

export interface RemoteRegister {
  readonly name: string;
  readonly bits: number;
  /** By which `p` and `P` name it. */
  readonly number: number;
  /** Bytes from the start of the `g` reply; `null`: not part of it. */
  readonly offset: number | null;
}

/**
 * All registers in the order of the documents, which is that of the `g` reply. A register without a number has the one
 * after the register before it.
 * @param read text of a document by its name
 * @param length bytes of the `g` reply: it holds the leading part of the list
 * @throws Error for what is no such document
 */
export function readTargetXml(read: (name: string) => string, length: number): readonly RemoteRegister[] {
  const registers: RemoteRegister[] = [];
  let offset: number | null = 0;
  let next = 0;
  for (const attributes of registerTags('target.xml', read, new Set())) {
    const name = attributes.get('name') ?? '';
    const bits = decimal(attributes.get('bitsize'), name);
    const number = attributes.has('regnum') ? decimal(attributes.get('regnum'), name) : next;
    const bytes = bits / 8;
    if (name === '' || bits === 0 || !Number.isInteger(bytes))
      throw new Error(`register ${name} of ${bits} bits`);
    if (offset !== null && offset + bytes > length) offset = null;
    registers.push({ name, bits, number, offset });
    if (offset !== null) offset += bytes;
    next = number + 1;
  }
  if (registers.length === 0) throw new Error('a target description without registers');
  return registers;
}

const TAG = /<(reg|xi:include)\b([^<>]*?)\/?>/g;
const ATTRIBUTE = /([\w:.-]+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/g;

/** Attributes of each `reg`, with includes in their place. */
function* registerTags(
  document: string,
  read: (name: string) => string,
  within: ReadonlySet<string>,
): Generator<ReadonlyMap<string, string>> {
  if (within.has(document)) throw new Error(`${document} includes itself`);
  const text = read(document).replaceAll(/<!--[\s\S]*?-->/g, '');
  if (!/<(target|feature)\b/.test(text)) throw new Error(`${document} is no target description`);
  for (const [, tag, rest = ''] of text.matchAll(TAG)) {
    const attributes = new Map(
      [...rest.matchAll(ATTRIBUTE)].map(([, name = '', a, b]) => [name, a ?? b ?? '']),
    );
    if (tag === 'reg') yield attributes;
    else yield* registerTags(attributes.get('href') ?? '', read, new Set([...within, document]));
  }
}

function decimal(text: string | undefined, register: string): number {
  if (text === undefined || !/^\d{1,5}$/.test(text))
    throw new Error(`register ${register}: ${text} is no number`);
  return Number(text);
}
