// SPDX-License-Identifier: MIT
/** The call site in every state, typed from linux 6.1, 6.12, 7.2 arch/riscv/Makefile, kernel/ftrace.c and asm/ftrace.h. */
import { describe, expect, test } from 'vitest';
import type { Config, Patch } from '../../../harness/backend/contract.js';
import { callsite } from '../callsite.js';
import { boot, F, type Kernel, P } from './kernel.js';
import { cfi, config, gcc, uncompressed, v61, v612 } from './support.js';

const EINVAL = -22;

/** `address - F: bytes` of every store, in order. */
function stores(patch: Patch): (readonly [number, string])[] {
  if ('error' in patch) throw new Error(`refused: ${patch.error}`);
  return patch.stores.map(({ address, bytes }) => [Number(address - F), hex(bytes)]);
}

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const word = ({ machine }: Kernel, at: bigint) => Number(machine.loadWord(at, 4));

/** A site at F whose ftrace_caller is elsewhere. */
function siteWith(kernel: Kernel, ftraceCaller: bigint) {
  const symbol = (name: string) => (name === 'ftrace_caller' ? ftraceCaller : kernel.symbol(name));
  return { ...kernel.site, symbol };
}

describe('as compiled', () => {
  test('-fpatchable-function-entry=8,4: 8 bytes before F, 8 at F, the table names F-8', () => {
    const shape = callsite.shape(gcc);
    expect(shape).toMatchObject({ before: 8, ip: 4, resume: 8, table: -8 });
    expect(hex(shape.compiled)).toBe('01 00 01 00 01 00 01 00 01 00 01 00 01 00 01 00');
  });

  test('without RVC: -fpatchable-function-entry=4,2, full-size NOPs', () => {
    const shape = callsite.shape(uncompressed);
    expect(shape).toMatchObject({ before: 8, ip: 4, resume: 8, table: -8 });
    expect(hex(shape.compiled)).toBe('13 00 00 00 13 00 00 00 13 00 00 00 13 00 00 00');
  });

  test('CFI: the same NOPs, but rec->ip is F-4', () => {
    const shape = callsite.shape(cfi);
    expect(shape).toMatchObject({ before: 8, ip: -4, resume: 8, table: -8 });
    expect(shape.compiled).toHaveLength(16);
  });

  test.each([
    ['GCC with RVC', gcc],
    ['GCC without RVC', uncompressed],
  ])('%s: the compiled bytes run through to the body', (_name, of) => {
    const kernel = boot(of);
    kernel.enter();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('t0')).toBe(0x1111_0000_0000_0004n);
  });
});

describe('addresses', () => {
  const { machine } = boot(gcc);

  test('ftrace_call_adjust: entry + 12 with CALL_OPS, entry + 4 without', () => {
    expect(callsite.callAdjust(machine, F - 8n, gcc)).toBe(F + 4n);
    expect(callsite.callAdjust(machine, F - 8n, cfi)).toBe(F - 4n);
  });

  test('arch_ftrace_get_symaddr: ip - 4', () => {
    expect(callsite.symbolAddress(machine, F + 4n, gcc)).toBe(F);
    expect(callsite.symbolAddress(machine, F - 4n, cfi)).toBe(F - 8n);
  });
});

describe('initialised', () => {
  test('nop ops at F-8, AUIPC towards ftrace_caller at F, NOP at F+4; the old text is not looked at', () => {
    const kernel = boot(gcc);
    kernel.machine.storeWord(F, 8, 0xffff_ffff_ffff_ffffn);
    const site = { ...siteWith(kernel, F + 0x1800n), ops: 0xffff_ffff_8100_0200n };
    expect(stores(callsite.initNop(site))).toEqual([
      [-8, '00 02 00 81 ff ff ff ff'],
      [0, '97 22 00 00 13 00 00 00'],
    ]);
  });

  test('CFI: no literal, and the pair is before F', () => {
    const kernel = boot(cfi);
    expect(stores(callsite.initNop(siteWith(kernel, F - 8n + 0x7fcn)))).toEqual([
      [-8, '97 02 00 00 13 00 00 00'],
    ]);
  });

  test('t0 is overwritten on the way to the body of a disabled function', () => {
    const kernel = boot(gcc);
    kernel.apply(callsite.initNop(kernel.site));
    kernel.enter();
    expect(kernel.reach()).toBe('body');
    // AUIPC adds hi20 = (offset + 0x800) with the low 12 bits cleared.
    const offset = kernel.symbol('ftrace_caller') - F;
    expect(kernel.machine.read('t0')).toBe(F + ((offset + 0x800n) & ~0xfffn));
  });
});

describe('make_call', () => {
  test('sets the literal, then writes only the JALR, without validation', () => {
    const kernel = boot(gcc);
    kernel.machine.storeWord(F, 8, 0xffff_ffff_ffff_ffffn);
    const site = { ...siteWith(kernel, F + 0x1800n), ops: 0xffff_ffff_8100_0100n };
    expect(stores(callsite.makeCall(site, F + 0x1800n))).toEqual([
      [-8, '00 01 00 81 ff ff ff ff'],
      [4, 'e7 82 02 80'],
    ]);
  });

  test('CFI: no literal, JALR at F-4', () => {
    const kernel = boot(cfi);
    const caller = F - 8n + 0x7fcn;
    expect(stores(callsite.makeCall(siteWith(kernel, caller), caller))).toEqual([[-4, 'e7 82 c2 7f']]);
  });

  test('a target more than 2047 bytes from ftrace_caller becomes ftrace_caller', () => {
    const kernel = boot(gcc);
    const site = siteWith(kernel, F + 0x10100n);
    const own = 'e7 82 02 10';
    for (const target of [F + 0x10100n + 2048n, F + 0x10100n - 2048n, 0xffff_ffff_0000_0000n]) {
      expect(stores(callsite.makeCall(site, target))[1]).toEqual([4, own]);
    }
  });

  test('a target within 2047 bytes gets a JALR of its own', () => {
    const kernel = boot(gcc);
    const site = siteWith(kernel, F + 0x10100n);
    // 0x100 + 0x4 and 0x100 + 2047 = 0x8ff.
    expect(stores(callsite.makeCall(site, F + 0x10104n))[1]).toEqual([4, 'e7 82 42 10']);
    expect(stores(callsite.makeCall(site, F + 0x10100n + 2047n))[1]).toEqual([4, 'e7 82 f2 8f']);
    expect(stores(callsite.makeCall(site, F + 0x10100n - 2047n))[1]).toEqual([4, 'e7 82 12 90']);
  });

  test('hazard: target and ftrace_caller round to different pages, and the jump is off by 4096', () => {
    const kernel = boot(gcc);
    const caller = F + 0x107f0n;
    const target = F + 0x10800n;
    const site = siteWith(kernel, caller);
    kernel.apply(callsite.initNop(site));
    kernel.apply(callsite.makeCall(site, target));
    expect(word(kernel, F)).toBe(0x00010297);
    expect(word(kernel, F + 4n)).toBe(0x800282e7);
    expect(callsite.describe(kernel.machine, site.ip, kernel.config)).toEqual({
      state: 'call',
      target: target - 4096n,
    });
  });
});

describe('make_nop', () => {
  test('sets the nop ops, writes NOP at rec->ip, without validation', () => {
    const kernel = boot(gcc);
    kernel.machine.storeWord(F, 8, 0xffff_ffff_ffff_ffffn);
    const site = { ...kernel.site, ops: 0xffff_ffff_8100_0200n };
    expect(stores(callsite.makeNop(site, 0n))).toEqual([
      [-8, '00 02 00 81 ff ff ff ff'],
      [4, '13 00 00 00'],
    ]);
  });

  test('CFI: NOP at F-4', () => {
    expect(stores(callsite.makeNop(boot(cfi).site, 0n))).toEqual([[-4, '13 00 00 00']]);
  });
});

describe('modify_call', () => {
  const ready = () => {
    const kernel = boot(gcc);
    const site = siteWith(kernel, F + 0x1800n);
    kernel.apply(callsite.initNop(site));
    return { kernel, site };
  };

  test('sets the literal and rewrites the JALR, always to ftrace_caller', () => {
    const { site } = ready();
    const patch = callsite.modifyCall({ ...site, ops: 0xffff_ffff_8100_0300n }, F + 0x9000n, F + 0x1804n);
    expect(stores(patch)).toEqual([
      [-8, '00 03 00 81 ff ff ff ff'],
      [4, 'e7 82 02 80'],
    ]);
  });

  test('does not look at the word at F+4', () => {
    const { kernel, site } = ready();
    kernel.machine.storeWord(F + 4n, 4, 0xffff_ffffn);
    expect(callsite.modifyCall(site, 0n, 0n)).toHaveProperty('stores');
  });

  test('another AUIPC is refused: -EINVAL', () => {
    const { kernel, site } = ready();
    kernel.machine.storeWord(F, 4, 0x00001297n);
    expect(callsite.modifyCall(site, 0n, 0n)).toEqual({ error: EINVAL });
  });

  test.each([
    ['EBREAK', 0x00100073n, 4],
    ['C.EBREAK', 0x9002n, 2],
  ] as const)('a kprobe’s %s in place of the AUIPC is tolerated', (_name, breakpoint, width) => {
    const { kernel, site } = ready();
    kernel.machine.storeWord(F, width, breakpoint);
    expect(callsite.modifyCall(site, 0n, 0n)).toHaveProperty('stores');
  });

  test('a site that cannot be read is refused: -EFAULT', () => {
    const { site } = ready();
    expect(callsite.modifyCall({ ...site, ip: 0x1004n }, 0n, 0n)).toEqual({ error: -14 });
  });
});

describe('ftrace_update_ftrace_func', () => {
  test('with CALL_OPS nothing is patched', () => {
    const kernel = boot(gcc);
    expect(callsite.updateFtraceFunc(kernel.site, 0x1234n)).toEqual({ stores: [] });
  });

  test('without, the variable ftrace_call_dest is set; no text changes', () => {
    const kernel = boot(cfi);
    const patch = callsite.updateFtraceFunc(kernel.site, 0xffff_ffff_8010_0230n);
    expect(patch).toEqual({
      stores: [
        {
          address: kernel.symbol('ftrace_call_dest'),
          bytes: new Uint8Array([0x30, 0x02, 0x10, 0x80, 0xff, 0xff, 0xff, 0xff]),
        },
      ],
    });
  });
});

test('there are no private trampolines', () => {
  expect(callsite.opsTrampoline).toBeNull();
});

describe('describe', () => {
  const states = (of: Config) => {
    const kernel = boot(of);
    const seen = [callsite.describe(kernel.machine, kernel.site.ip, kernel.config)];
    for (const patch of [
      callsite.initNop(kernel.site),
      callsite.makeCall(kernel.site, kernel.symbol('ftrace_caller')),
      callsite.makeNop(kernel.site, kernel.symbol('ftrace_caller')),
    ]) {
      kernel.apply(patch);
      seen.push(callsite.describe(kernel.machine, kernel.site.ip, kernel.config));
    }
    return { seen, caller: kernel.symbol('ftrace_caller') };
  };

  test.each([
    ['GCC', gcc],
    ['no RVC', uncompressed],
    ['CFI', cfi],
  ])('%s: compiled, initialised, enabled, disabled', (_name, of) => {
    const { seen, caller } = states(of);
    const nop = { state: 'nop', target: null };
    expect(seen).toEqual([nop, nop, { state: 'call', target: caller }, nop]);
  });

  test('a call whose AUIPC is hidden by a breakpoint has an unknown target', () => {
    const kernel = boot(gcc);
    kernel.trace();
    kernel.machine.storeWord(F, 4, 0x00100073n);
    expect(callsite.describe(kernel.machine, F + 4n, kernel.config)).toEqual({ state: 'call', target: null });
  });

  test('other text is unknown', () => {
    const kernel = boot(config());
    kernel.machine.storeWord(F + 4n, 4, 0xffff_ffffn);
    expect(callsite.describe(kernel.machine, F + 4n, kernel.config)).toEqual({
      state: 'unknown',
      target: null,
    });
  });
});

describe.each([
  ['6.1', v61],
  ['6.12', v612],
] as const)('%s: eight bytes at F', (revision, of) => {
  const NOPS = '13 00 00 00 13 00 00 00';

  test('-fpatchable-function-entry=4: nothing before F, the table names F, rec->ip is F', () => {
    expect(callsite.shape(of)).toMatchObject({ before: 0, ip: 0, resume: 8, table: 0 });
    expect(hex(callsite.shape(of).compiled)).toBe('01 00 01 00 01 00 01 00');
  });

  test('without RVC: -fpatchable-function-entry=2', () => {
    const { compiled } = callsite.shape(config({ RISCV_ISA_C: false }, revision));
    expect(hex(compiled)).toBe(NOPS);
  });

  test('ftrace_call_adjust is the identity, and the symbol is ip', () => {
    const { machine } = boot(of);
    expect(callsite.callAdjust(machine, F, of)).toBe(F);
    expect(callsite.symbolAddress(machine, F, of)).toBe(F);
  });

  test('initialised and disabled: two NOPs, whatever was there', () => {
    const kernel = boot(of);
    kernel.machine.storeWord(F, 8, 0xffff_ffff_ffff_ffffn);
    expect(stores(callsite.initNop(kernel.site))).toEqual([[0, NOPS]]);
    expect(stores(callsite.makeNop(kernel.site, 0n))).toEqual([[0, NOPS]]);
  });

  test.each([
    // distance of the target, AUIPC t0, JALR t0
    [0x7fcn, '97 02 00 00 e7 82 c2 7f'],
    [0x800n, '97 12 00 00 e7 82 02 80'],
    [0x1800n, '97 22 00 00 e7 82 02 80'],
    [-0x2000n, '97 e2 ff ff e7 82 02 00'],
    [0x121456n, '97 12 12 00 e7 82 62 45'],
    // Truncated to 32 bits, no range check.
    [0x5_0000_07fcn, '97 02 00 00 e7 82 c2 7f'],
  ])('enabled: a call of any target, %s away, whatever was there', (distance, bytes) => {
    const kernel = boot(of);
    kernel.machine.storeWord(F, 8, 0xffff_ffff_ffff_ffffn);
    expect(stores(callsite.makeCall(kernel.site, F + distance))).toEqual([[0, bytes]]);
  });

  test('modify_call wants the call of the old target: -EINVAL', () => {
    const kernel = boot(of);
    const [from, to] = [kernel.symbol('ftrace_caller'), kernel.symbol('direct_func_0')];
    expect(callsite.modifyCall(kernel.site, from, to)).toEqual({ error: EINVAL });
    kernel.apply(callsite.makeCall(kernel.site, from));
    expect(callsite.modifyCall(kernel.site, to, from)).toEqual({ error: EINVAL });
    kernel.apply(callsite.modifyCall(kernel.site, from, to));
    expect(callsite.describe(kernel.machine, F, of)).toEqual({ state: 'call', target: to });
  });

  test('modify_call of a site that cannot be read: -EFAULT', () => {
    expect(callsite.modifyCall({ ...boot(of).site, ip: 0x1000n }, 0n, 0n)).toEqual({ error: -14 });
  });

  test('describe: compiled, initialised, enabled, disabled, and other text', () => {
    const kernel = boot(of);
    const { machine, site } = kernel;
    const caller = kernel.symbol('ftrace_caller');
    const seen = [callsite.describe(machine, F, of)];
    for (const patch of [
      callsite.initNop(site),
      callsite.makeCall(site, caller),
      callsite.makeNop(site, caller),
    ]) {
      kernel.apply(patch);
      seen.push(callsite.describe(machine, F, of));
    }
    const nop = { state: 'nop', target: null };
    expect(seen).toEqual([nop, nop, { state: 'call', target: caller }, nop]);
    machine.storeWord(F + 4n, 4, 0xffff_ffffn);
    expect(callsite.describe(machine, F, of)).toEqual({ state: 'unknown', target: null });
  });

  test('a disabled function keeps t0', () => {
    const kernel = boot(of);
    kernel.apply(callsite.initNop(kernel.site));
    kernel.enter();
    expect(kernel.reach()).toBe('body');
    expect(kernel.machine.read('t0')).toBe(0x1111_0000_0000_0004n);
  });

  test('an enabled one enters the trampoline with t0 = F+8 and ra as it was', () => {
    const kernel = boot(of);
    kernel.apply(callsite.makeCall(kernel.site, kernel.symbol('direct_func_0')));
    kernel.enter();
    expect(kernel.reach()).toBe('direct_func_0');
    expect(kernel.machine.read('t0')).toBe(F + 8n);
    expect(kernel.machine.read('ra')).toBe(P);
  });

  test('ftrace_update_ftrace_func patches the calls in the trampolines, AUIPC ra and JALR ra', () => {
    const kernel = boot(of);
    const func = kernel.symbol('callback');
    const patch = callsite.updateFtraceFunc(kernel.site, func);
    const slots = revision === '6.1' ? ['ftrace_call', 'ftrace_regs_call'] : ['ftrace_call'];
    if ('error' in patch) throw new Error(`refused: ${patch.error}`);
    expect(patch.stores.map(({ address }) => address)).toEqual(slots.map((name) => kernel.symbol(name)));
    for (const { address, bytes } of patch.stores) {
      const words = new DataView(bytes.buffer, bytes.byteOffset);
      const [auipc, jalr] = [words.getUint32(0, true), words.getUint32(4, true)];
      expect([auipc & 0xfff, jalr & 0xfffff]).toEqual([0x097, 0x080e7]);
      expect(address + BigInt((auipc & ~0xfff) + (jalr >> 20))).toBe(func);
    }
  });
});
