// SPDX-License-Identifier: MIT
/** The checks against a kernel built by hand: right tables are confirmed, wrong ones contradicted. */
import { describe, expect, test } from 'vitest';
import { discover } from '../../../plan/discover.js';
import { Btf, KIND } from '../image/btf.js';
import { readElf } from '../image/elf.js';
import { type KernelImage, readImage } from '../image/image.js';
import { btf, elf, type Item, nameIn, pack } from '../test/build.js';
import { checkCallSites } from './callsites.js';
import { parseConfig } from './config-file.js';
import { checkFeatures } from './features.js';
import type { CheckedKernel } from './kernel.js';
import { checkLayouts } from './layouts.js';
import { parseListing, wrapped } from './objdump.js';

const backends = await discover([]);
const { backend } = backends[0] ?? expect.fail('no back-end');
const none = { missing: 'not given' } as const;

function kernel(parts: Partial<CheckedKernel>): CheckedKernel {
  const settings = parts.settings ?? none;
  const has = (name: string) => backend.features[name]?.['7.2'] ?? false;
  return {
    backend,
    revision: '7.2',
    name: 'by hand',
    image: none,
    btf: none,
    settings,
    config: { revision: '7.2', has },
    ...parts,
  };
}

/** A structure whose members are those of a layout, all u64 but for the given difference. */
function btfOf(
  tables: Record<string, { size: number; fields: readonly { name: string; offset: number }[] }>,
): Btf {
  const strings = [
    'word',
    ...Object.entries(tables).flatMap(([name, { fields }]) => [name, ...fields.map((one) => one.name)]),
  ];
  const at = nameIn(strings);
  const info = (kind: number, vlen: number) => (kind << 24) | vlen;
  const types: Item[] = [
    [4, at('word'), info(KIND.INT, 0), 8, 64],
    ...Object.entries(tables).map(
      ([name, { size, fields }]): Item => [
        4,
        at(name),
        info(KIND.STRUCT, fields.length),
        size,
        ...fields.flatMap((one) => [at(one.name), 1, 8 * one.offset]),
      ],
    ),
  ];
  return new Btf(btf('little', types, strings), 'little');
}

describe('layouts', () => {
  const ops = (directCall: number, size: number) =>
    btfOf({
      ftrace_ops: {
        size,
        fields: [
          { name: 'func', offset: 0 },
          { name: 'direct_call', offset: directCall },
        ],
      },
    });
  const rows = (value: Btf) =>
    checkLayouts(kernel({ btf: { value } })).filter(({ item }) => item.includes('ftrace_ops'));

  test('what BTF has as we do is confirmed', () => {
    expect(rows(ops(192, 200)).map(({ verdict }) => verdict)).toEqual([
      'confirmed',
      'confirmed',
      'confirmed',
    ]);
  });

  test('another offset, another size, and a structure that is not there are contradictions', () => {
    expect(rows(ops(184, 208))).toMatchObject([
      { item: 'sizeof(ftrace_ops)', verdict: 'contradicted', kernel: '208 bytes' },
      { item: 'ftrace_ops.func', verdict: 'confirmed' },
      { item: 'ftrace_ops.direct_call', verdict: 'contradicted', kernel: '184, 8 bytes' },
    ]);
    expect(rows(btfOf({}))).toMatchObject([{ verdict: 'contradicted', kernel: 'no such structure' }]);
  });

  test('without BTF every row says why', () => {
    const all = checkLayouts(kernel({}));
    expect(all.length).toBeGreaterThan(10);
    expect(all.every(({ verdict, reason }) => verdict === 'unchecked' && reason === 'not given')).toBe(true);
  });
});

describe('features', () => {
  test('on and off, as the configuration says; declared differences keep their reason', () => {
    const [otherwise] = Object.keys(backend.vmlinux.configuredOtherwise);
    const settings = parseConfig(
      'CONFIG_KPROBES=y\n# CONFIG_FUNCTION_TRACER is not set\nCONFIG_HAVE_STATIC_CALL=n\n',
    );
    const rows = checkFeatures(kernel({ settings: { value: settings } }));
    const of = (name: string | undefined) => rows.find(({ item }) => item === name);
    expect(of('KPROBES')).toMatchObject({ verdict: 'confirmed', ours: 'on' });
    expect(of('FUNCTION_TRACER')).toMatchObject({ verdict: 'contradicted', kernel: 'off' });
    expect(of(otherwise)).toMatchObject({ verdict: 'declared', reason: expect.any(String) });
    expect(of(backend.vmlinux.unconfigured[0])).toMatchObject({
      verdict: 'unchecked',
      reason: 'no Kconfig symbol',
    });
  });

  test('what the back-ends declare they have', () => {
    for (const { backend: one } of backends) {
      const { unconfigured, configuredOtherwise } = one.vmlinux;
      for (const name of [...unconfigured, ...Object.keys(configuredOtherwise)])
        expect(one.features).toHaveProperty(name);
      expect(unconfigured.filter((name) => name in configuredOtherwise)).toEqual([]);
    }
  });
});

describe.each(backends.map(({ backend: one }) => [one.arch, one] as const))(
  'call sites: %s',
  (_arch, one) => {
    const revision = one.revisions.at(-1) ?? '7.2';
    const config = { revision, has: (name: string) => one.features[name]?.[revision] ?? false };
    const { before, resume, table, compiled } = one.callsite.shape(config);
    const base = one.vmlinux.base(revision);
    const step = 64;
    const count = 8;
    /** Stubs are built a page behind. */
    const ROOM = 0x2000;
    /** Functions of 64 bytes and the table behind them. */
    function image(change: (text: Uint8Array) => void): KernelImage {
      const order = one.abi.byteOrder;
      const names = (n: number) => one.vmlinux.symbols[`f${n}`] ?? `f${n}`;
      const f = (n: number) => base + BigInt(step * n + 16);
      const symbols: Record<string, bigint> = {
        __start_mcount_loc: base + BigInt(ROOM),
        __stop_mcount_loc: base + BigInt(ROOM + 8 * count),
      };
      for (const name of [
        '__fentry__',
        '_mcount',
        'ftrace_caller',
        '__exittext_begin',
        '__exittext_end',
        'kernel_toc_base',
        'ftrace_regs_caller',
        'ftrace_shared_hotpatch_trampoline_br',
        'ftrace_shared_hotpatch_trampoline_exrl',
      ]) {
        symbols[one.vmlinux.symbols[name] ?? name] = base + 8n;
      }
      const text = new Uint8Array(ROOM);
      for (let n = 0; n < count; n++) {
        symbols[names(n)] = f(n);
        const find = (name: string) => symbols[one.vmlinux.symbols[name] ?? name] ?? 0n;
        const bytes =
          one.callsite.link?.(f(n), config, find) ??
          one.vmlinux.linked?.(compiled, f(n), config, find) ??
          compiled;
        text.set(bytes, step * n + 16 - before);
      }
      change(text);
      const listed = Array.from({ length: count }, (_, n) => f(n) + BigInt(table));
      return readImage(elf(order, base, pack(order, text, [8, ...listed]), symbols), base, order);
    }
    const rows = (change: (text: Uint8Array) => void) =>
      checkCallSites({ ...kernel({ image: { value: image(change) } }), backend: one, revision, config });

    test('as the compiler leaves them: confirmed', () => {
      expect(
        rows(() => {}).filter(({ verdict }) => verdict !== 'confirmed' && verdict !== 'unchecked'),
      ).toEqual([]);
      expect(rows(() => {}).filter(({ verdict }) => verdict === 'confirmed').length).toBeGreaterThanOrEqual(
        3,
      );
    });

    test('one byte of one function is another: contradicted, and the function named', () => {
      const changed = rows((text) => {
        const at = step * 3 + 16 + resume - 1;
        text[at] = (text[at] ?? 0) ^ 0x11;
      });
      expect(changed.find(({ item }) => item === 'compiled bytes')).toMatchObject({
        verdict: 'contradicted',
        kernel: '7 functions',
        reason: expect.stringMatching(/^f3: /),
      });
    });
  },
);

test('a listing of llvm-objdump by section', () => {
  const listing = parseListing(
    'x:\tfile format\n\nDisassembly of section a:\n\n0000000000001000 <a>:\n    1000:      \tstp\tx29, x30, [sp]\n    1004:\tret\n\nDisassembly of section b:\n\n  2000:\tnop\n',
  );
  expect([...listing]).toEqual([
    ['a', ['stp x29, x30, [sp]', 'ret']],
    ['b', ['nop']],
  ]);
});

test('the file that is wrapped round pieces is an ELF file with a section for each', () => {
  for (const order of ['little', 'big'] as const) {
    const file = readElf(
      wrapped(
        [{ name: 'a', address: 0x1000n, bytes: Uint8Array.of(1, 2, 3) }],
        { machine: 62, flags: 0 },
        order,
      ),
    );
    expect(file.machine).toBe(62);
    expect(file.section('a')).toEqual({ name: 'a', address: 0x1000n, bytes: Uint8Array.of(1, 2, 3) });
  }
});
