// SPDX-License-Identifier: MIT
/** A kprobe, or several registered together. linux 7.2 kernel/kprobes.c: register_kprobe, register_kprobes. */
import type { Fregs } from '../../../backend/contract.js';
import { createKprobe, type Kprobe } from '../../../ftrace/kprobes/kprobe.js';
import { allOrNone } from '../../../ftrace/kprobes/kprobes.js';
import type { Result } from '../../../ftrace/types.js';
import { absent } from '../../outcome.js';
import { runHandler } from '../handlers.js';
import { CaseProblem } from '../host.js';
import type { Session } from '../session.js';
import type { Maker } from './registration.js';

/** Where a function whose entry has these registers returns to: what a kretprobe would replace. */
export function returnsTo({ host }: Session, regs: Fregs): bigint | string {
  const { rethook } = host.backend;
  return rethook
    ? host.machine.loadWord(rethook.prepare(regs, false).slot, 8)
    : absent('arch_rethook_prepare');
}

/** Where a probe is asked for. @throws CaseProblem where the models have no instruction that could be probed */
export function placeOf(session: Session, name: string, offset: number): { symbol: bigint; offset: number } {
  const { symbol, shape } = session.functionNamed(name);
  if (!shape) throw new CaseProblem(`${name} is notrace: the models know no instruction of it`);
  if (offset >= shape.resume)
    throw new CaseProblem(
      `${name}+${offset} is in the body: the models know the instructions of call sites only`,
    );
  return { symbol, offset };
}

/** As users do with a structure that is to be registered again. */
export function forget(kprobe: Kprobe): void {
  kprobe.addr = null;
  kprobe.disabled = false;
  kprobe.gone = false;
}

/** Of each until one fails. */
export function each<T>(all: readonly T[], act: (one: T) => Result): Result {
  for (const one of all) {
    const result = act(one);
    if (result !== 0) return result;
  }
  return 0;
}

export const kprobe: Maker = (session, spec) => {
  const { kprobes } = session;
  const { entry, post } = spec;
  const call = (when: 'entry' | 'post', self: Kprobe, regs: Fregs) =>
    ({
      when,
      ip: kprobes.hitAt(self),
      parentIp: returnsTo(session, regs),
      fregs: regs,
      view: 'pt_regs',
    }) as const;
  const all = spec.on.map((name) =>
    createKprobe(
      spec.name,
      placeOf(session, name, spec.offset),
      entry && ((self, regs) => runHandler(session, spec, entry, call('entry', self, regs))),
      post && ((self, regs) => void runHandler(session, spec, post, call('post', self, regs))),
    ),
  );
  let registered = false;
  return {
    register: () => {
      if (!registered) {
        for (const one of all) {
          forget(one);
          one.disabled = spec.flags.includes('DISABLED');
        }
      }
      const result = allOrNone(all, kprobes);
      registered ||= result === 0;
      return result;
    },
    unregister: () => {
      registered = false;
      return each(all, (one) => kprobes.unregister(one));
    },
    setDisabled: (disabled) => each(all, (one) => (disabled ? kprobes.disable(one) : kprobes.enable(one))),
    nmissed: () => all.reduce((sum, { nmissed }) => sum + nmissed, 0),
  };
};
