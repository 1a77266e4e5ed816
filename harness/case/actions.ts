// SPDX-License-Identifier: MIT
/**
 * What only a handler may do, and in the handlers of which probes. Facts: linux 7.2 include/linux/ftrace.h
 * (callbacks of ops and fgraph_ops get an ftrace_regs; fgraph_reserve_data and fgraph_retrieve_data),
 * include/linux/fprobe.h; trampolines of direct calls and BPF programs get no ftrace_regs; programs on fprobes and samples
 * of perf get a pt_regs (kernel/trace/bpf_trace.c, kernel/trace/trace_event_perf.c).
 */
import { parseAccessor, parseSettable, programAccessors, ptRegsAccessors } from './accessor.js';
import { asScalar, type Names, type Scope, scalarsOf } from './scope.js';
import type { Setting, Verb } from './steps.js';
import { get, type Mapping, type Node, type Scalar } from './tree.js';
import type { Accessor, Action, ProbeKind, StoredWord } from './types.js';
import { inText, numberIn } from './typing.js';

const everyRegs = [
  ...['ops entry', 'graph entry', 'graph exit', 'fprobe entry', 'fprobe exit'],
  ...['kprobe entry', 'kprobe post', 'kretprobe entry', 'kretprobe exit'],
];

/** BPF programs on fprobes: kind and the handlers it has. */
const onFprobes = [
  'kprobe_multi entry',
  'kretprobe_multi exit',
  'kprobe_session entry',
  'kprobe_session exit',
];

/** BPF programs on trampolines. */
const onTrampolines = [
  ...['fentry entry', 'fmod_ret entry', 'fexit exit', 'fsession entry', 'fsession exit'],
  ...['fentry_multi entry', 'fexit_multi exit', 'fsession_multi entry', 'fsession_multi exit'],
];

const allowed: Readonly<Record<string, readonly string[]>> = {
  read: [...everyRegs, ...onTrampolines, ...onFprobes, 'perf entry'],
  set: [...everyRegs, ...onFprobes],
  override: ['ops entry', 'graph entry', 'fprobe entry', 'kprobe entry', ...onFprobes],
  skip_exit: ['graph entry', 'fprobe entry', 'kretprobe entry', 'kprobe_session entry'],
  skip_single_step: ['kprobe entry'],
  store_data: [
    'graph entry',
    'fprobe entry',
    'kretprobe entry',
    'fsession entry',
    'fsession_multi entry',
    'kprobe_session entry',
  ],
  load_data: [
    'graph exit',
    'fprobe exit',
    'kretprobe exit',
    'fsession exit',
    'fsession_multi exit',
    'kprobe_session exit',
  ],
  task_variable: ['graph entry', 'graph exit'],
};

/** What can be read of a pt_regs that is a program's context, or part of a perf sample. */
const ofContext = ['instruction_pointer', 'stack_pointer', 'regs', 'user_mode'];
const ofProgram = ['func_ip', 'cookie', 'argument', 'return_value', ...ofContext];
const kindsOf = (places: readonly string[]) => places.map((place) => place.replace(/ .*/, ''));
/** Kinds with accessors of their own. */
const readers: Readonly<Record<string, readonly string[]>> = Object.fromEntries([
  ...kindsOf(onTrampolines).map((kind) => [kind, programAccessors]),
  ...kindsOf(onFprobes).map((kind) => [kind, ofProgram]),
  ['perf', ofContext],
]);

/** What handlers of the kernel can do, and programs on kprobes cannot. */
const ofHandlers = ['skip_exit', 'skip_single_step', 'store_data', 'load_data'];

const word = 8;

/** @throws CaseError */
export function handlerAction(
  scope: Scope,
  names: Names,
  verb: Verb,
  setting: Setting & { in: 'handler' },
): Action {
  const { name, value } = verb;
  const here = `${setting.kind} ${setting.handler}`;
  const places = allowed[name] ?? [];
  if (!places.includes(here)) {
    scope.source.fail(
      'bad-action',
      verb.key.offset,
      `\`${name}\` cannot be done in the ${setting.handler} handler of a probe of kind ${setting.kind}`,
      `it is for handlers of ${places.join(', ')}`,
    );
  }
  if (setting.program && ofHandlers.includes(name))
    scope.source.fail(
      'bad-action',
      verb.key.offset,
      `\`${name}\` cannot be done in a program on a ${setting.kind}`,
      'remove it, or make the probe a handler without `program:`',
    );
  const position = scope.source.position(verb.key.offset);
  const scalar = value?.kind === 'scalar' ? value : null;
  const map = value?.kind === 'map' ? value : null;
  switch (name) {
    case 'read':
      return {
        do: name,
        accessors: scalarsOf(value ?? undefined).map((item) => readable(scope, item, setting)),
        position,
      };
    case 'set':
      return { do: name, ...setPair(scope, names, verb.key, map as Mapping, setting), position };
    case 'override':
      return { do: name, value: numberIn(scope, names, scalar as Scalar), position };
    case 'skip_exit':
    case 'skip_single_step':
      return { do: name, position };
    case 'store_data':
      return storeData(scope, names, verb, setting);
    case 'load_data': {
      const { words } = setting;
      if (!map) return { do: name, parent: null, words, position };
      if (setting.kind !== 'graph')
        scope.source.fail('bad-action', map.offset, '`parent` is for graph probes', 'write `- load_data`');
      return { do: name, parent: Number(asScalar(get(map, 'parent')).value), words, position };
    }
    default:
      return {
        do: 'task_variable',
        set: map ? numberIn(scope, names, asScalar(get(map, 'set'))) : null,
        position,
      };
  }
}

type Handler = Setting & { in: 'handler' };

/** Handlers that get a pt_regs and nothing of ftrace. */
const onPtRegs: readonly ProbeKind[] = ['kprobe', 'kretprobe'];

function accessorIn(
  scope: Scope,
  scalar: Scalar,
  parse: typeof parseAccessor,
  { kind, program }: Handler,
): Accessor {
  const accessor = inText(scope, scalar, 'bad-accessor', parse);
  const cookie = program && accessor.name === 'cookie';
  if (onPtRegs.includes(kind) && !ptRegsAccessors.includes(accessor.name) && !cookie) {
    scope.source.fail(
      'bad-accessor',
      scalar.offset,
      `\`${accessor.text}\` is of ftrace_regs; the handlers of a ${kind} get a pt_regs`,
      `those of a pt_regs are ${ptRegsAccessors.join(', ')}`,
    );
  }
  return { ...accessor, position: scope.source.position(scalar.offset) };
}

/** @throws CaseError for what handlers of this kind cannot be asked for */
function readable(scope: Scope, item: Scalar, setting: Handler): Accessor {
  const accessor = accessorIn(scope, item, parseAccessor, setting);
  const { name, parameter, text } = accessor;
  const { kind, program } = setting;
  if (program && name === 'cookie') return accessor;
  const context = parameter === 'context';
  const own = readers[kind];
  const special = context || programAccessors.includes(name);
  const fits = own === undefined ? !special : own.includes(name) && (name !== 'user_mode' || context);
  if (!fits)
    scope.source.fail(
      'bad-accessor',
      item.offset,
      `\`${text}\` cannot be read in a probe of kind ${kind}`,
      own === undefined
        ? `it is for ${Object.entries(readers)
            .flatMap(([one, names]) => (names.includes(name) ? one : []))
            .join(', ')}`
        : `it reads ${own.join(', ').replace('user_mode', 'user_mode(context)')}`,
    );
  return accessor;
}

function setPair(scope: Scope, names: Names, key: Scalar, map: Mapping, setting: Handler) {
  const [pair, second] = map.entries;
  if (!pair || second) {
    return scope.source.fail(
      'bad-action',
      second?.key.offset ?? key.offset,
      `\`set\` writes one accessor, ${map.entries.length} given`,
      'write one `- set: { accessor: value }` for each',
    );
  }
  const accessor = accessorIn(scope, pair.key, parseSettable, setting);
  const scalar = asScalar(pair.value);
  const value = numberIn(scope, names, scalar);
  if (
    accessor.name === 'instruction_pointer' &&
    !(value.kind === 'address' && scope.functions.has(value.object))
  ) {
    scope.source.fail(
      'wrong-type',
      scalar.offset,
      '`instruction_pointer` is set to something else than a function',
      "write the address of a function in quotes: '&other'",
    );
  }
  return { accessor, value };
}

/** The setting that says how many bytes of data there are, where it is no matter of each store. */
const sizeKey: Partial<Readonly<Record<ProbeKind, string>>> = {
  fprobe: 'entry_data_size',
  kretprobe: 'data_size',
};

function storeData(scope: Scope, names: Names, verb: Verb, setting: Setting & { in: 'handler' }): Action {
  const { source } = scope;
  const map = verb.value?.kind === 'map' ? verb.value : null;
  const position = source.position(verb.key.offset);
  const sized = setting.kind !== 'graph';
  const size = sizeKey[setting.kind];
  if (sized) {
    if (map)
      source.fail(
        'bad-action',
        map.offset,
        '`bytes` is for graph probes',
        size === undefined
          ? 'write `- store_data: value`; the cookie of a session is one word'
          : `write \`- store_data: value\`; ${setting.kind === 'fprobe' ? 'an' : 'a'} ${setting.kind}'s bytes are its \`${size}\``,
      );
    if (setting.dataSize === 0)
      source.fail(
        'bad-action',
        verb.key.offset,
        `\`${setting.probe}\` has no room for a word of entry data`,
        `give the ${setting.kind} \`${size}: ${word}\` or more`,
      );
  }
  const given = (map ? get(map, 'value') : verb.value) as Node;
  const items = scalarsOf(given);
  const bytes = map ? Number(asScalar(get(map, 'bytes')).value) : items.length * word;
  // As the kernel does, sizes are rounded up to words.
  const room = Math.ceil((sized ? setting.dataSize : bytes) / word);
  if (items.length > room)
    source.fail(
      'out-of-range',
      (items[room] as Scalar).offset,
      `${items.length} words of data where there is room for ${room}`,
      !sized
        ? `give \`bytes: ${items.length * word}\``
        : size === undefined
          ? 'the cookie of a session is one word'
          : `give the ${setting.kind} \`${size}: ${items.length * word}\``,
    );
  const values = items.map((item) => storedWord(scope, names, item, setting));
  return { do: 'store_data', values, bytes, position };
}

function storedWord(scope: Scope, names: Names, item: Scalar, setting: Handler): StoredWord {
  if (!/^\s*argument\s*\(/.test(item.text)) return numberIn(scope, names, item);
  return { kind: 'argument', index: Number(accessorIn(scope, item, parseAccessor, setting).parameter) };
}

/** Longest list that is stored; `null` where single words are. */
export function wordsStored(verbs: Node | undefined): number | null {
  const stores =
    verbs?.kind === 'list' ? verbs.items.map((item) => item.kind === 'map' && get(item, 'store_data')) : [];
  const lists = stores.flatMap((store) => {
    const value = store && store.kind === 'map' ? get(store, 'value') : store;
    return value && value.kind === 'list' ? value.items.length : [];
  });
  return lists.length === 0 ? null : Math.max(...lists);
}
