// SPDX-License-Identifier: MIT
/**
 * ftrace_caller and ftrace_regs_caller executed on poisoned registers: what the callback gets, what reaches the
 * body. Statements typed from linux 6.1, 6.12 and 7.2 arch/x86/kernel/ftrace_64.S, as executed on
 * hardware.
 */
import { describe, expect, test } from 'vitest';
import type { Config } from '../../../harness/backend/contract.js';
import { isPoison } from '../../../harness/machine/poison.js';
import { boot, F, type Kernel, OPS, P, S, STACK_ARGUMENTS, valueIn } from './kernel.js';
import { builds, framePointer, noJmp, orc } from './support.js';

const ARGUMENTS = ['rdi', 'rsi', 'rdx', 'rcx', 'r8', 'r9'];
const SAVED = ['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15'];
/** Register → field of pt_regs. */
const FIELD = (register: string) => (/^r\d/.test(register) ? register : register.slice(1));

type Path = 'ftrace_caller' | 'ftrace_regs_caller';

interface Traced extends Kernel {
  readonly fregs_: bigint;
  set(name: string, value: bigint): void;
  get(name: string): bigint;
}

/** A traced call up to the callback. */
function traced(config: Config, path: Path): Traced {
  const kernel = boot(config);
  kernel.trace(kernel.symbol(path));
  kernel.enter();
  expect(kernel.reach()).toBe('callback');
  const fregs_ = kernel.machine.read('rcx');
  const offset = (name: string) => {
    const names = [
      'r15',
      'r14',
      'r13',
      'r12',
      'bp',
      'bx',
      'r11',
      'r10',
      'r9',
      'r8',
      'ax',
      'cx',
      'dx',
      'si',
      'di',
    ];
    const index = [...names, 'orig_ax', 'ip', 'cs', 'flags', 'sp', 'ss'].indexOf(name);
    if (index < 0) throw new RangeError(name);
    return BigInt(8 * index);
  };
  return {
    ...kernel,
    fregs_,
    set: (name, value) => kernel.machine.storeWord(fregs_ + offset(name), 8, value),
    get: (name) => kernel.machine.loadWord(fregs_ + offset(name), 8),
  };
}

/** Path, configuration, F - fregs, rec->ip. */
const columns: readonly (readonly [string, Path, Config, bigint, bigint])[] = builds.flatMap(
  ({ revision, orc, framePointer, ibt }) => [
    [`${revision} ARGS`, 'ftrace_caller', orc, 176n, F],
    [`${revision} ARGS, IBT`, 'ftrace_caller', ibt, 176n, F + 4n],
    [`${revision} ARGS, frame pointers`, 'ftrace_caller', framePointer, 216n, F],
    [`${revision} REGS`, 'ftrace_regs_caller', orc, 184n, F],
    [`${revision} REGS, IBT`, 'ftrace_regs_caller', ibt, 184n, F + 4n],
    [`${revision} REGS, frame pointers`, 'ftrace_regs_caller', framePointer, 224n, F],
  ],
);

/** Configurations of every revision. */
const orcs = builds.map(({ revision, orc }) => [revision, orc] as const);
const PATHS = ['ftrace_caller', 'ftrace_regs_caller'] as const;

describe.each(columns)('%s: the callback', (_name, path, config, below, ip) => {
  const { machine, fregs_, get, symbol } = traced(config, path);

  test('rdi = ip, rsi = parent ip, rdx = ops, rcx = fregs; entry RSP is fregs - 8', () => {
    expect(machine.read('rdi')).toBe(ip);
    expect(machine.read('rsi')).toBe(P);
    expect(machine.read('rdx')).toBe(OPS);
    expect(machine.read('rcx')).toBe(fregs_);
    expect(machine.read('rsp')).toBe(fregs_ - 8n);
  });

  test('finds the block where the frame ends', () => expect(fregs_).toBe(S - below));

  test('F - 8 holds the return address ip + 5', () => expect(machine.loadWord(S - 8n, 8)).toBe(ip + 5n));

  test('reads ip = ip + 5, sp = F, orig_ax = 0', () => {
    expect(get('ip')).toBe(ip + 5n);
    expect(get('sp')).toBe(S);
    expect(get('orig_ax')).toBe(0n);
  });

  test('reads every argument register, ax, and bp as at function entry', () => {
    for (const register of [...ARGUMENTS, 'rax', 'rbp']) expect(get(FIELD(register))).toBe(valueIn(register));
  });

  test('runs with rbx, r12-r15 untouched', () => {
    for (const register of ['rbx', 'r12', 'r13', 'r14', 'r15']) {
      expect(machine.read(register)).toBe(valueIn(register));
    }
  });

  test('returns behind the patched call', () => {
    const label = path === 'ftrace_caller' ? 'ftrace_call' : 'ftrace_regs_call';
    expect(machine.loadWord(fregs_ - 8n, 8)).toBe(symbol(label) + 5n);
  });
});

describe.each(columns.filter(([, path]) => path === 'ftrace_caller'))(
  '%s: a partial block',
  (_n, path, config) => {
    const { get } = traced(config, path);

    test('cs is 0, all 8 bytes', () => expect(get('cs')).toBe(0n));

    test.each(['r15', 'r14', 'r13', 'r12', 'bx', 'r11', 'r10', 'flags', 'ss'])('%s is garbage', (name) => {
      expect(isPoison(get(name))).toBe(true);
    });
  },
);

describe.each(columns.filter(([, path]) => path === 'ftrace_regs_caller'))(
  '%s: a full block',
  (_n, path, config) => {
    const { machine, get } = traced(config, path);

    test.each([...SAVED, 'r11', 'r10'])('%s is real', (register) => {
      expect(get(FIELD(register))).toBe(valueIn(register));
    });

    test('cs 0x10, ss 0x18, flags as before the first SUB', () => {
      expect(get('cs')).toBe(0x10n);
      expect(get('ss')).toBe(0x18n);
      expect(get('flags')).toBe(valueIn('flags'));
      expect(machine.loadWord(S - 16n, 8)).toBe(valueIn('flags'));
    });
  },
);

describe.each(builds)('$revision, frame pointers: two fake frames above the block', ({ framePointer }) => {
  test.each(['ftrace_caller', 'ftrace_regs_caller'] as const)(
    '%s: ip + 5, parent, the original rbp',
    (path) => {
      const { machine, fregs_ } = traced(framePointer, path);
      const first = fregs_ + 168n;
      const second = machine.loadWord(first, 8);
      expect(machine.loadWord(first + 8n, 8)).toBe(F + 5n);
      expect(machine.loadWord(second + 8n, 8)).toBe(P);
      expect(machine.loadWord(second, 8)).toBe(valueIn('rbp'));
    },
  );

  test('ARGS: rbp is the first of them', () => {
    const { machine, fregs_ } = traced(framePointer, 'ftrace_caller');
    expect(machine.read('rbp')).toBe(fregs_ + 168n);
  });

  test('REGS: rbp = rsp + 1, the mark of a pt_regs', () => {
    const { machine, fregs_ } = traced(framePointer, 'ftrace_regs_caller');
    expect(machine.read('rbp')).toBe(fregs_ + 1n);
  });
});

describe.each(columns)('%s: the body afterwards', (_name, path, config, _below, ip) => {
  const kernel = traced(config, path);
  kernel.leave();
  const reached = kernel.reach();
  const { machine } = kernel;

  test('is reached at ip + 5 with RSP = F and the parent there', () => {
    expect(reached).toBe('body');
    expect(machine.pc).toBe(ip + 5n);
    expect(machine.read('rsp')).toBe(S);
    expect(machine.loadWord(S, 8)).toBe(P);
  });

  test('has every argument, rax and the callee-saved registers', () => {
    for (const register of [...ARGUMENTS, ...SAVED, 'rax'])
      expect(machine.read(register)).toBe(valueIn(register));
    for (const [n, value] of STACK_ARGUMENTS.entries()) {
      expect(machine.loadWord(S + BigInt(8 + 8 * n), 8)).toBe(value);
    }
  });

  test(path === 'ftrace_caller' ? 'r10, r11 are lost, RFLAGS clobbered' : 'only r11 is lost', () => {
    const lost = ['r10', 'r11', 'flags'].filter((register) => machine.read(register) !== valueIn(register));
    expect(lost).toEqual(path === 'ftrace_caller' ? ['r10', 'r11', 'flags'] : ['r11']);
    expect(isPoison(machine.read('r11'))).toBe(true);
  });
});

describe.each(orcs.flatMap(([revision, orc]) => PATHS.map((path) => [revision, path, orc] as const)))(
  '%s %s: edits of the callback',
  (_revision, path, orc) => {
    test.each([...ARGUMENTS, 'rax', 'rbp'])('of %s reach the body', (register) => {
      const kernel = traced(orc, path);
      kernel.set(FIELD(register), 0xed17n);
      kernel.leave();
      kernel.reach();
      expect(kernel.machine.read(register)).toBe(0xed17n);
    });

    test('of ip are where it continues', () => {
      const kernel = traced(orc, path);
      kernel.set('ip', kernel.symbol('replacement'));
      kernel.leave();
      expect(kernel.reach()).toBe('replacement');
      expect(kernel.machine.read('rsp')).toBe(S);
    });

    test.each(['sp', 'cs', 'ss'])('of %s are ignored', (name) => {
      const kernel = traced(orc, path);
      kernel.set(name, 0xed10n);
      kernel.leave();
      expect(kernel.reach()).toBe('body');
      expect(kernel.machine.read('rsp')).toBe(S);
    });
  },
);

describe.each(orcs)('%s: edits of the callback that only one path honours', (_revision, orc) => {
  const afterwards = (path: Path, name: string, register: string) => {
    const kernel = traced(orc, path);
    kernel.set(name, 0xed17n);
    kernel.leave();
    expect(kernel.reach()).toBe('body');
    return kernel.machine.read(register);
  };

  test.each(['rbx', 'r10', 'r12', 'r13', 'r14', 'r15', 'flags'])('REGS writes %s back', (register) => {
    expect(afterwards('ftrace_regs_caller', register === 'flags' ? 'flags' : FIELD(register), register)).toBe(
      0xed17n,
    );
  });

  test('REGS does not write r11 back', () => {
    expect(afterwards('ftrace_regs_caller', 'r11', 'r11')).not.toBe(0xed17n);
  });

  test('ARGS ignores flags and the rest of pt_regs', () => {
    expect(afterwards('ftrace_caller', 'flags', 'flags')).not.toBe(0xed17n);
    for (const register of ['rbx', 'r12', 'r13', 'r14', 'r15']) {
      expect(afterwards('ftrace_caller', FIELD(register), register)).toBe(valueIn(register));
    }
  });

  test('orig_ax set without SAVE_REGS is ignored', () => {
    const kernel = traced(orc, 'ftrace_caller');
    kernel.set('orig_ax', kernel.symbol('direct_target'));
    kernel.leave();
    expect(kernel.reach()).toBe('body');
  });
});

describe.each([
  ...builds.flatMap(({ revision, orc, framePointer }) => [
    [`${revision}, ORC`, orc] as const,
    [`${revision}, frame pointers`, framePointer] as const,
  ]),
  ['7.2, no jump mode', noJmp] as const,
])('a direct call beside other ops, call mode, %s', (_name, config) => {
  const direct = (ip?: string) => {
    const kernel = traced(config, 'ftrace_regs_caller');
    kernel.set('orig_ax', kernel.symbol('direct_target'));
    if (ip) kernel.set('ip', kernel.symbol(ip));
    kernel.leave();
    expect(kernel.reach()).toBe('direct_target');
    return kernel;
  };

  test('(rsp) = ip + 5, 8(rsp) = parent', () => {
    const { machine } = direct();
    expect(machine.read('rsp')).toBe(S - 8n);
    expect(machine.loadWord(S - 8n, 8)).toBe(F + 5n);
    expect(machine.loadWord(S, 8)).toBe(P);
  });

  test('a changed ip is the resume address', () => {
    const { machine, symbol } = direct('replacement');
    expect(machine.loadWord(S - 8n, 8)).toBe(symbol('replacement'));
  });

  test('all argument registers as at function entry, and all but r11', () => {
    const { machine } = direct();
    for (const register of [...ARGUMENTS, ...SAVED, 'rax', 'r10'])
      expect(machine.read(register)).toBe(valueIn(register));
  });

  const kept = config.revision === '6.1';
  test(kept ? 'RFLAGS are kept' : 'RFLAGS are lost after all: their arithmetic bits', () => {
    const arithmetic = 0x8d5n;
    const flags = direct().machine.read('flags');
    expect(flags & ~arithmetic).toBe(valueIn('flags') & ~arithmetic);
    expect(flags === valueIn('flags')).toBe(kept);
  });
});

describe.each([
  ['ORC', orc],
  ['frame pointers', framePointer],
])('a direct call beside other ops, jump mode, %s', (_name, config) => {
  const jump = (ip?: string) => {
    const kernel = traced(config, 'ftrace_regs_caller');
    kernel.set('orig_ax', kernel.symbol('direct_target') | 1n);
    if (ip) kernel.set('ip', kernel.symbol(ip));
    kernel.leave();
    expect(kernel.reach()).toBe('direct_target');
    return kernel;
  };

  test('(rsp) = parent', () => {
    const { machine } = jump();
    expect(machine.read('rsp')).toBe(S);
    expect(machine.loadWord(S, 8)).toBe(P);
  });

  test('a changed ip is discarded', () => {
    const { machine } = jump('replacement');
    expect(machine.read('rsp')).toBe(S);
    expect(machine.loadWord(S, 8)).toBe(P);
  });

  test('all registers but r11 as at function entry, RFLAGS kept', () => {
    const { machine } = jump();
    for (const register of [...ARGUMENTS, ...SAVED, 'rax', 'r10', 'flags']) {
      expect(machine.read(register)).toBe(valueIn(register));
    }
  });
});

test.each(builds.filter(({ revision }) => revision !== '7.2'))(
  '$revision: bit 0 of a direct target is part of the address',
  ({ orc }) => {
    const kernel = traced(orc, 'ftrace_regs_caller');
    const { machine, symbol } = kernel;
    kernel.set('orig_ax', symbol('direct_target') | 1n);
    machine.setCallout(symbol('direct_target') + 1n);
    kernel.leave();
    expect(machine.run()).toMatchObject({ kind: 'callout', pc: symbol('direct_target') + 1n });
    expect(machine.read('rsp')).toBe(S - 8n);
  },
);

test.each(builds)(
  '$revision: the stub changes nothing but the flags and what it is passed for',
  ({ orc }) => {
    const kernel = boot(orc);
    const { machine, symbol } = kernel;
    kernel.apply({ stores: [{ address: F, bytes: Uint8Array.of(0x0f, 0x1f, 0x44, 0, 0) }] });
    kernel.enter();
    machine.write('rsp', S - 8n);
    machine.storeWord(S - 8n, 8, F + 5n);
    machine.pc = symbol('ftrace_caller');
    expect(kernel.reach()).toBe('body');
    for (const register of [...ARGUMENTS, ...SAVED, 'rax', 'r10', 'r11']) {
      expect(machine.read(register)).toBe(valueIn(register));
    }
  },
);
