// SPDX-License-Identifier: MIT
/** layout.ts against BTF: sizes, offsets and widths of every field that a back-end lays out. */
import type { Btf } from '../image/btf.js';
import { memberAt, type Place } from '../image/btf-path.js';
import type { CheckedKernel } from './kernel.js';
import { compared, type Finding, unchecked } from './row.js';

interface Table {
  /** Structure, as rows name it. */
  readonly name: string;
  /** In C, the first that the kernel has and that is not empty. */
  readonly structs: readonly string[];
  readonly size: number;
  readonly fields: readonly {
    readonly name: string;
    readonly member: string;
    readonly offset: number;
    readonly size: number;
  }[];
}

export function checkLayouts(kernel: CheckedKernel): Finding[] {
  return tablesOf(kernel).flatMap((table) => checkTable(table, kernel.btf));
}

function tablesOf({ backend: { layouts, vmlinux }, config }: CheckedKernel): Table[] {
  const pt = layouts.ptRegs(config);
  const fregs = layouts.ftraceRegs(config);
  const ops = layouts.ftraceOps(config);
  const member =
    (structure: 'pt_regs' | 'ftrace_regs') => (field: { name: string; offset: number; size: number }) => ({
      ...field,
      member: vmlinux.member(structure, field.name, config),
    });
  return [
    { name: 'pt_regs', structs: ['pt_regs'], size: pt.size, fields: pt.fields.map(member('pt_regs')) },
    {
      name: 'ftrace_regs',
      // Since 6.12 the public one is empty. Without DYNAMIC_FTRACE_WITH_ARGS callbacks get a pt_regs.
      structs: ['__arch_ftrace_regs', 'ftrace_regs', 'pt_regs'],
      size: fregs.size,
      fields: fregs.fields.map(member('ftrace_regs')),
    },
    {
      name: 'ftrace_ops',
      structs: ['ftrace_ops'],
      size: ops.size,
      fields: [
        { name: 'func', member: 'func', offset: ops.func, size: 8 },
        ...(ops.directCall === null
          ? []
          : [{ name: 'direct_call', member: 'direct_call', offset: ops.directCall, size: 8 }]),
      ],
    },
  ];
}

function checkTable(table: Table, btf: CheckedKernel['btf']): Finding[] {
  const { name, fields } = table;
  const item = (field: string) => `${name}.${field}`;
  const ours = (field: Place) => `${field.offset}, ${bytes(field.size)}`;
  const size = `sizeof(${name})`;
  if ('missing' in btf) {
    return [
      unchecked(size, bytes(table.size), btf.missing),
      ...fields.map((field) => unchecked(item(field.name), ours(field), btf.missing)),
    ];
  }
  const struct = structOf(btf.value, table.structs);
  if (struct === undefined) {
    return [compared(size, bytes(table.size), 'no such structure')];
  }
  return [
    compared(size, bytes(table.size), bytes(btf.value.size(struct))),
    ...fields.map((field) => {
      const place = memberOf(btf.value, struct, field.member);
      return compared(
        item(field.name),
        ours(field),
        place === undefined ? `no member ${field.member}` : ours(place),
      );
    }),
  ];
}

const bytes = (size: number) => (size === 1 ? '1 byte' : `${size} bytes`);

function structOf(btf: Btf, names: readonly string[]): number | undefined {
  return names.map((name) => btf.struct(name)).find((struct) => struct !== undefined && btf.size(struct) > 0);
}

/** A ftrace_regs may be a pt_regs in a wrapper, as member `regs`. */
function memberOf(btf: Btf, struct: number, path: string): Place | undefined {
  const members = btf.members(struct);
  const wrapped = members.length === 1 && members[0]?.name === 'regs';
  return memberAt(btf, struct, wrapped ? `regs.${path}` : path);
}
