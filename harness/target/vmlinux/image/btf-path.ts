// SPDX-License-Identifier: MIT
/** Where a member lies that is named as C names it: `regs[3]`, `psw.addr`; members of anonymous unions by their own names. */
import type { Btf } from './btf.js';

export interface Place {
  /** Bytes from the start of the structure. */
  readonly offset: number;
  /** Bytes. */
  readonly size: number;
}

/** Anonymous structures may be nested; a lying table may nest them without end. */
const DEEPEST = 16;

/** `undefined` where there is no such member, or it is a bit field. @throws VmlinuxError for a table that contradicts itself */
export function memberAt(btf: Btf, struct: number, path: string): Place | undefined {
  const steps = [...path.matchAll(/([A-Za-z_]\w*)|\[(\d+)\]/g)];
  let type = btf.plain(struct);
  let offset = 0;
  for (const [, name, index] of steps) {
    if (name !== undefined) {
      const found = named(btf, type, name, 0);
      if (found === undefined) return undefined;
      offset += found.offset;
      type = btf.plain(found.type);
    } else {
      const array = arrayOf(btf, type);
      if (array === undefined || Number(index) >= array.count) return undefined;
      offset += Number(index) * btf.size(array.element);
      type = btf.plain(array.element);
    }
  }
  return { offset, size: btf.size(type) };
}

function arrayOf(btf: Btf, type: number): { element: number; count: number } | undefined {
  return type !== 0 && btf.type(type).kind === 3 ? btf.array(type) : undefined;
}

function named(
  btf: Btf,
  type: number,
  name: string,
  depth: number,
): { offset: number; type: number } | undefined {
  if (type === 0 || depth > DEEPEST) return undefined;
  for (const member of btf.members(type)) {
    if (member.bits !== 0 || member.offset % 8 !== 0) continue;
    const offset = member.offset / 8;
    if (member.name === name) return { offset, type: member.type };
    if (member.name !== '') continue;
    const inner = named(btf, btf.plain(member.type), name, depth + 1);
    if (inner !== undefined) return { offset: offset + inner.offset, type: inner.type };
  }
  return undefined;
}
