// SPDX-License-Identifier: MIT
/** Call-site bytes in every state, with and without IBT, and the order of the stores between them. */
import { describe, expect, test } from 'vitest';
import type { Config, Patch } from '../../../harness/backend/contract.js';
import { callsite } from '../callsite.js';
import { boot, COPY, F, type Kernel, OPS } from './kernel.js';
import { builds, config, noJmp, orc } from './support.js';

const hex = (list: Uint8Array) => [...list].map((byte) => byte.toString(16).padStart(2, '0')).join(' ');
const NOP = '0f 1f 44 00 00';
const EINVAL: Patch = { error: -22 };

const OBJTOOL = { FTRACE_MCOUNT_USE_CC: false, FTRACE_MCOUNT_USE_OBJTOOL: true };
const objtool = config(OBJTOOL);

/** The five bytes at ip. */
const site = ({ machine, site: { ip } }: Kernel) => hex(machine.load(ip, 5));

/** Bytes as typed: rel32 = target - (ip + 5). */
function rel32(opcode: string, ip: bigint, target: bigint): string {
  const word = BigInt.asUintN(32, target - ip - 5n);
  return [
    opcode,
    ...[0n, 8n, 16n, 24n].map((bit) => ((word >> bit) & 0xffn).toString(16).padStart(2, '0')),
  ].join(' ');
}

/** The stores of a patch: `+offset: bytes`, relative to `base`. */
function stores(patch: Patch, base: bigint): string[] {
  if ('error' in patch) throw new Error(`refused: ${patch.error}`);
  return patch.stores.map(({ address, bytes }) => `+${address - base}: ${hex(bytes)}`);
}

describe.each(builds)('as compiled, $revision', ({ revision, orc, ibt }) => {
  test('e8 00 00 00 00 at symbol + 0', () => {
    const { compiled, ...places } = callsite.shape(orc);
    expect(hex(compiled)).toBe('e8 00 00 00 00');
    expect(places).toEqual({ before: 0, ip: 0, resume: 5, table: 0 });
  });

  test('with IBT f3 0f 1e fa first, and the site at symbol + 4', () => {
    const { compiled, ...places } = callsite.shape(ibt);
    expect(hex(compiled)).toBe('f3 0f 1e fa e8 00 00 00 00');
    expect(places).toEqual({ before: 0, ip: 4, resume: 9, table: 4 });
  });

  test(
    revision === '6.1' ? 'objtool leaves it a call' : 'after objtool --mnop 0f 1f 44 00 00 already',
    () => {
      const { compiled } = callsite.shape(config(OBJTOOL, revision));
      expect(hex(compiled)).toBe(revision === '6.1' ? 'e8 00 00 00 00' : NOP);
    },
  );

  test('ftrace_call_adjust is the identity', () => {
    const { machine } = boot(orc);
    for (const address of [F, F + 4n, 0n]) expect(callsite.callAdjust(machine, address, orc)).toBe(address);
  });
});

/** What a sealed ENDBR is overwritten by. */
const POISON: Readonly<Record<string, readonly number[]>> = {
  '6.1': [0x66, 0x0f, 0x1f, 0x00],
  '6.12': [0x66, 0x0f, 0x1f, 0x00],
  '7.2': [0x0f, 0x1f, 0x40, 0xd6],
};

describe.each(builds)('ip to symbol, $revision', ({ revision, orc, ibt }) => {
  test('without IBT it is ip', () => {
    const { machine } = boot(orc);
    machine.store(F - 4n, Uint8Array.of(0xf3, 0x0f, 0x1e, 0xfa));
    expect(callsite.symbolAddress(machine, F, orc)).toBe(F);
  });

  test.each([
    ['ENDBR64', [0xf3, 0x0f, 0x1e, 0xfa]],
    ['ENDBR32', [0xf3, 0x0f, 0x1e, 0xfb]],
    ['the poison of a sealed ENDBR', POISON[revision] as number[]],
  ])('with IBT ip - 4 where %s precedes', (_name, bytes) => {
    const { machine } = boot(ibt);
    machine.store(F, Uint8Array.from(bytes));
    expect(callsite.symbolAddress(machine, F + 4n, ibt)).toBe(F);
  });

  test.each([
    ['a NOP', [0x0f, 0x1f, 0x40, 0x00]],
    ['the poison of another revision', (revision === '7.2' ? POISON['6.12'] : POISON['7.2']) as number[]],
  ])('with IBT ip where %s precedes', (_name, bytes) => {
    const { machine } = boot(ibt);
    machine.store(F, Uint8Array.from(bytes));
    expect(callsite.symbolAddress(machine, F + 4n, ibt)).toBe(F + 4n);
  });

  test('a sealed ENDBR is executed as a NOP', () => {
    const kernel = boot(ibt);
    kernel.machine.store(F, Uint8Array.from(POISON[revision] as number[]));
    kernel.trace(kernel.symbol('ftrace_caller'));
    kernel.enter();
    expect(kernel.reach()).toBe('callback');
    expect(kernel.machine.read('rdi')).toBe(F + 4n);
  });
});

describe.each(
  builds.flatMap(({ revision, orc, ibt }) => [
    [`${revision}, no IBT`, orc, F] as const,
    [`${revision}, IBT`, ibt, F + 4n] as const,
  ]),
)('states, %s', (_name, config_, ip) => {
  const kernel = boot(config_);
  const { symbol } = kernel;
  const caller = symbol('ftrace_caller');
  const regs = symbol('ftrace_regs_caller');

  test('rec->ip', () => expect(kernel.site.ip).toBe(ip));

  test('compiled → disabled: one store', () => {
    const patch = callsite.initNop(kernel.site);
    expect(stores(patch, ip)).toEqual([`+0: ${NOP}`]);
    kernel.apply(patch);
    expect(site(kernel)).toBe(NOP);
    expect(callsite.describe(kernel.machine, ip, config_)).toEqual({ state: 'nop', target: null });
  });

  test('disabled → call: INT3, tail, first byte', () => {
    const bytes = rel32('e8', ip, caller);
    const patch = callsite.makeCall(kernel.site, caller);
    expect(stores(patch, ip)).toEqual(['+0: cc', `+1: ${bytes.slice(3)}`, '+0: e8']);
    kernel.apply(patch);
    expect(site(kernel)).toBe(bytes);
    expect(callsite.describe(kernel.machine, ip, config_)).toEqual({ state: 'call', target: caller });
  });

  test('a CPU that runs into the patch traps at ip', () => {
    const { machine } = boot(config_);
    machine.store(ip, Uint8Array.of(0xcc));
    machine.pc = ip;
    expect(machine.run()).toMatchObject({ kind: 'trap', pc: ip });
  });

  test('call → other call → disabled', () => {
    kernel.apply(callsite.modifyCall(kernel.site, caller, regs));
    expect(site(kernel)).toBe(rel32('e8', ip, regs));
    const patch = callsite.makeNop(kernel.site, regs);
    expect(stores(patch, ip)).toEqual(['+0: cc', '+1: 1f 44 00 00', '+0: 0f']);
    kernel.apply(patch);
    expect(site(kernel)).toBe(NOP);
  });

  if (config_.revision === '7.2')
    test('jump: e9, rel32 = (target & ~1) - (ip+5)', () => {
      const target = symbol('direct_tramp_0');
      kernel.apply(callsite.makeCall(kernel.site, target | 1n));
      expect(site(kernel)).toBe(rel32('e9', ip, target));
      expect(callsite.describe(kernel.machine, ip, config_)).toEqual({ state: 'jmp', target });
      kernel.apply(callsite.modifyCall(kernel.site, target | 1n, target));
      expect(site(kernel)).toBe(rel32('e8', ip, target));
      kernel.apply(callsite.makeNop(kernel.site, target));
    });
});

describe('bit 0 without DYNAMIC_FTRACE_WITH_JMP', () => {
  test.each([
    ['7.2', noJmp],
    ...builds
      .filter(({ revision }) => revision !== '7.2')
      .map(({ revision, orc }) => [revision, orc] as const),
  ] as const)('is part of the address, %s', (_revision, config_) => {
    const kernel = boot(config_);
    kernel.apply(callsite.initNop(kernel.site));
    kernel.apply(callsite.makeCall(kernel.site, kernel.symbol('callback') | 1n));
    expect(site(kernel)).toBe(rel32('e8', F, kernel.symbol('callback') + 1n));
  });
});

describe('unexpected old bytes: -EINVAL, nothing written', () => {
  const kernel = boot(orc);
  const { site: rec, symbol } = kernel;
  const caller = symbol('ftrace_caller');

  test.each<[string, () => Patch]>([
    ['makeCall over a site as compiled', () => callsite.makeCall(rec, caller)],
    ['makeNop of a call that is not there', () => callsite.makeNop(rec, caller)],
    ['modifyCall of a call that is not there', () => callsite.modifyCall(rec, caller, symbol('ftrace_stub'))],
  ])('%s', (_name, patch) => {
    expect(patch()).toEqual(EINVAL);
    expect(site(kernel)).toBe('e8 00 00 00 00');
  });

  test('initNop over anything but the compiled site', () => {
    kernel.apply(callsite.initNop(rec));
    expect(callsite.initNop(rec)).toEqual(EINVAL);
  });

  test('makeNop of a call to somewhere else', () => {
    kernel.apply(callsite.makeCall(rec, caller));
    expect(callsite.makeNop(rec, symbol('ftrace_regs_caller'))).toEqual(EINVAL);
    expect(callsite.makeCall(rec, caller)).toEqual(EINVAL);
  });

  test('a target out of the reach of rel32', () => {
    expect(callsite.modifyCall(rec, caller, 0xffff_c900_0001_0000n)).toEqual(EINVAL);
  });
});

test('where objtool wrote the nop, initialising verifies it and stores nothing', () => {
  const kernel = boot(objtool);
  expect(callsite.initNop(kernel.site)).toEqual({ stores: [] });
});

test('every trampoline has an even address: bit 0 of a target means a jump', () => {
  const { program } = boot(orc);
  const entries =
    /^(ftrace_(regs_)?caller|ftrace_stub\w*|return_to_handler|(direct_tramp|bpf_f(entry|exit))_\d(_jmp)?)$/;
  const found = [...program.symbols].filter(([name]) => entries.test(name));
  expect(found).toHaveLength(25);
  for (const [, address] of found) expect(address % 16n).toBe(0n);
});

describe('updateFtraceFunc', () => {
  test('repatches ftrace_call and ftrace_regs_call, each through INT3', () => {
    const kernel = boot(orc);
    const { symbol, machine } = kernel;
    const patch = callsite.updateFtraceFunc(kernel.site, symbol('callback'));
    expect(stores(patch, 0n).filter((store) => store.endsWith(' cc'))).toHaveLength(2);
    kernel.apply(patch);
    for (const label of ['ftrace_call', 'ftrace_regs_call']) {
      expect(hex(machine.load(symbol(label), 5))).toBe(rel32('e8', symbol(label), symbol('callback')));
    }
  });
});

/** Offsets from the start of the static code, assembled with empty call-depth accounting. */
describe.each<[string, Config, number[], number[]]>(
  builds.flatMap(({ revision, orc, framePointer }) => [
    [`ORC, ${revision}`, orc, [0x67, 0x7e, 194], [0x58, 0xc3, 327, 0x115]],
    [`frame pointers, ${revision}`, framePointer, [0x7d, 0x94, 216], [0x6e, 0xde, 354, 0x130]],
  ]),
)('what the kernel patches in the trampolines, %s', (_name, config_, args, regs) => {
  const { symbol } = boot(config_);

  test('ARGS: op_ptr, call, size', () => {
    const labels = ['ftrace_caller_op_ptr', 'ftrace_call', 'ftrace_caller_end'];
    expect(labels.map((label) => Number(symbol(label) - symbol('ftrace_caller')))).toEqual(args);
  });

  test('REGS: op_ptr, call, size, jmp', () => {
    const labels = [
      'ftrace_regs_caller_op_ptr',
      'ftrace_regs_call',
      'ftrace_regs_caller_end',
      'ftrace_regs_caller_jmp',
    ];
    expect(labels.map((label) => Number(symbol(label) - symbol('ftrace_regs_caller')))).toEqual(regs);
  });
});

describe.each<[string, Config, boolean, { size: number; call: number; ret: number }]>([
  ...builds.flatMap(
    ({
      revision,
      orc,
      framePointer,
    }): [string, Config, boolean, { size: number; call: number; ret: number }][] => [
      [`ARGS, ${revision}`, orc, false, { size: 194, call: 0x7e, ret: 1 }],
      [`REGS, ${revision}`, orc, true, { size: 327, call: 0xc3, ret: 1 }],
      [`ARGS, frame pointers, ${revision}`, framePointer, false, { size: 216, call: 0x94, ret: 1 }],
      [`REGS, frame pointers, ${revision}`, framePointer, true, { size: 354, call: 0xde, ret: 1 }],
    ],
  ),
  [
    'ARGS, straight-line speculation',
    config({ MITIGATION_SLS: true }),
    false,
    { size: 194, call: 0x7e, ret: 2 },
  ],
  ['ARGS, return thunks', config({ MITIGATION_RETPOLINE: true }), false, { size: 194, call: 0x7e, ret: 5 }],
])('a per-ops trampoline, %s', (_name, config_, saveRegs, { size, call, ret }) => {
  const kernel = boot(config_);
  const { machine, symbol } = kernel;
  const func = symbol('callback');
  const made = callsite.opsTrampoline(kernel.site, { address: OPS + 0x80n, func, saveRegs, at: COPY });
  const at = (offset: number) => COPY + BigInt(offset);

  test('is the copy, a RET, 8 bytes of ops pointer', () => {
    expect(made).toEqual({ entry: COPY, size: size + ret + 8 });
    expect(hex(machine.load(at(size), 1))).toBe('c3');
    expect(machine.loadWord(at(size + ret), 8)).toBe(OPS + 0x80n);
    if (ret > 1) expect(hex(machine.load(at(size + 1), 1))).toBe('cc');
  });

  test('calls ops->func at the call offset', () => {
    expect(hex(machine.load(at(call), 5))).toBe(rel32('e8', at(call), func));
  });

  test('hands over its own ops and comes back to the body', () => {
    kernel.trace(COPY);
    kernel.enter();
    expect(kernel.reach()).toBe('callback');
    expect(machine.read('rdi')).toBe(F);
    expect(machine.read('rdx')).toBe(OPS + 0x80n);
    expect(machine.loadWord(machine.read('rsp'), 8)).toBe(at(call + 5));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
  });
});

describe('a REGS copy', () => {
  test.each(
    builds.flatMap(({ revision, orc, framePointer }) => [
      [`${revision}, ORC`, orc, 0x115] as const,
      [`${revision}, frame pointers`, framePointer, 0x130] as const,
    ]),
  )('has 66 90 in place of the branch and ignores orig_ax, %s', (_name, config_, jmp) => {
    const kernel = boot(config_);
    const { machine, symbol } = kernel;
    callsite.opsTrampoline(kernel.site, { address: OPS, func: symbol('callback'), saveRegs: true, at: COPY });
    expect(hex(machine.load(COPY + BigInt(jmp), 2))).toBe('66 90');
    kernel.trace(COPY);
    kernel.enter();
    kernel.reach();
    machine.storeWord(machine.read('rcx') + 0x78n, 8, symbol('direct_target'));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
  });
});
