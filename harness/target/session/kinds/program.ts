// SPDX-License-Identifier: MIT
/** A BPF program on a trampoline: fentry, fexit. linux 7.2 kernel/bpf/trampoline.c: bpf_trampoline_link_prog. */
import { ERRNO } from '../../../backend/errno.js';
import type { BpfLink } from '../../../ftrace/bpf.js';
import type { DynFtrace, Result } from '../../../ftrace/types.js';
import { signatureOf } from '../calls.js';
import type { Session } from '../session.js';
import { programHandler } from '../stub-handlers.js';
import { type Maker, recordsOf } from './registration.js';

const program =
  (kind: BpfLink['kind']): Maker =>
  (session, spec) => {
    const active = session.env.tasks.field(() => false);
    const link: BpfLink = {
      kind,
      run: (rec, context) => programHandler(session, spec, rec, context),
      get active() {
        return active.current;
      },
      set active(runs) {
        active.current = runs;
      },
      misses: 0,
    };
    const { backend, config } = session.host;
    const each = (act: (rec: DynFtrace) => Result): Result => {
      const records = recordsOf(session, spec.on);
      if (records === null) return -ERRNO[backend.layouts.stubs(config).untraced ?? 'ENOTSUPP'];
      for (const rec of records) {
        const result = act(rec);
        if (result !== 0) return result;
      }
      return 0;
    };
    return {
      register: () => each((rec) => session.bpf.attach(rec, link, argumentWords(session, rec))),
      unregister: () => each((rec) => session.bpf.detach(rec, link)),
      get nmissed() {
        return link.misses;
      },
    };
  };

export const fentry = program('fentry');
export const fexit = program('fexit');

/** Words of a program's context that the arguments of a function fill, each beginning with a new one. */
function argumentWords(session: Session, rec: DynFtrace): number {
  const { parameters } = signatureOf(session.functionNamed(rec.function));
  return parameters.reduce((words, { type }) => words + Math.ceil(type.size / 8), 0);
}
