// SPDX-License-Identifier: MIT
/**
 * The file dynamic_events: events with their probes, which are added, enabled and removed. linux 7.2
 * kernel/trace/trace_dynevent.c, trace_kprobe.c register_trace_kprobe, trace_fprobe.c register_trace_fprobe_event; linux 6.1,
 * 6.12 the same. The engines (fprobe, kprobe) stand behind {@link EventEngine}.
 */
import { ERRNO } from '../../backend/errno.js';
import type { Result } from '../types.js';
import { type Definition, parseDefinition, wordsOf } from './definition.js';
import { type ErrorTag, type LoggedError, ProbeLog, Refused } from './errors.js';
import type { EventKernel } from './place.js';

/** One probe of an event as its engine holds it. */
export interface EventProbe {
  /** When the definition is accepted: 6.12 registers here, disabled; 7.2 fprobes only look whether they could. */
  define(): Result;
  /** The event is enabled or disabled. */
  setEnabled(on: boolean): Result;
  /** The definition is removed. */
  remove(): void;
}

/** Makes the probe of a definition; nothing is registered yet. */
export type EventEngine = (definition: Definition) => EventProbe;

interface Member {
  readonly definition: Definition;
  readonly probe: EventProbe;
}

interface DynamicEvent {
  readonly by: Definition['by'];
  readonly members: Member[];
  enabled: boolean;
}

export interface Written {
  readonly code: Result;
  readonly log: readonly LoggedError[];
  /** Of an accepted definition. */
  readonly definition: Definition | null;
}

export class DynamicEvents {
  readonly #events = new Map<string, DynamicEvent>();

  constructor(
    readonly kernel: EventKernel,
    readonly engine: EventEngine,
  ) {}

  /** `echo COMMAND >> dynamic_events`. */
  write(command: string): Written {
    const log = new ProbeLog(wordsOf(command), this.kernel.revision);
    try {
      const definition = parseDefinition(this.kernel, log);
      this.#add(definition, log);
      return { code: 0, log: log.entries, definition };
    } catch (problem) {
      if (problem instanceof Refused) return { code: problem.code, log: log.entries, definition: null };
      throw problem;
    }
  }

  /** `echo 1 > events/GROUP/EVENT/enable`, or 0: of all probes of the event. */
  enable(definition: Definition, on: boolean): Result {
    const event = this.#events.get(keyOf(definition));
    if (!event) return -ERRNO.ENOENT;
    if (event.enabled === on) return 0;
    for (const { probe } of event.members) {
      const result = probe.setEnabled(on);
      if (result === 0 || !on) continue;
      for (const { probe: other } of event.members) other.setEnabled(false);
      return result;
    }
    event.enabled = on;
    return 0;
  }

  /** `echo '!DEFINITION' >> dynamic_events`: this probe goes, and the event with its last one. */
  remove(definition: Definition): Result {
    const event = this.#events.get(keyOf(definition));
    const member = event?.members.find((candidate) => candidate.definition === definition);
    if (!event || !member) return -ERRNO.ENOENT;
    if (event.members.length === 1 && event.enabled) return -ERRNO.EBUSY;
    event.members.splice(event.members.indexOf(member), 1);
    if (event.enabled) member.probe.setEnabled(false);
    member.probe.remove();
    if (event.members.length === 0) this.#events.delete(keyOf(definition));
    return 0;
  }

  #add(definition: Definition, log: ProbeLog): void {
    const { revision } = this.kernel;
    // From 7.2 on every failure of an fprobe event reads the same.
    const failed = (code: Result): Refused =>
      new Refused(revision === '7.2' && definition.by !== 'kprobe' ? -ERRNO.EINVAL : code);
    const refuse = (tag: ErrorTag, index: number): never => {
      log.index = index;
      log.error(0, tag);
      throw failed(-ERRNO.EEXIST);
    };
    const existing = this.#events.get(keyOf(definition));
    if (existing && (existing.by === 'kprobe') !== (definition.by === 'kprobe')) refuse('EVENT_EXIST', 0);
    if (existing) compare(existing, definition, refuse);
    const probe = this.engine(definition);
    const result = probe.define();
    if (result !== 0) {
      log.index = 1;
      if (result === -ERRNO.EILSEQ) log.error(0, 'BAD_INSN_BNDRY');
      else if (result === -ERRNO.ENOENT) log.error(0, 'BAD_PROBE_ADDR');
      else if (result !== -ERRNO.ENOMEM && result !== -ERRNO.EEXIST) log.error(0, 'FAIL_REG_PROBE');
      throw failed(result);
    }
    const event = existing ?? { by: definition.by, members: [], enabled: false };
    event.members.push({ definition, probe });
    this.#events.set(keyOf(definition), event);
    // From 7.2 on fprobes are registered by the enable file alone, which has nothing to do where the event is enabled.
    const late = revision === '7.2' && definition.by !== 'kprobe';
    if (event.enabled && !late) probe.setEnabled(true);
  }
}

function keyOf({ group, event }: Definition): string {
  return `${group}/${event}`;
}

/** Whether a probe may be appended to an event of its name. */
function compare(
  { by, members }: DynamicEvent,
  definition: Definition,
  refuse: (tag: ErrorTag, index: number) => never,
): void {
  const [first] = members;
  if (!first) return;
  const { arguments: old, isReturn } = first.definition;
  if (by !== definition.by || isReturn !== definition.isReturn) refuse('DIFF_PROBE_TYPE', 0);
  const given = definition.arguments;
  // With another number, the first word that one of the two lacks, from 0 behind the head and the symbol.
  const lacking = given.length === old.length ? -1 : Math.min(given.length, old.length);
  const differing = given.findIndex((argument, index) => {
    const other = old[index];
    return argument.name !== other?.name || argument.type !== other.type || argument.count !== other.count;
  });
  const at = lacking >= 0 ? lacking : differing;
  if (at >= 0) refuse('DIFF_ARG_TYPE', at + 2);
  const same = members.some(
    ({ definition: other }) =>
      other.symbol === definition.symbol &&
      other.offset === definition.offset &&
      other.arguments.every((argument, index) => argument.text === given[index]?.text),
  );
  if (same) refuse('SAME_PROBE', 0);
}

/** A line of dynamic_events. */
export function shown(definition: Definition): string {
  const { by, group, event, symbol, offset, isReturn, maxActive } = definition;
  const values = definition.arguments.map(({ name, text }) => ` ${name}=${text}`).join('');
  if (by !== 'kprobe') {
    return `${by === 'tracepoint' ? 't' : 'f'}:${group}/${event} ${symbol}${isReturn ? '%return' : ''}${values}`;
  }
  const number = isReturn && maxActive > 0 ? String(maxActive) : '';
  const where = offset === 0n ? symbol : `${symbol}+${offset}`;
  return `${isReturn ? 'r' : 'p'}${number}:${group}/${event} ${where}${values}`;
}
