// SPDX-License-Identifier: MIT
/** Structures: no overlap, natural alignment, and the assembler's offsets against them. */
import type { Backend, Config, Layouts } from '../contract.js';
import { type Report, repeated } from './finding.js';

interface Placed {
  readonly name: string;
  readonly offset: number;
  readonly size: number;
}

/** Symbol prefixes of the assembler's offsets, and the structure each speaks of. */
const PREFIXES = { FREGS_: 'ftraceRegs', PT_REGS_: 'ptRegs', PT_: 'ptRegs' } as const;

export function checkLayouts({ layouts }: Backend, config: Config, report: Report): void {
  for (const name of ['ftraceRegs', 'ptRegs'] as const) {
    checkStruct(`layouts.${name}`, layouts[name](config), report);
  }
  checkOps(layouts, config, report);
  checkOffsets(layouts, config, report);
}

function checkStruct(
  where: string,
  { size, fields }: { readonly size: number; readonly fields: readonly Placed[] },
  report: Report,
): void {
  for (const name of repeated(fields.map((field) => field.name))) report(where, `${name} is given twice`);
  if (fields.length === 0) report(where, 'has no fields');
  const align = Math.max(1, ...fields.map((field) => field.size));
  if (size % align !== 0) report(where, `size ${size} is no multiple of its alignment ${align}`);
  for (const { name, offset, size: bytes } of fields) {
    if (offset < 0 || offset + bytes > size) {
      report(
        `${where}.${name}`,
        `bytes ${offset} to ${offset + bytes} lie outside the ${size} of the struct`,
      );
    }
    if (offset % bytes !== 0) report(`${where}.${name}`, `offset ${offset} is not aligned to ${bytes}`);
  }
  const sorted = [...fields].sort((a, b) => a.offset - b.offset);
  for (const [index, field] of sorted.slice(1).entries()) {
    const before = sorted[index] as Placed;
    if (before.offset + before.size > field.offset) {
      report(`${where}.${field.name}`, `offset ${field.offset} overlaps ${before.name} at ${before.offset}`);
    }
  }
}

function checkOps(layouts: Layouts, config: Config, report: Report): void {
  const { size, func, directCall } = layouts.ftraceOps(config);
  if (func !== 0)
    report('layouts.ftraceOps.func', `is ${func}: func is the first member of struct ftrace_ops`);
  const fields: Placed[] = [
    { name: 'func', offset: func, size: 8 },
    ...(directCall === null ? [] : [{ name: 'directCall', offset: directCall, size: 8 } as const]),
  ];
  checkStruct('layouts.ftraceOps', { size, fields }, report);
}

/** Every assembler symbol is a number, and says what the tables say. */
function checkOffsets(layouts: Layouts, config: Config, report: Report): void {
  const offsets = layouts.asmOffsets(config);
  const agree = (symbol: string, table: string, value: number) => {
    const given = offsets[symbol];
    if (given !== undefined && BigInt(given) !== BigInt(value)) {
      report(`layouts.asmOffsets.${symbol}`, `is ${given}, but ${table} is ${value}`);
    }
  };
  for (const [symbol, value] of Object.entries(offsets)) {
    if (!isInteger(value)) {
      report(`layouts.asmOffsets.${symbol}`, `is ${String(value)}, not an integer`);
      return;
    }
  }

  for (const [symbol, value] of Object.entries(offsets)) {
    const prefix = Object.keys(PREFIXES).find((candidate) => symbol.startsWith(candidate));
    if (prefix === undefined) continue;
    const table = PREFIXES[prefix as keyof typeof PREFIXES];
    const layout = layouts[table](config);
    const rest = symbol.slice(prefix.length);
    if (rest === 'SIZE') {
      agree(symbol, `layouts.${table}.size`, layout.size);
      continue;
    }
    const fields: readonly Placed[] = layout.fields;
    const field = fields.find(({ name }) => name.toUpperCase().replace(/\W/g, '_') === rest);
    if (field === undefined) {
      report(`layouts.asmOffsets.${symbol}`, `names no field of layouts.${table} (value ${value})`);
    } else agree(symbol, `layouts.${table}.${field.name}`, field.offset);
  }

  const ops = layouts.ftraceOps(config);
  const stubs = layouts.stubs(config);
  agree('FTRACE_OPS_FUNC', 'layouts.ftraceOps.func', ops.func);
  if (ops.directCall !== null)
    agree('FTRACE_OPS_DIRECT_CALL', 'layouts.ftraceOps.directCall', ops.directCall);
  agree('DIRECT_SELF_IP', 'layouts.stubs.direct.selfIp', stubs.direct.selfIp);
  agree('BPF_SELF_IP', 'layouts.stubs.bpf.selfIp', stubs.bpf.selfIp);
  agree('BPF_ARGS', 'layouts.stubs.bpf.arguments', stubs.bpf.arguments);
  agree('BPF_RETURN', 'layouts.stubs.bpf.result', stubs.bpf.result);
  agree('BPF_IS_RETURN', 'layouts.stubs.bpf.isReturn', stubs.bpf.isReturn);
}

function isInteger(value: unknown): boolean {
  return typeof value === 'bigint' || (typeof value === 'number' && Number.isSafeInteger(value));
}
