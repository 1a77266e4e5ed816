// SPDX-License-Identifier: MIT
/** Deliberately broken adaptors: a sound back-end with one thing wrong each, which the suite must name. */
import { describe, expect, test } from 'vitest';
import { backend as sound } from '../../backends/arm64/index.js';
import { loadBackend } from '../../test/backend.js';
import type { Abi, Backend, CallSite, LoadedBackend, Patch, PatchStore } from './contract.js';
import { type SmokeFinding, smoke } from './smoke.js';

const loaded = loadBackend(sound);

/** The sound back-end with some members replaced. */
const record = (change: Partial<Backend>): LoadedBackend => ({ ...loaded, backend: { ...sound, ...change } });
const withAbi = (change: Partial<Abi>) => record({ abi: { ...sound.abi, ...change } });
const withSite = (change: Partial<CallSite>) => record({ callsite: { ...sound.callsite, ...change } });
const withRegisters = (registers: Backend['registers'], change: Partial<Backend> = {}) =>
  record({ registers, instructions: { ...sound.instructions, registers }, ...change });
/** The source with one piece of text replaced; the text must be there. */
function withSource(from: string, to: string): LoadedBackend {
  const [source] = loaded.sources;
  if (source === undefined || !source.text.includes(from)) throw new Error(`no "${from}" in the source`);
  return { ...loaded, sources: [{ ...source, text: source.text.replace(from, to) }] };
}
const withOffsets = (change: Record<string, number>) =>
  record({
    layouts: {
      ...sound.layouts,
      asmOffsets: (config) => ({ ...sound.layouts.asmOffsets(config), ...change }),
    },
  });
/** struct ftrace_regs with a field changed. */
const withField = (name: string, change: object) =>
  record({
    layouts: {
      ...sound.layouts,
      ftraceRegs: (config) => {
        const layout = sound.layouts.ftraceRegs(config);
        const fields = layout.fields.map((field) => (field.name === name ? { ...field, ...change } : field));
        return { ...layout, fields };
      },
    },
  });
/** A patch with other stores; a refusal stays one. */
const changed = (patch: Patch, change: (list: readonly PatchStore[]) => readonly PatchStore[]): Patch =>
  'error' in patch ? patch : { stores: change(patch.stores) };

const { names, aliases } = sound.registers;
const without = (list: readonly string[], name: string) => list.filter((item) => item !== name);

interface Broken {
  readonly what: string;
  readonly broken: LoadedBackend;
  /** A finding with this place, and a text that says it. */
  readonly where: string;
  readonly says: RegExp;
}

const cases: readonly Broken[] = [
  // registers
  {
    what: 'a register named twice',
    broken: withRegisters({ names: [...names, 'X3'], aliases }),
    where: 'registers.names',
    says: /x3 is named more than once/,
  },
  {
    what: 'an alias of an unknown register',
    broken: withRegisters({ names, aliases: { ...aliases, lr: 'x31' } }),
    where: 'registers.aliases.lr',
    says: /x31 is no register/,
  },
  {
    what: 'an alias that is a register of its own',
    broken: withRegisters({ names, aliases: { ...aliases, x5: 'x6' } }),
    where: 'registers.aliases.x5',
    says: /cannot also mean x6/,
  },
  {
    what: 'an argument register that does not exist',
    broken: withAbi({ argumentRegisters: [...sound.abi.argumentRegisters.slice(0, 7), 'a7'] }),
    where: 'abi.argumentRegisters',
    says: /a7 is no register/,
  },
  {
    what: 'an emulator name for an unknown register',
    broken: record({ qemu: { ...sound.qemu, registers: { flags: 'cpsr' } } }),
    where: 'qemu.registers',
    says: /flags is no register/,
  },
  {
    what: 'the wrong stack pointer index',
    broken: record({ instructions: { ...sound.instructions, stackPointer: 30 } }),
    where: 'instructions.stackPointer',
    says: /is x30, but abi.stackPointer is sp/,
  },
  // calling convention
  {
    what: 'a register in two preservation classes',
    broken: withAbi({ callerSaved: [...sound.abi.callerSaved, 'x19'] }),
    where: 'abi.callerSaved',
    says: /x19 is already in abi.calleeSaved/,
  },
  {
    what: 'a register in no preservation class',
    broken: withAbi({ reserved: [] }),
    where: 'abi',
    says: /x18 is in no preservation class/,
  },
  {
    what: 'an argument register that calls preserve',
    broken: withAbi({
      callerSaved: without(sound.abi.callerSaved, 'x2'),
      calleeSaved: [...sound.abi.calleeSaved, 'x2'],
    }),
    where: 'abi.argumentRegisters',
    says: /x2 is not in abi.callerSaved/,
  },
  {
    what: 'a link register that calls preserve',
    broken: withAbi({
      callerSaved: without(sound.abi.callerSaved, 'x30'),
      calleeSaved: [...sound.abi.calleeSaved, 'x30'],
    }),
    where: 'abi.linkRegister',
    says: /x30 is not in abi.callerSaved/,
  },
  {
    what: 'a frame that misaligns the stack',
    broken: withAbi({ frame: { ...sound.abi.frame, size: 24 } }),
    where: 'abi.frame.size',
    says: /24 bytes leaves SP misaligned/,
  },
  {
    what: 'a stack off its THREAD_SIZE',
    broken: withAbi({ memory: { ...sound.abi.memory, stack: sound.abi.memory.stack + 4096n } }),
    where: 'abi.memory.stack',
    says: /not aligned to threadSize/,
  },
  {
    what: 'two arguments in one register',
    broken: withAbi({
      place: (signature) => {
        const placement = sound.abi.place(signature);
        const first = placement.parameters[0];
        return first === undefined
          ? placement
          : { ...placement, parameters: placement.parameters.map(() => first) };
      },
    }),
    where: 'abi.place',
    says: /x0|bytes have a place|follow/,
  },
  {
    what: 'stack arguments in the wrong place',
    broken: withAbi({ stackArguments: 8 }),
    where: 'abi.place',
    says: /outside the stack arguments|is in S\+0, not in S\+8/,
  },
  // layouts
  {
    what: 'overlapping fields',
    broken: withField('x8', { offset: 56 }),
    where: 'layouts.ftraceRegs.x8',
    says: /overlaps x7 at 56/,
  },
  {
    what: 'a misaligned field',
    broken: withField('pc', { offset: 108, size: 8 }),
    where: 'layouts.ftraceRegs.pc',
    says: /not aligned to 8/,
  },
  {
    what: 'a field outside the struct',
    broken: withField('pc', { offset: 112 }),
    where: 'layouts.ftraceRegs.pc',
    says: /lie outside the 112/,
  },
  {
    what: 'a struct that is wrong only with another configuration',
    broken: record({
      layouts: {
        ...sound.layouts,
        ftraceRegs: (config) => {
          const layout = sound.layouts.ftraceRegs(config);
          return config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? layout : { ...layout, size: 104 };
        },
      },
    }),
    where: 'layouts.ftraceRegs.pc',
    says: /outside the 104 .* \(with DYNAMIC_FTRACE_WITH_DIRECT_CALLS=n\)/,
  },
  {
    what: 'an assembler offset that disagrees with the layout',
    broken: withOffsets({ FREGS_LR: 80 }),
    where: 'layouts.asmOffsets.FREGS_LR',
    says: /is 80, but layouts.ftraceRegs.lr is 88/,
  },
  {
    what: 'an assembler offset without a value',
    broken: withOffsets({ FREGS_LR: Number.NaN }),
    where: 'layouts.asmOffsets.FREGS_LR',
    says: /is NaN, not an integer/,
  },
  {
    what: 'a field declared stale that the trampoline writes',
    broken: withField('x8', { plain: 'stale' }),
    where: 'layouts.ftraceRegs.x8',
    says: /declared stale, but ftrace_caller writes it/,
  },
  {
    what: 'a field declared real at exit that nobody writes',
    broken: withField('sp', { exit: 'real' }),
    where: 'layouts.ftraceRegs.sp',
    says: /declared real, but return_to_handler never writes it/,
  },
  {
    what: 'stub words in the wrong place',
    broken: record({
      layouts: {
        ...sound.layouts,
        stubs: (config) => ({ ...sound.layouts.stubs(config), direct: { selfIp: 80 } }),
      },
    }),
    where: 'layouts.stubs.direct.selfIp',
    says: /SP\+80 holds .* not the body/,
  },
  // instructions and features
  {
    what: 'two rows of the same instruction',
    broken: record({
      instructions: {
        ...sound.instructions,
        table: [...sound.instructions.table, ...sound.instructions.table.slice(0, 1)],
      },
    }),
    where: 'instructions nop',
    says: /two rows/,
  },
  {
    what: 'a feature tested in a source but not in the table',
    broken: withSource('#ifdef CONFIG_FUNCTION_GRAPH_TRACER', '#ifdef CONFIG_FUNCTION_GRAPH'),
    where: 'backends/arm64/trampoline.S',
    says: /CONFIG_FUNCTION_GRAPH is tested but not in the feature table/,
  },
  {
    what: 'a feature asked for but not in the table',
    broken: record({
      features: Object.fromEntries(
        Object.entries(sound.features).filter(([name]) => name !== 'ARM64_BTI_KERNEL'),
      ),
    }),
    where: 'features.ARM64_BTI_KERNEL',
    says: /asked for but not in the table/,
  },
  {
    what: 'a feature without a value at the revision',
    broken: record({ features: { ...sound.features, LIVEPATCH: { '6.1': false } } }),
    where: 'features.LIVEPATCH',
    says: /says nothing about 7.2/,
  },
  // sources
  {
    what: 'an unknown instruction',
    broken: withSource('mov\tx10, sp', 'move\tx10, sp'),
    where: 'backends/arm64/trampoline.S',
    says: /move/,
  },
  {
    what: 'a source that assembles only with a feature on',
    broken: withSource('\tldr\tx17, [sp, #FREGS_DIRECT_TRAMP]', '\tldr\tx17, [sp, #FREGS_DIRECT_TRAMPOLINE]'),
    where: 'backends/arm64/trampoline.S',
    says: /FREGS_DIRECT_TRAMPOLINE/,
  },
  {
    what: 'a missing trampoline',
    broken: withSource('ftrace_stub_direct_tramp:', 'ftrace_stub_direct:'),
    where: 'ftrace_stub_direct_tramp',
    says: /not defined/,
  },
  // call site
  {
    what: 'the wrong ip offset',
    broken: withSite({ shape: (config) => ({ ...sound.callsite.shape(config), ip: 0 }) }),
    where: 'callsite.callAdjust',
    says: /makes F\+4 of the table entry, shape.ip is F$/,
  },
  {
    what: 'a symbol address that is not the symbol',
    broken: withSite({ symbolAddress: (_machine, ip) => ip }),
    where: 'callsite.symbolAddress',
    says: /makes F\+4 of ip, not F/,
  },
  {
    what: 'a compiled form that is too short',
    broken: withSite({
      shape: (config) => {
        const shape = sound.callsite.shape(config);
        return { ...shape, compiled: shape.compiled.slice(4) };
      },
    }),
    where: 'callsite.shape',
    says: /compiled has 12 bytes/,
  },
  {
    what: 'a call that is no instruction',
    broken: withSite({
      makeCall: (site, target) =>
        changed(sound.callsite.makeCall(site, target), () => [
          { address: site.ip, bytes: new Uint8Array([1, 2, 3, 4]) },
        ]),
    }),
    where: 'instructions.decode',
    says: /does not know 01 02 03 04 at F\+4, after makeCall/,
  },
  {
    what: 'a disabled site that differs from the initialised one',
    broken: withSite({
      makeNop: (site, target) => changed(sound.callsite.makeNop(site, target), (list) => list.slice(1)),
    }),
    where: 'callsite.makeNop',
    says: /after makeCall leaves/,
  },
  {
    what: 'a call stored in two halves',
    broken: withSite({
      makeCall: (site, target) =>
        changed(sound.callsite.makeCall(site, target), (list) =>
          list.flatMap(({ address, bytes }) => [
            { address, bytes: bytes.slice(0, 2) },
            { address: address + 2n, bytes: bytes.slice(2) },
          ]),
        ),
    }),
    where: 'callsite.makeCall',
    says: /leaves text that cannot run: illegal at F\+0x4/,
  },
  {
    what: 'a call that goes astray',
    broken: withSite({ makeCall: (site) => sound.callsite.makeCall(site, site.symbol('ftrace_stub')) }),
    where: 'callsite.makeCall',
    says: /the function then runs to body, not to callback/,
  },
  {
    what: 'foreign bytes accepted and kept',
    broken: withSite({
      makeNop: (site, target) => {
        const patch = sound.callsite.makeNop(site, target);
        return 'error' in patch ? { stores: [] } : patch;
      },
    }),
    where: 'callsite.makeNop',
    says: /accepts foreign bytes and leaves them/,
  },
  {
    what: 'a description without the target',
    broken: withSite({ describe: () => ({ state: 'call', target: null }) }),
    where: 'callsite.describe',
    says: /sees no call after makeCall, not a call of ftrace_caller/,
  },
  {
    what: 'a refusal with a positive number',
    broken: withSite({
      makeCall: (site, target) => {
        const patch = sound.callsite.makeCall(site, target);
        return 'error' in patch ? { error: 22 } : patch;
      },
    }),
    where: 'callsite.makeCall',
    says: /refuses foreign bytes with 22/,
  },
  // trampolines
  {
    what: 'SP misaligned at the call of C',
    broken: withSource('sub\tsp, sp, #(FREGS_SIZE + 32)', 'sub\tsp, sp, #(FREGS_SIZE + 24)'),
    where: 'ftrace_caller',
    says: /SP .* is not 16-byte aligned|not a multiple of 16/,
  },
  {
    what: 'SP not returned',
    broken: withSource('add\tsp, sp, #FREGS_SIZE + 32\t/*', 'add\tsp, sp, #FREGS_SIZE + 16\t/*'),
    where: 'ftrace_caller',
    says: /sp is off by -16 bytes in the body/,
  },
  {
    what: 'an argument register not restored',
    broken: withSource('ldr\tx8, [sp, #FREGS_X8]\n\tldr\tx29', 'ldr\tx7, [sp, #FREGS_X8]\n\tldr\tx29'),
    where: 'ftrace_caller',
    says: /x7 is .* afterwards/,
  },
  {
    what: 'a callback that gets the wrong ip',
    broken: withSource('sub\tx0, x30, #4', 'sub\tx0, x30, #8'),
    where: 'ftrace_caller',
    says: /the callback's ip is F, not F\+0x4/,
  },
  {
    what: 'a return hook that forgets the address',
    broken: withSource('mov\tx30, x0\t', 'mov\tx30, x1\t'),
    where: 'return_to_handler',
    says: /fault at/,
  },
  // accessors and graph
  {
    what: 'an accessor that reads another field than it sets',
    broken: record({
      accessors: { ...sound.accessors, getReturnValue: (fregs) => sound.accessors.getArgument(fregs, 1) },
    }),
    where: 'accessors.getReturnValue',
    says: /after 0x.* was set/,
  },
  {
    what: 'an offset where no field is',
    broken: record({ accessors: { ...sound.accessors, queryRegisterOffset: () => 4 } }),
    where: 'accessors.queryRegisterOffset',
    says: /is at 4, where no field starts/,
  },
  {
    what: 'an update that does not come back',
    broken: record({ accessors: { ...sound.accessors, partialRegsUpdate: () => {} } }),
    where: 'accessors.partialRegsUpdate',
    says: /leaves ip 0x5555666677778888/,
  },
  {
    what: 'partial registers that are neither copy nor original',
    broken: record({ accessors: { ...sound.accessors, partialRegs: () => 8n } }),
    where: 'accessors.partialRegs',
    says: /neither the buffer nor the regs/,
  },
  {
    what: 'a field for programs that pt_regs has not',
    broken: record({
      accessors: { ...sound.accessors, tracing: { ...sound.accessors.tracing, stackPointer: 'x31' } },
    }),
    where: 'accessors.tracing',
    says: /names x31, which pt_regs has not/,
  },
  {
    what: 'parameters for programs in another order than the arguments',
    broken: record({
      accessors: {
        ...sound.accessors,
        tracing: {
          ...sound.accessors.tracing,
          parameters: ['x1', 'x0', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7'],
        },
      },
    }),
    where: 'accessors.tracing',
    says: /other parameters than argumentFields/,
  },
  {
    what: 'registers for perf without the instruction pointer',
    broken: record({ accessors: { ...sound.accessors, fetchCallerRegs: () => {} } }),
    where: 'accessors.fetchCallerRegs: ip',
    says: /after 0x1111222233334444 was set/,
  },
  {
    what: 'registers for perf that are those of user mode',
    broken: record({
      accessors: {
        ...sound.accessors,
        fetchCallerRegs: (regs, caller) => {
          sound.accessors.fetchCallerRegs(regs, caller);
          regs.machine.storeWord(
            regs.address + BigInt(sound.accessors.ptRegsOffset(regs.config, 'pstate')),
            8,
            0n,
          );
        },
      },
    }),
    where: 'accessors.fetchCallerRegs',
    says: /makes up a pt_regs of user mode/,
  },
  {
    what: 'a setter that writes beyond ftrace_regs',
    broken: record({
      accessors: {
        ...sound.accessors,
        setReturnValue: (fregs, value) => {
          sound.accessors.setReturnValue(fregs, value);
          fregs.machine.storeWord(fregs.address + 112n, 8, value);
        },
      },
    }),
    where: 'accessors',
    says: /write outside the 112 bytes/,
  },
  {
    what: 'an unwinder that follows garbage',
    broken: record({
      graph: {
        ...sound.graph,
        unwind: ({ machine, pc, fp }) => [pc, machine.loadWord(fp, 8)],
      },
    }),
    where: 'graph.unwind',
    says: /unmapped/,
  },
];

const show = (findings: readonly SmokeFinding[]) =>
  findings.map(({ check, where, what }) => `${check}: ${where}: ${what}`).join('\n');

test('the sound back-end has no findings', () => {
  expect(smoke(loaded, '7.2')).toEqual([]);
});

test('a revision the back-end does not model is named', () => {
  expect(show(smoke(record({ revisions: ['7.2'] }), '6.1'))).toMatch(
    /revisions: 6.1 is not modelled; the list is 7.2/,
  );
});

describe('the suite names', () => {
  test.each(cases)('$what', ({ broken, where, says }) => {
    const findings = smoke(broken, '7.2');
    const named = findings.filter((finding) => finding.where.startsWith(where) && says.test(finding.what));
    expect(named, show(findings)).not.toEqual([]);
  });
});
