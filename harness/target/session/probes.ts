// SPDX-License-Identifier: MIT
/** The probes of a case: from their declaration to registrations in the ftrace core. */

import type { Fregs } from '../../backend/contract.js';
import { ERRNO } from '../../backend/errno.js';
import type { Action, ProbeSpec } from '../../case/types.js';
import { apiExists } from '../../ftrace/api.js';
import type { BpfLink } from '../../ftrace/bpf.js';
import { OPS } from '../../ftrace/flags.js';
import type { Fprobe } from '../../ftrace/fprobe.js';
import type { GraphOps } from '../../ftrace/graph/fgraph.js';
import type { DynFtrace, FtraceOps } from '../../ftrace/types.js';
import { absent } from '../outcome.js';
import type { HandlerCall } from './actions.js';
import { signatureOf } from './calls.js';
import { runHandler } from './handlers.js';
import { CaseProblem } from './host.js';
import type { Session } from './session.js';
import { directHandler, programHandler } from './stub-handlers.js';

type Registered =
  | { readonly kind: 'ops'; readonly ops: FtraceOps }
  | { readonly kind: 'graph'; readonly gops: GraphOps }
  | { readonly kind: 'fprobe'; readonly fprobe: Fprobe }
  | { readonly kind: 'direct'; readonly ops: FtraceOps; readonly trampoline: bigint }
  | { readonly kind: 'fentry' | 'fexit'; readonly link: BpfLink };

export class Probes {
  readonly #specs: ReadonlyMap<string, ProbeSpec>;
  readonly #made = new Map<string, Registered>();
  #directs = 0;

  constructor(readonly session: Session) {
    this.#specs = new Map(session.spec.probes.map((probe) => [probe.name, probe]));
  }

  // ---------------------------------------------------------------------------------------- API calls

  register(name: string): number {
    const spec = this.#spec(name);
    const probe = this.#get(name);
    const { session } = this;
    const filter = this.#records(spec.on);
    const notrace = this.#records(spec.notrace);
    switch (probe.kind) {
      case 'ops':
      case 'direct': {
        if (filter === null || notrace === null) return -ERRNO.EINVAL;
        if (!(probe.ops.flags & OPS.ENABLED)) {
          const result = session.ftrace.setHash(probe.ops, ips(filter), ips(notrace));
          if (result !== 0) return result;
        }
        return probe.kind === 'ops'
          ? session.ftrace.register(probe.ops)
          : session.direct.register(probe.ops, probe.trampoline);
      }
      case 'graph': {
        if (filter === null || notrace === null) return -ERRNO.EINVAL;
        if (!(probe.gops.ops.flags & OPS.GRAPH)) session.graph.setHash(probe.gops, ips(filter), ips(notrace));
        return session.graph.register(probe.gops);
      }
      case 'fprobe': {
        if (filter === null || notrace === null) return -ERRNO.ENOENT;
        const all = spec.on.length === 0 ? [...session.ftrace.records.values()] : filter;
        const excluded = ips(notrace);
        return session.fprobes.register(
          probe.fprobe,
          new Set([...ips(all)].filter((ip) => !excluded.has(ip))),
        );
      }
      default:
        return this.#eachRecord(filter, (rec) =>
          session.bpf.attach(rec, probe.link, argumentWords(session, rec)),
        );
    }
  }

  unregister(name: string): number {
    const probe = this.#get(name);
    const { session } = this;
    switch (probe.kind) {
      case 'ops':
        return session.ftrace.unregister(probe.ops);
      case 'direct':
        return session.direct.unregister(probe.ops);
      case 'graph':
        return session.graph.unregister(probe.gops);
      case 'fprobe':
        return session.fprobes.unregister(probe.fprobe);
      default:
        return this.#eachRecord(this.#records(this.#spec(name).on), (rec) =>
          session.bpf.detach(rec, probe.link),
        );
    }
  }

  enable(name: string): number {
    return this.#setDisabled(name, false);
  }

  disable(name: string): number {
    return this.#setDisabled(name, true);
  }

  filter(
    name: string,
    hash: 'filter' | 'notrace',
    change: 'set' | 'add' | 'remove',
    functions: readonly string[],
  ): number {
    const probe = this.#get(name);
    const ops = probe.kind === 'ops' ? probe.ops : probe.kind === 'graph' ? probe.gops.ops : null;
    if (!ops) throw new CaseProblem(`the filter of ${name} cannot be changed: it is no ops or graph probe`);
    const records = this.#records(functions);
    if (records === null) return -ERRNO.EINVAL;
    const changed = new Set(change === 'set' ? [] : ops[hash]);
    for (const { ip } of records) {
      if (change !== 'remove') changed.add(ip);
      else if (!changed.delete(ip)) return -ERRNO.ENOENT;
    }
    const next = { filter: ops.filter, notrace: ops.notrace, [hash]: changed };
    return probe.kind === 'graph'
      ? this.session.graph.setHash(probe.gops, next.filter, next.notrace)
      : this.session.ftrace.setHash(ops, next.filter, next.notrace);
  }

  modifyDirect(name: string, to: string): number {
    const probe = this.#get(name);
    const other = this.#get(to);
    if (probe.kind !== 'direct' || other.kind !== 'direct')
      throw new CaseProblem('modify_direct needs two direct probes');
    return this.session.direct.modify(probe.ops, other.trampoline);
  }

  nmissed(name: string): number {
    const probe = this.#get(name);
    if (probe.kind !== 'fprobe') throw new CaseProblem(`${name} has no nmissed: it is no fprobe`);
    return probe.fprobe.nmissed;
  }

  // --------------------------------------------------------------------------------------- construction

  #spec(name: string): ProbeSpec {
    const spec = this.#specs.get(name);
    if (!spec) throw new CaseProblem(`no probe ${name}`);
    return spec;
  }

  /** Records of the named functions; `null` when one has no call site. */
  #records(functions: readonly string[]): DynFtrace[] | null {
    const found = functions.map((name) =>
      this.session.ftrace.records.get(this.session.functionNamed(name).ip),
    );
    return found.every((rec) => rec !== undefined) ? found : null;
  }

  #eachRecord(records: readonly DynFtrace[] | null, act: (rec: DynFtrace) => number): number {
    if (records === null) return -ERRNO.ENOTSUPP;
    for (const rec of records) {
      const result = act(rec);
      if (result !== 0) return result;
    }
    return 0;
  }

  #setDisabled(name: string, disabled: boolean): number {
    const probe = this.#get(name);
    if (probe.kind !== 'fprobe')
      throw new CaseProblem(`${name} cannot be ${disabled ? 'disabled' : 'enabled'}: it is no fprobe`);
    probe.fprobe.disabled = disabled;
    return 0;
  }

  #get(name: string): Registered {
    const made = this.#made.get(name) ?? this.#make(this.#spec(name));
    this.#made.set(name, made);
    return made;
  }

  #make(spec: ProbeSpec): Registered {
    const { session } = this;
    switch (spec.kind) {
      case 'ops':
        return { kind: 'ops', ops: this.#makeOps(spec) };
      case 'graph':
        return { kind: 'graph', gops: this.#makeGraph(spec) };
      case 'fprobe':
        return { kind: 'fprobe', fprobe: this.#makeFprobe(spec) };
      case 'direct': {
        const image = this.#directs++;
        // A kernel without direct calls has none of them, and refuses to register any.
        const none = session.host.config.has('DYNAMIC_FTRACE_WITH_DIRECT_CALLS') ? undefined : 0n;
        const trampoline = session.host.symbols.get(`direct_tramp_${image}`) ?? none;
        if (trampoline === undefined)
          throw new CaseProblem('more direct probes than the back-end has trampolines');
        session.env.cFunction(`direct_func_${image}`, () => {
          directHandler(session, spec);
          return undefined;
        });
        return { kind: 'direct', ops: session.direct.createOps(spec.name), trampoline };
      }
      case 'fentry':
      case 'fexit': {
        const { kind } = spec;
        return { kind, link: { kind, run: (rec, context) => programHandler(session, spec, rec, context) } };
      }
    }
  }

  /** Callbacks that do not ask for the RECURSION assist take the lock themselves, as in-kernel users do. */
  #makeOps(spec: ProbeSpec): FtraceOps {
    const { session } = this;
    const flags = spec.flags.reduce((bits, flag) => bits | OPS[flag as keyof typeof OPS], 0);
    const own = !(flags & OPS.RECURSION);
    return session.ftrace.createOps(
      spec.name,
      (ip, parentIp, _op, fregs) => {
        const bit = own ? session.ftrace.recursion.trylock('FTRACE') : null;
        if (own && bit === null) return;
        try {
          this.#handle(spec, spec.entry, { when: 'entry', ip, parentIp, fregs, view: 'ftrace_regs' });
        } finally {
          if (bit !== null) session.ftrace.recursion.unlock(bit);
        }
      },
      flags,
    );
  }

  #makeGraph(spec: ProbeSpec): GraphOps {
    const { session } = this;
    const { accessors } = session.host.backend;
    const { stack } = session.graph;
    const exit = spec.exit;
    const told = absent('function_graph_enter_regs');
    const given = (fregs: Fregs | null) =>
      ({ fregs, view: fregs === null ? 'none' : 'ftrace_regs' }) as const;
    return session.graph.createOps(spec.name, {
      entry: ({ func, depth }, gops, fregs) => {
        // Not from fregs: what the frame just pushed will return to, as for the tracer's funcgraph-retaddr.
        const parentIp = fregs === null ? told : stack.frame(stack.frameStart()).ret;
        return !this.#handle(spec, spec.entry, {
          when: 'entry',
          ip: func,
          parentIp,
          ...given(fregs),
          gops,
          depth,
        });
      },
      exit:
        exit === null
          ? null
          : ({ func, depth, retval }, gops, fregs) => {
              const parentIp = fregs === null ? told : accessors.getInstructionPointer(fregs);
              const call = {
                when: 'exit',
                ip: func,
                parentIp,
                ...given(fregs),
                gops,
                depth,
                retval,
              } as const;
              this.#handle(spec, exit, call);
            },
    });
  }

  #makeFprobe(spec: ProbeSpec): Fprobe {
    const { entry, exit } = spec;
    const { revision } = this.session.host.config;
    const view = apiExists('ftrace_partial_regs', revision) ? 'ftrace_regs' : 'pt_regs';
    // 6.1's handlers are not told where the function returns to.
    const told = (retIp: bigint) =>
      apiExists('fprobe_entry_cb', revision) ? retIp : absent('fprobe_entry_cb');
    return this.session.fprobes.create({
      name: spec.name,
      dataSize: spec.dataSize,
      maxActive: spec.maxActive,
      disabled: spec.flags.includes('DISABLED'),
      entry:
        entry === null
          ? null
          : ({ ip, retIp, fregs, data }) =>
              this.#handle(spec, entry, { when: 'entry', ip, parentIp: told(retIp), fregs, view, data })
                ? 1
                : 0,
      exit:
        exit === null
          ? null
          : ({ ip, retIp, fregs, data }) => {
              this.#handle(spec, exit, { when: 'exit', ip, parentIp: told(retIp), fregs, view, data });
            },
    });
  }

  #handle(spec: ProbeSpec, actions: readonly Action[] | null, call: HandlerCall): boolean {
    return actions === null ? false : runHandler(this.session, spec, actions, call);
  }
}

function ips(records: readonly DynFtrace[]): Set<bigint> {
  return new Set(records.map(({ ip }) => ip));
}

/** Words of a program's context that the arguments of a function fill, each beginning with a new one. */
function argumentWords(session: Session, rec: DynFtrace): number {
  const { parameters } = signatureOf(session.functionNamed(rec.function));
  return parameters.reduce((words, { type }) => words + Math.ceil(type.size / 8), 0);
}
