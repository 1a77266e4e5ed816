// SPDX-License-Identifier: MIT
/**
 * A dynamic event. `register` writes its definition to dynamic_events, `enable` and `disable` its event's enable file,
 * `unregister` the definition with `!` before it.
 */
import { ERRNO, errnoName } from '../../../backend/errno.js';
import type { Definition } from '../../../ftrace/events/definition.js';
import { shown } from '../../../ftrace/events/dynamic-events.js';
import type { LoggedError } from '../../../ftrace/events/errors.js';
import type { FieldText } from '../../outcome.js';
import { CaseProblem } from '../host.js';
import type { Maker } from './registration.js';

export const event: Maker = (session, spec) => {
  const { definition: command } = spec;
  if (command === null) throw new CaseProblem(`${spec.name} has no definition`);
  if (/^\S+\s+[0-9]/.test(command)) throw new CaseProblem('events by address are not modelled');
  const { events, recorder } = session;
  let made: Definition | null = null;
  return {
    register: () => {
      const { code, log, definition } = events.write(command);
      if (definition === null) {
        recorder.observe('error', { call: `register ${spec.name}`, code: errnoName(code), ...logged(log) });
        return 0;
      }
      made = definition;
      session.probes.names.set(definition, spec.name);
      recorder.observe('event', { probe: spec.name, definition: shown(definition) });
      return 0;
    },
    unregister: () => (made ? events.remove(made) : -ERRNO.ENOENT),
    setDisabled: (disabled) => (made ? events.enable(made, !disabled) : -ERRNO.ENOENT),
  };
};

/** One text for one entry of the log, a list for several, nothing for none. */
function logged(log: readonly LoggedError[]): Record<string, FieldText | undefined> {
  const each = (text: (entry: LoggedError) => string): FieldText | undefined => {
    const texts = log.map(text);
    return texts.length > 1 ? texts : texts[0];
  };
  return {
    tag: each(({ tag }) => tag),
    log: each(({ text }) => text),
    caret: each(({ caret }) => (caret === null ? 'wild' : String(caret))),
  };
}
