// SPDX-License-Identifier: MIT
/** The kernel around the parser of event definitions: its symbols, types and registers are those of the case. */
import type { EventKernel } from '../../ftrace/events/place.js';
import type { Session } from './session.js';

export function eventKernel(session: Session): EventKernel {
  const { host, spec } = session;
  const { config, backend } = host;
  const named = (name: string) => spec.functions.find((fn) => fn.name === name);
  return {
    revision: config.revision,
    has: (feature) => config.has(feature),
    symbols: (name) => {
      const fn = named(name);
      return fn ? 1 + fn.namesakes : 0;
    },
    prototype: (name) => named(name)?.signature ?? null,
    struct: (tag) => spec.structs[tag] ?? null,
    registerOffset: (name) => backend.accessors.ptRegsOffset(config, name),
    traceable: (glob) => {
      const pattern = new RegExp(
        `^${glob
          .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
          .replace(/\*/g, '.*')
          .replace(/\?/g, '.')}$`,
      );
      return [...session.ftrace.records.values()]
        .map((rec) => rec.function)
        .filter((name) => pattern.test(name));
    },
    address: (symbol) =>
      session.book.objectAddress(symbol) ?? session.book.functionNamed(symbol)?.symbol ?? null,
  };
}
