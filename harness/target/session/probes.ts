// SPDX-License-Identifier: MIT
/** The probes of a case: what its steps ask of them, by name. Each kind has a file in kinds/. */

import { ERRNO } from '../../backend/errno.js';
import type { ProbeKind } from '../../case/types.js';
import { CaseProblem } from './host.js';
import { direct } from './kinds/direct.js';
import { event } from './kinds/event.js';
import { fprobe } from './kinds/fprobe.js';
import { graph } from './kinds/graph.js';
import { kprobe } from './kinds/kprobe.js';
import { kprobeProgram } from './kinds/kprobe-program.js';
import { kretprobe } from './kinds/kretprobe.js';
import { livepatch } from './kinds/livepatch.js';
import { kprobeMulti, kprobeSession, kretprobeMulti } from './kinds/multi.js';
import { ops } from './kinds/ops.js';
import { perf } from './kinds/perf.js';
import { fentry, fexit, fmodRet, fsession } from './kinds/program.js';
import { ipsOf, type LinkInfo, type Maker, type Registration, recordsOf } from './kinds/registration.js';
import { tracer } from './kinds/tracer.js';
import { fentryMulti, fexitMulti, fsessionMulti } from './kinds/tracing-multi.js';
import type { Session } from './session.js';

const makers: Readonly<Record<ProbeKind, Maker>> = {
  ops,
  graph,
  fprobe,
  kprobe,
  kretprobe,
  direct,
  fentry,
  fmod_ret: fmodRet,
  fexit,
  fsession,
  livepatch,
  tracer,
  event,
  fentry_multi: fentryMulti,
  fexit_multi: fexitMulti,
  fsession_multi: fsessionMulti,
  kprobe_multi: kprobeMulti,
  kretprobe_multi: kretprobeMulti,
  kprobe_session: kprobeSession,
  perf,
};

export class Probes {
  readonly #made = new Map<string, Registration>();
  /** Which probe an event's definition belongs to. */
  readonly names = new Map<object, string>();

  constructor(readonly session: Session) {}

  register(name: string): number {
    return this.#get(name).register();
  }

  unregister(name: string): number {
    return this.#get(name).unregister();
  }

  enable(name: string): number {
    return this.#can(name, 'setDisabled', 'enabled').call(null, false);
  }

  disable(name: string): number {
    return this.#can(name, 'setDisabled', 'disabled').call(null, true);
  }

  filter(
    name: string,
    hash: 'filter' | 'notrace',
    change: 'set' | 'add' | 'remove',
    functions: readonly string[],
  ): number {
    const { filter, notrace } = this.#can(name, 'hashes', 'filtered').call(null);
    const records = recordsOf(this.session, functions);
    if (records === null) return -ERRNO.EINVAL;
    const changed = new Set(change === 'set' ? [] : { filter, notrace }[hash]);
    for (const ip of ipsOf(records)) {
      if (change !== 'remove') changed.add(ip);
      else if (!changed.delete(ip)) return -ERRNO.ENOENT;
    }
    return this.#can(name, 'setHashes', 'filtered').call(null, { filter, notrace, [hash]: changed });
  }

  modifyDirect(name: string, to: string): number {
    this.#can(to, 'trampoline', 'called directly');
    return this.#can(name, 'modify', 'modified').call(null, this.#get(to));
  }

  /** A text where this kernel does not tell. */
  counter(name: string, counter: 'nmissed' | 'misses' | 'run_cnt'): number | string {
    return this.#can(
      name,
      counter,
      counter === 'run_cnt' ? 'asked for its runs' : 'asked for missed calls',
    ).call(null);
  }

  linkInfo(name: string): LinkInfo | number {
    return this.#can(name, 'linkInfo', 'asked for its link').call(null);
  }

  nameOf(definition: object): string {
    return this.names.get(definition) ?? 'unknown';
  }

  #get(name: string): Registration {
    const made = this.#made.get(name) ?? this.#make(name);
    this.#made.set(name, made);
    return made;
  }

  #make(name: string): Registration {
    const spec = this.session.spec.probes.find((probe) => probe.name === name);
    if (!spec) throw new CaseProblem(`no probe ${name}`);
    return spec.program
      ? kprobeProgram(this.session, spec, spec.program)
      : makers[spec.kind](this.session, spec);
  }

  /** What only some kinds have. */
  #can<K extends keyof Registration>(name: string, what: K, said: string): NonNullable<Registration[K]> {
    const has = this.#get(name)[what];
    if (has === undefined) throw new CaseProblem(`${name} cannot be ${said}: it is of another kind`);
    return has as NonNullable<Registration[K]>;
  }
}
