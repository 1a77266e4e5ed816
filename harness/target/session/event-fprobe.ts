// SPDX-License-Identifier: MIT
/** An event on an fprobe: linux 7.2 kernel/trace/trace_fprobe.c fentry_dispatcher, fexit_dispatcher, trace_fprobe_entry_handler. */
import type { Fregs } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import type { DataWords } from '../../ftrace/data-words.js';
import type { Definition } from '../../ftrace/events/definition.js';
import type { EventProbe } from '../../ftrace/events/dynamic-events.js';
import { observeHit } from './event-hit.js';
import { symbolsKnown } from './event-symbols.js';
import { CaseProblem } from './host.js';
import type { Session } from './session.js';

const WORD = 8;

export function fprobeEvent(session: Session, definition: Definition): EventProbe {
  const { fprobes, host, ftrace, events } = session;
  const { isReturn, saved, arguments: args, symbol } = definition;
  const hit = (when: 'entry' | 'exit', ip: bigint, retIp: bigint, fregs: Fregs, data: DataWords | null) =>
    observeHit(session, definition, { when, ip, retIp, fregs, data, api: host.backend.accessors, register });
  const register = (name: string): bigint => {
    throw new CaseProblem(`an fprobe has no register ${name}`);
  };
  /** Before 7.2 the fprobe is registered from the definition on, and its disabled flag is turned. */
  const early = host.config.revision !== '7.2';
  const made = fprobes.create({
    // Probes of one event differ in these: each has a callback of its own.
    name: [`${definition.group}/${definition.event}`, symbol, ...args.map(({ text }) => text)].join(' '),
    dataSize: WORD * saved.length,
    maxActive: definition.maxActive,
    disabled: early,
    shared: false,
    entry: isReturn
      ? saved.length === 0
        ? null
        : ({ fregs, data }) => {
            for (const [at, index] of saved.entries())
              data?.set(at, host.backend.accessors.getArgument(fregs, index));
            return 0;
          }
      : ({ ip, retIp, fregs }) => {
          hit('entry', ip, retIp, fregs, null);
          return 0;
        },
    exit: isReturn ? ({ ip, retIp, fregs, data }) => hit('exit', ip, retIp, fregs, data) : null,
  });
  const functions = () => new Set(events.kernel.traceable(symbol));
  const enable = () => {
    const known = symbolsKnown(session, args);
    if (known !== 0) return known;
    const names = functions();
    // The glob of 6.12 is a filter, which says so itself.
    if (names.size === 0) return early ? -ERRNO.EINVAL : -ERRNO.ENOENT;
    const ips = [...ftrace.records.values()].flatMap((rec) => (names.has(rec.function) ? [rec.ip] : []));
    return fprobes.register(made, new Set(ips));
  };
  return {
    define: () => {
      if (early) return enable();
      return functions().size === 0 ? -ERRNO.ENOENT : 0;
    },
    setEnabled: (on) => {
      if (early) made.disabled = !on;
      else if (on) return enable();
      else fprobes.unregister(made);
      return 0;
    },
    remove: () => {
      if (early) fprobes.unregister(made);
    },
  };
}
