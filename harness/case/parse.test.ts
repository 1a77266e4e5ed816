// SPDX-License-Identifier: MIT
import { describe, expect, it } from 'vitest';
import { parseCases } from './parse.js';
import { full } from './test/full.js';
import type { Case } from './types.js';

const [first, second] = parseCases('cases/language/full.yaml', full, 'language/full').cases as [Case, Case];
const place = expect.objectContaining({ file: 'cases/language/full.yaml' });
const number = (value: bigint) => ({ kind: 'number', value });

describe('a case', () => {
  it('carries what its file says about it', () => {
    expect(first).toMatchObject({
      id: 'language/full.1',
      file: 'cases/language/full.yaml',
      title: 'Everything that a case can say, 1 times',
      feature: 'language',
      why: 'A parser is only as good as what it was shown.',
      source: 'linux 7.2 kernel/trace/fprobe.c',
      covers: ['FP-02', 'core-retaddr-idx'],
      requires: ['FPROBE', 'FUNCTION_GRAPH_TRACER'],
      text: full,
    });
    expect(second.id).toBe('language/full.2');
    expect(second.requires).toEqual(['FPROBE', 'FUNCTION_RETURN_TRACER']);
  });

  it('has empty lists, no source and no expectations where its file says nothing', () => {
    const text = 'title: t\nwhy: w\nfunctions: { f: { prototype: void f(void) } }\nsteps: [call: f()]\n';
    const [only] = parseCases('a.yaml', text, 'a').cases as [Case];
    expect(only).toEqual({
      id: 'a',
      file: 'a.yaml',
      title: 't',
      why: 'w',
      source: null,
      covers: [],
      requires: [],
      structs: {},
      objects: [],
      functions: [
        {
          name: 'f',
          signature: { name: 'f', result: { kind: 'void', name: 'void', size: 0 }, parameters: [] },
          traceable: true,
          namesakes: 0,
          symbol: 'f',
          module: false,
          moduleText: null,
          kernelText: null,
          errorInjection: false,
          does: [],
          returns: null,
          position: { file: 'a.yaml', line: 3, column: 14 },
        },
      ],
      probes: [],
      steps: [
        {
          do: 'call',
          function: 'f',
          arguments: [],
          as: null,
          when: null,
          idle: false,
          position: { file: 'a.yaml', line: 4, column: 9 },
        },
      ],
      expect: null,
      divergences: [],
      text,
    });
  });

  it('declares structs and objects', () => {
    expect(first.structs.pair).toMatchObject({
      size: 16,
      align: 8,
      members: [
        { name: 'a', offset: 0 },
        { name: 'b', offset: 8 },
      ],
    });
    expect(first.objects).toEqual([{ name: 'buffer', size: 16 }]);
  });

  it('has functions with bodies', () => {
    const [inner, leaf, outer, jump, over, twin] = first.functions;
    expect(jump).toMatchObject({
      does: [{ do: 'tail_call', function: 'inner', when: { kind: 'binary' } }],
      returns: number(7n),
    });
    expect(over).toMatchObject({ does: [{ do: 'tail_call', function: 'jump', when: null }], returns: null });
    expect(inner).toMatchObject({ name: 'inner', traceable: true, does: [], returns: number(3n) });
    expect(twin).toMatchObject({ name: 'twin', symbol: 'leaf', module: true, errorInjection: true });
    expect(leaf).toMatchObject({
      symbol: 'leaf',
      module: false,
      errorInjection: false,
      traceable: false,
      returns: null,
      signature: { parameters: [{ type: { kind: 'pointer' } }, { type: { kind: 'struct', name: 'pair' } }] },
    });
    expect(outer?.does).toMatchObject([
      {
        do: 'call',
        function: 'inner',
        as: 'r',
        when: { kind: 'name', name: 'b' },
        arguments: [{ operator: '+', right: number(1n) }],
      },
      { do: 'unregister', probe: 'watch' },
      { do: 'stack_trace' },
    ]);
    expect(outer?.returns).toEqual({ kind: 'struct', members: [{ kind: 'name', name: 'r' }, number(-1n)] });
  });

  it('tells an argument that is stored from a value', () => {
    const text = `title: t
why: w
functions: { f: { prototype: u64 f(u64 a), returns: a } }
probes: { w: { graph: { on: [f], entry: [store_data: [1, "argument( 2 )"]] } } }
steps: [register: w]
`;
    const [spec] = parseCases('a.yaml', text, 'a').cases;
    expect(spec?.probes[0]?.entry).toMatchObject([
      { do: 'store_data', values: [number(1n), { kind: 'argument', index: 2 }], bytes: 16 },
    ]);
  });

  it('substitutes rows: values of any kind, and text inside of texts', () => {
    expect(first.functions[0]?.signature.parameters).toMatchObject([{ name: 'a', type: { name: 'u64' } }]);
    expect(second.functions[0]?.signature.parameters).toMatchObject([{ name: 'b', type: { name: 'u32' } }]);
    expect(first.probes[0]?.entry?.[0]).toMatchObject({ do: 'read', accessors: [{ name: 'get_regs' }] });
    expect(second.probes[0]?.entry?.[0]).toMatchObject({ do: 'skip_exit' });
    expect(first.expect?.[0]?.fields.arguments).toEqual(['1']);
    expect(second.expect?.[0]?.fields.arguments).toEqual(['16']);
  });
});

describe('a probe', () => {
  const probe = (name: string) => first.probes.find((spec) => spec.name === name);

  it('has the filters, flags and data of its kind', () => {
    expect(probe('watch')).toMatchObject({
      kind: 'fprobe',
      on: ['inner', 'outer'],
      notrace: ['jump'],
      flags: ['DISABLED'],
      dataSize: 8,
      maxActive: 0,
      far: false,
    });
    expect(probe('other')).toMatchObject({
      kind: 'ops',
      on: [],
      notrace: [],
      flags: ['SAVE_REGS', 'IPMODIFY'],
      dataSize: 0,
      maxActive: 0,
      far: false,
    });
  });

  it('does what its handlers say', () => {
    expect(probe('watch')?.entry?.slice(1)).toEqual([
      {
        do: 'read',
        accessors: [
          { name: 'stack_pointer', parameter: null, text: 'stack_pointer', position: place },
          { name: 'argument', parameter: '6', text: 'argument(6)', position: place },
          { name: 'regs', parameter: 'r10', text: 'regs(r10)', position: place },
          { name: 'user_mode', parameter: 'perf', text: 'user_mode(perf)', position: place },
        ],
        position: place,
      },
      { do: 'store_data', values: [number(5n)], bytes: 8, position: place },
    ]);
    expect(probe('watch')?.exit).toMatchObject([
      { do: 'load_data', parent: null },
      { do: 'set', accessor: { text: 'return_value' }, value: number(7n) },
    ]);
    expect(probe('other')?.entry).toMatchObject([
      { do: 'set', accessor: { name: 'instruction_pointer' }, value: { kind: 'address', object: 'inner' } },
      { do: 'override', value: number(-1n) },
      { do: 'call', function: 'leaf', arguments: [number(0n), { kind: 'struct' }] },
    ]);
    expect(probe('tree')).toMatchObject({
      entry: [
        { do: 'store_data', values: [number(0xffff_ffff_ffff_ffffn)], bytes: 16 },
        { do: 'task_variable', set: number(4n) },
      ],
      exit: [
        { do: 'load_data', parent: 1 },
        { do: 'task_variable', set: null },
      ],
    });
  });

  it('is attached as it says, or by the symbols of its functions', () => {
    const rest = {
      pattern: null,
      uniqueMatch: false,
      count: null,
      flags: null,
      sleepable: false,
      returns: null,
    };
    const none = { ...rest, by: 'symbols', symbols: null, addresses: null };
    expect(probe('plain')).toMatchObject({ cookies: null, attach: none });
    expect(probe('km')).toMatchObject({ cookies: [number(1n), number(2n ** 64n - 1n)], attach: none });
    expect(probe('kx')?.attach).toEqual({
      ...rest,
      by: 'both',
      symbols: ['nowhere'],
      addresses: [{ kind: 'binary', operator: '+', left: expect.anything(), right: number(4n) }],
      count: 2,
      flags: 3,
      sleepable: true,
    });
    expect(probe('ks')).toMatchObject({
      dataSize: 8,
      attach: { ...none, pattern: 'in?er*', uniqueMatch: true, returns: 0 },
      entry: [{ do: 'skip_exit' }, { do: 'store_data', values: [number(1n)], bytes: 8 }],
      exit: [{ do: 'load_data', parent: null, words: null }],
    });
  });

  it.each([
    ['plain', [], []],
    ['late', null, []],
    ['silent', null, null],
    ['d', [], null],
    ['fe', [], null],
    ['lp', null, null],
    ['fx', null, []],
    ['both', [], null],
    ['kx', null, []],
  ])('%s has the handlers that its kind and its keys give it', (name, entry, exit) => {
    expect(probe(name)).toMatchObject({ entry, exit });
  });

  it('has a post handler if it is a kprobe and nothing else is said', () => {
    expect([probe('both')?.post, probe('k')?.exit, probe('plain')?.post]).toEqual([[], null, null]);
    expect(probe('k')).toMatchObject({
      kind: 'kprobe',
      on: ['inner', 'outer'],
      offset: 4,
      flags: ['DISABLED'],
      entry: [{ do: 'set' }, { do: 'skip_single_step' }],
      post: [{ do: 'read' }],
    });
  });

  it('says how much data and how many calls a kretprobe is for', () => {
    expect(probe('kr')).toMatchObject({
      kind: 'kretprobe',
      maxActive: 1,
      dataSize: 8,
      entry: [{ do: 'store_data' }, { do: 'skip_exit' }],
      exit: [{ do: 'load_data' }],
    });
  });

  it('has the settings of its kind as the file says, or the default', () => {
    const settings = { api: 'ops', jmp: false, cookie: null, returns: null, with: null, replace: false };
    expect(probe('d')).toMatchObject(settings);
    expect(probe('e2')).toMatchObject({ ...settings, api: 'hash', jmp: true });
    expect(probe('f2')).toMatchObject({ ...settings, cookie: number(5n) });
    expect(probe('fm')).toMatchObject({ ...settings, returns: number(-12n) });
    expect(probe('lp')).toMatchObject({ ...settings, with: 'jump', replace: true });
    expect(probe('fs')).toMatchObject({ ...settings, dataSize: 8 });
  });
});

describe('steps', () => {
  it('are in order, lists of probes taken apart', () => {
    expect(first.steps.map((step) => step.do).join(' ')).toBe(
      'register register enable disable call call call call filter filter modify_direct record count enable enable count count count count set_graph_function set_graph_notrace max_graph_depth tracing_thresh ndelay enabled_functions corrupt pause_graph resume_graph ftrace_enabled stack_trace count link_info disable unregister',
    );
  });

  it('keep 64-bit numbers exact', () => {
    expect(first.steps[4]).toMatchObject({
      do: 'call',
      as: 'x',
      arguments: [number(18446744073709551615n), number(1n)],
    });
  });

  it('carry filters, counters and switches', () => {
    expect(first.steps.slice(8)).toMatchObject([
      { do: 'filter', probe: 'other', hash: 'filter', change: 'set', functions: ['inner', 'outer'] },
      { do: 'filter', probe: 'tree', hash: 'notrace', change: 'remove', functions: [] },
      { do: 'modify_direct', probe: 'd', to: 'e' },
      { do: 'record', function: 'inner' },
      { do: 'count', counter: 'nmissed', probe: 'watch' },
      { do: 'enable', probe: 'k' },
      { do: 'enable', probe: 'kr' },
      { do: 'count', counter: 'nmissed', probe: 'k' },
      { do: 'count', counter: 'trace_overrun', probe: null },
      { do: 'count', counter: 'depth', probe: null },
      { do: 'count', counter: 'hits', function: 'inner' },
      { do: 'set_graph_function', functions: ['inner'] },
      { do: 'set_graph_notrace', functions: [] },
      { do: 'max_graph_depth', value: 3 },
      { do: 'tracing_thresh', value: 2 },
      { do: 'ndelay', value: 70 },
      { do: 'enabled_functions' },
      { do: 'corrupt', function: 'inner' },
      { do: 'pause_graph' },
      { do: 'resume_graph' },
      { do: 'ftrace_enabled', value: false },
      { do: 'stack_trace' },
      { do: 'count', counter: 'misses', probe: 'km' },
      { do: 'link_info', probe: 'kx' },
      { do: 'disable', probe: 'pf' },
      { do: 'unregister', probe: 'watch' },
    ]);
  });

  it('point to their place', () => {
    const lines = full.split('\n');
    for (const { position, do: verb } of first.steps) {
      expect(lines[position.line - 1]?.slice(position.column - 1)).toMatch(
        verb.endsWith('register') ? /^(\w*register|watch|tree)/ : new RegExp(`^(${verb}|watch|k|pf)`),
      );
    }
  });
});

describe('expectations', () => {
  it('are texts as written, numbers in decimal', () => {
    expect(first.expect?.map(({ kind, fields }) => [kind, fields])).toEqual([
      [
        'entry',
        {
          probe: 'watch',
          function: 'inner',
          arguments: ['1'],
          'argument(6)': '255',
          stack_pointer: 'sp+0',
          parent: 'caller',
        },
      ],
      ['body', { function: 'leaf', arguments: ['NULL', '{1, 2}'] }],
      ['exit', { probe: 'watch', return: '21', data: 'NULL', 'field(sp)': 'true' }],
      ['result', { value: '18446744073709551616' }],
      ['result', { function: 'outer', value: '{3, -1}' }],
      ['error', { call: 'register watch', code: '-EINVAL' }],
      [
        'record',
        {
          function: 'inner',
          count: '1',
          flags: ['DIRECT'],
          sticky: ['TOUCHED'],
          site: 'nop',
          calls: 'ftrace_caller',
          ops: 'watch',
        },
      ],
      ['count', { counter: 'nmissed', probe: 'watch', value: '0' }],
      ['enabled_functions', { lines: 'any' }],
      ['event', { probe: 'ev', definition: 'f:fprobes/ev inner' }],
      [
        'link_info',
        {
          probe: 'kx',
          count: '2',
          link_flags: '1',
          targets: ['inner', 'outer'],
          cookies: ['1', '2'],
          missed: '0',
        },
      ],
      ['stack_trace', { by: 'watch', frames: ['inner', 'outer'] }],
      ['fault', { at: 'inner+4', why: 'stale' }],
      ['transparency', { function: 'inner', what: 'sp' }],
      ['post', { probe: 'k', function: 'inner', arguments: ['1'], 'regs(sp)': 'sp+0' }],
    ]);
  });

  it('may leave any field open, lists too', () => {
    const text = `title: t
why: w
functions: { f: { prototype: void f(void) } }
steps: [call: f()]
expect:
  - body: { function: any, arguments: any }
  - stack_trace: { by: any, frames: any }
  - record: { function: f, flags: any, site: any }
  - error: { call: any, code: any }
  - error: { call: record f, code: -2 }
  - stack_trace: { by: caller }
`;
    const [only] = parseCases('a.yaml', text, 'a').cases;
    expect(only?.expect?.map(({ fields }) => fields)).toEqual([
      { function: 'any', arguments: 'any' },
      { by: 'any', frames: 'any' },
      { function: 'f', flags: 'any', site: 'any' },
      { call: 'any', code: 'any' },
      { call: 'record f', code: '-2' },
      { by: 'caller' },
    ]);
  });

  it('diverge where a divergence says so', () => {
    expect(second.divergences).toEqual([
      {
        on: { arch: ['one'], revision: ['7.2', '6.10'], target: [], feature: ['A'], lacks: ['B'] },
        because: 'A reason.',
        source: 'A source.',
        replace: [
          { at: 1, by: { fields: { arguments: ['stale'], return_address: 'caller' } } },
          { at: 4, by: { fields: { value: '7' } } },
          { at: 5, by: { instead: [] } },
          {
            at: 6,
            by: {
              instead: [
                { kind: 'body', fields: { function: 'inner' }, position: place },
                { kind: 'result', fields: { value: '1' }, position: place },
              ],
            },
          },
        ],
        position: place,
      },
      {
        on: { arch: ['two', 'three'], revision: [], target: [], feature: [], lacks: [] },
        because: 'Another.',
        source: 'Another.',
        replace: [{ at: 2, by: { fields: { arguments: [] } } }],
        position: place,
      },
    ]);
  });

  it('do not diverge in rows that `when` leaves out', () => {
    expect(first.divergences.map(({ because }) => because)).toEqual(['Another.']);
  });
});

describe('calls on a cycle', () => {
  const withDoes = (f: string, more = '') =>
    `title: t\nwhy: w\nfunctions:\n  f: { prototype: u64 f(u64 a), does: [${f}], returns: a }\n  g: { prototype: u64 g(u64 a), returns: a }\n${more || 'steps: [call: f(1)]'}\n`;

  it('end by a `when` on any of them', () => {
    expect(parseCases('a.yaml', withDoes('{ call: f(a - 1), when: a > 0 }'), 'a').cases).toHaveLength(1);
  });

  it('are no cycle when the handler runs elsewhere, or never', () => {
    const probe = (on: string, notrace = '') =>
      `probes: { w: { ops: { on: ${on}${notrace}, entry: [call: g(1)] } } }\nsteps: [register: w, call: f(1)]`;
    expect(parseCases('a.yaml', withDoes('stack_trace', probe('[f]')), 'a').cases).toHaveLength(1);
    expect(
      parseCases('a.yaml', withDoes('stack_trace', probe('all', ', notrace: [g]')), 'a').cases,
    ).toHaveLength(1);
    expect(
      parseCases('a.yaml', withDoes('stack_trace', probe('all').replace('register: w, ', '')), 'a').cases,
    ).toHaveLength(1);
    expect(() => parseCases('a.yaml', withDoes('stack_trace', probe('all')), 'a')).toThrow(
      expect.objectContaining({ code: 'cyclic-calls' }),
    );
  });

  it('are found through filters that steps add', () => {
    const more =
      'probes: { w: { ops: { on: [f], entry: [call: g(1)] } } }\nsteps: [register: w, filter: { probe: w, add: [g] }, call: g(1)]';
    expect(() => parseCases('a.yaml', withDoes('stack_trace', more), 'a')).toThrow(
      expect.objectContaining({ code: 'cyclic-calls' }),
    );
  });
});
