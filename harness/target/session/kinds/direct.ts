// SPDX-License-Identifier: MIT
/** A direct call to a trampoline of its own, by either generation of the API. linux 7.2 kernel/trace/ftrace.c: register_ftrace_direct. */
import { ERRNO } from '../../../backend/errno.js';
import type { ProbeSpec } from '../../../case/types.js';
import { apiExists } from '../../../ftrace/api.js';
import { OPS } from '../../../ftrace/flags.js';
import type { DynFtrace, Result } from '../../../ftrace/types.js';
import { CaseProblem } from '../host.js';
import type { Session } from '../session.js';
import { directHandler } from '../stub-handlers.js';
import type { Maker, Registration } from './registration.js';

const MIB = 0x10_0000n;

export const direct: Maker = (session, spec) => {
  const image = session.spec.probes.filter(({ kind }) => kind === 'direct').indexOf(spec);
  const near = trampolineOf(session, image, spec);
  const body = () => {
    directHandler(session, spec);
    return undefined;
  };
  const far = spec.far !== false && near !== 0n;
  const trampoline = far ? session.farDirect(image, body, limitOf(session, spec)) : near;
  if (!far) session.env.cFunction(`direct_func_${image}`, body);
  const records = () => spec.on.map((name) => session.ftrace.records.get(session.functionNamed(name).ip));
  return apis[spec.api](session, spec.name, records, trampoline);
};

/** Exactly as far from rec->ip of its function as the case says. */
function limitOf(session: Session, { far, on: [name = ''] }: ProbeSpec): bigint | undefined {
  return typeof far === 'number' ? session.functionNamed(name).ip + BigInt(far) * MIB : undefined;
}

/** The entry of its trampoline, bit 0 set for one that is jumped to. */
function trampolineOf(session: Session, image: number, { jmp, on }: ProbeSpec): bigint {
  const { config, backend, symbols, machine } = session.host;
  // A kernel without direct calls has no trampolines, and refuses to register any.
  if (!config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS')) return 0n;
  const found = (name: string) => {
    const address = symbols.get(name);
    if (address === undefined) throw new CaseProblem('more direct probes than the back-end has trampolines');
    return address;
  };
  const stub = `direct_tramp_${image}`;
  if (!jmp) return found(stub);
  const { jump } = backend.layouts.stubs(config);
  const [name, second] = on;
  if (!jump) throw new CaseProblem('nothing is jumped to here: let the case require DYNAMIC_FTRACE_WITH_JMP');
  if (name === undefined || second !== undefined)
    throw new CaseProblem('a trampoline that is jumped to knows one function');
  machine.storeWord(found(`${stub}${jump.body}`), 8, session.functionNamed(name).body);
  return found(`${stub}${jump.suffix}`) | 1n;
}

type Api = (
  session: Session,
  name: string,
  /** `undefined`: no call site. */
  records: () => (DynFtrace | undefined)[],
  trampoline: bigint,
) => Registration;

/** struct ftrace_ops with one trampoline for all functions of its filter. */
const byOps: Api = ({ ftrace, direct }, name, records, trampoline) => {
  const ops = direct.createOps(name);
  return {
    register: () => {
      const sites = records();
      if (!sites.every((rec) => rec !== undefined)) return -ERRNO.EINVAL;
      if (!(ops.flags & OPS.ENABLED)) {
        const result = ftrace.setHash(ops, new Set(sites.map(({ ip }) => ip)), new Set());
        if (result !== 0) return result;
      }
      return direct.register(ops, trampoline);
    },
    unregister: () => direct.unregister(ops),
    trampoline,
    modify: (to) => direct.modify(ops, to.trampoline ?? 0n),
  };
};

/** By address, function for function. */
const byIp: Api = (session, _name, records, trampoline) => {
  needs(session, 'ftrace_modify_direct_caller');
  const { direct } = session;
  let address = trampoline;
  const each = (act: (rec: DynFtrace | undefined) => Result) => {
    for (const rec of records()) {
      const result = act(rec);
      if (result !== 0) return result;
    }
    return 0;
  };
  return {
    register: () => {
      address = trampoline;
      return each((rec) => direct.registerAt(rec, trampoline));
    },
    unregister: () => each((rec) => direct.unregisterAt(rec)),
    trampoline,
    modify: (to) => {
      const next = to.trampoline ?? 0n;
      const result = each((rec) => direct.modifyAt(rec, address, next));
      if (result === 0) address = next;
      return result;
    },
  };
};

/** One ops of all such probes of a case, as the BPF trampolines have it: update_ftrace_direct_add() and its like. */
const byHash: Api = (session, _name, records, trampoline) => {
  needs(session, 'update_ftrace_direct_add');
  const { direct } = session;
  const ops = session.directOps();
  let address = trampoline;
  const hash = (to: bigint) => new Map(records().flatMap((rec) => (rec ? [[rec.ip, to] as const] : [])));
  return {
    register: () => {
      address = trampoline;
      return direct.add(ops, hash(trampoline));
    },
    unregister: () => direct.del(ops, hash(address)),
    trampoline,
    modify: (to) => {
      const next = to.trampoline ?? 0n;
      const result = direct.mod(ops, hash(next));
      if (result === 0) address = next;
      return result;
    },
  };
};

const apis = { ops: byOps, ip: byIp, hash: byHash } as const;

function needs({ host }: Session, api: string): void {
  if (!apiExists(api, host.config.revision))
    throw new CaseProblem(`this kernel has no ${api}: let the case require it`);
}
