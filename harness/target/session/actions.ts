// SPDX-License-Identifier: MIT
/** What only a handler does: read and write its ftrace_regs, leave data for its exit, change the outcome of the call. */
import type { Fregs, PtRegsField } from '../../backend/contract.js';
import { fieldNamed, fieldOf } from '../../backend/fields.js';
import type { Action, StoredWord } from '../../case/types.js';
import { truncate } from '../../ctype/value.js';
import { apiExists } from '../../ftrace/api.js';
import type { DataWords } from '../../ftrace/data-words.js';
import type { GraphOps } from '../../ftrace/graph/fgraph.js';
import { ShadowStack } from '../../ftrace/graph/shadow-stack.js';
import { absent, type FieldText } from '../outcome.js';
import { CaseProblem } from './host.js';
import { apiOf, missing, type Reading, readAccessor, type View } from './read.js';
import type { OpenObservation } from './recorder.js';
import type { Session } from './session.js';
import { evaluateIn, type Scope } from './steps.js';

/** What the kernel gives a handler. */
export interface HandlerCall {
  readonly when: 'entry' | 'exit' | 'post';
  readonly ip: bigint;
  /** A text where this kernel's handler is not told. */
  readonly parentIp: bigint | string;
  /** `null` where this kernel's handler gets no registers. */
  readonly fregs: Fregs | null;
  readonly view: View;
  /** Graph only. */
  readonly gops?: GraphOps;
  readonly depth?: number;
  readonly retval?: bigint | null;
  /** fprobe and kretprobe: entry data. */
  readonly data?: DataWords | null;
  /** bpf_get_attach_cookie(): programs only. */
  readonly cookie?: bigint;
}

export type HandlerOnly = Extract<
  Action,
  {
    do:
      | 'read'
      | 'set'
      | 'override'
      | 'skip_exit'
      | 'skip_single_step'
      | 'store_data'
      | 'load_data'
      | 'task_variable';
  }
>;

const handlerOnly: ReadonlySet<string> = new Set<HandlerOnly['do']>([
  'read',
  'set',
  'override',
  'skip_exit',
  'skip_single_step',
  'store_data',
  'load_data',
  'task_variable',
]);

/** Whether an action needs a handler's registers or data. */
export function isHandlerOnly(action: Action): action is HandlerOnly {
  return handlerOnly.has(action.do);
}

/** Does a handler-only action. Returns false for plain steps. */
export function act(
  session: Session,
  action: Action,
  call: HandlerCall,
  reading: Reading,
  observation: OpenObservation,
  scope: Scope,
): boolean {
  switch (action.do) {
    case 'read':
      for (const accessor of action.accessors) {
        observation.set(accessor.text, readAccessor(reading, accessor));
      }
      return true;
    case 'set':
    case 'override':
      if (call.fregs) change(session, action, call.fregs, reading, scope);
      else
        refuse(
          session,
          action.do === 'set' ? `set ${action.accessor.text}` : 'override',
          'function_graph_enter_regs',
        );
      return true;
    case 'store_data':
    case 'load_data': {
      const lack =
        lackOfData(session, call, action.do === 'load_data' ? action.parent : null) ??
        (action.do === 'store_data' ? lackOfArgument(action.values, reading) : null);
      if (lack !== null) observation.set('data', absent(lack));
      else if (action.do === 'load_data') {
        const data = storedData(session, call, action.parent);
        observation.set('data', data === null ? 'NULL' : dataSeen(session, data, action.words, reading.sp));
      } else {
        const data = newData(session, call, action.bytes);
        if (data === null) observation.set('data', 'NULL');
        else
          for (const [index, value] of action.values.entries())
            data.set(index, storedWord(session, value, reading, scope));
      }
      return true;
    }
    case 'task_variable':
      taskVariable(session, action, call, observation, scope);
      return true;
    default:
      return false;
  }
}

/** The API a store or load of data needs and this kernel lacks. */
function lackOfData(session: Session, call: HandlerCall, parent: number | null): string | null {
  if (!call.gops) return null;
  const api = parent === null ? 'fgraph_reserve_data' : 'fgraph_retrieve_parent_data';
  return apiExists(api, session.host.config.revision) ? null : api;
}

function lackOfArgument(values: readonly StoredWord[], reading: Reading): string | null {
  return values.some(({ kind }) => kind === 'argument') ? missing(reading, 'argument') : null;
}

function storedWord(session: Session, value: StoredWord, reading: Reading, scope: Scope): bigint {
  const { fregs } = reading;
  const word =
    value.kind !== 'argument'
      ? number(evaluateIn(session, value, scope))
      : fregs === null
        ? 0n
        : apiOf(reading).getArgument(fregs, value.index);
  return BigInt.asUintN(64, word);
}

function newData(session: Session, call: HandlerCall, bytes: number): DataWords | null {
  if (!call.gops) {
    if (call.data) return call.data;
    throw new CaseProblem('store_data needs room for data on the probe');
  }
  const block = session.graph.stack.reserve(call.gops.index, bytes);
  return block && session.graph.stack.block(block);
}

/** The first word, or the first `words` as far as the block goes. */
function dataSeen(session: Session, data: DataWords, words: number | null, sp: bigint): FieldText {
  const word = (index: number) => session.normal.word(data.get(index), sp);
  if (words === null) return word(0);
  return Array.from({ length: Math.min(words, data.length) }, (_, index) => word(index));
}

function storedData(session: Session, call: HandlerCall, parent: number | null): DataWords | null {
  const { stack } = session.graph;
  if (!call.gops) return call.data ?? null;
  const end = parent === null ? stack.current : stack.outer(parent);
  const block = end < 0 ? null : stack.retrieve(call.gops.index, end);
  return block && stack.block(block);
}

function taskVariable(
  session: Session,
  action: Extract<Action, { do: 'task_variable' }>,
  call: HandlerCall,
  observation: OpenObservation,
  scope: Scope,
): void {
  const { stack } = session.graph;
  if (!apiExists('fgraph_get_task_var', session.host.config.revision)) {
    observation.set('task_variable', absent('fgraph_get_task_var'));
    return;
  }
  const at = ShadowStack.variable(call.gops?.index ?? 0);
  if (action.set) stack.set(at, BigInt.asUintN(64, number(evaluateIn(session, action.set, scope))));
  else observation.set('task_variable', session.normal.word(stack.get(at)));
}

/** A change this kernel has no means for is an observation, as a refused API call is. */
function refuse(session: Session, call: string, symbol: string): void {
  session.recorder.observe('error', { call, code: absent(symbol) });
}

function change(
  session: Session,
  action: Extract<Action, { do: 'set' | 'override' }>,
  fregs: Fregs,
  reading: Reading,
  scope: Scope,
): void {
  const { layouts, registers } = session.host.backend;
  const accessors = apiOf(reading);
  const value = number(evaluateIn(session, action.value, scope));
  const bits = BigInt.asUintN(64, value);
  if (action.do === 'override') {
    const type = reading.result;
    const scalar = type.kind === 'void' || type.kind === 'struct' ? value : number(truncate(value, type));
    accessors.setReturnValue(fregs, BigInt.asUintN(64, scalar));
    accessors.overrideWithReturn(fregs, session.host.symbols.get('just_return_func') ?? 0n);
    return;
  }
  const layout = (reading.view === 'pt_regs' ? layouts.ptRegs : layouts.ftraceRegs)(fregs.config);
  const store = (name: string) => {
    const { offset, size } = fieldOf<PtRegsField>(layout, name);
    fregs.machine.storeWord(fregs.address + BigInt(offset), size, bits);
  };
  const { name, parameter, text } = action.accessor;
  switch (name) {
    case 'return_value':
      accessors.setReturnValue(fregs, bits);
      return;
    case 'instruction_pointer':
      accessors.setInstructionPointer(fregs, bits);
      return;
    case 'argument': {
      const field = accessors.argumentFields[Number(parameter)];
      if (field === undefined) refuse(session, `set ${text}`, 'argument register');
      else store(field);
      return;
    }
    default: {
      const field = fieldNamed(layout, parameter ?? '', registers);
      if (field === undefined) throw new CaseProblem(`ftrace_regs has no field ${parameter} here`);
      store(field);
    }
  }
}

function number(value: bigint | readonly bigint[]): bigint {
  if (typeof value !== 'bigint') throw new CaseProblem('a struct cannot be stored in a register');
  return value;
}
