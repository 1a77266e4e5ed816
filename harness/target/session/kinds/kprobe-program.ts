// SPDX-License-Identifier: MIT
/**
 * A BPF program on a kprobe or kretprobe. Registering attaches it, unregistering closes the last link made. linux 7.2
 * kernel/trace/bpf_trace.c: trace_call_bpf, perf_event_attach_bpf_prog; kernel/trace/trace_kprobe.c:
 * create_local_trace_kprobe, kprobe_perf_func; kernel/events/core.c: __perf_event_set_bpf_prog; the user's library before
 * it: tools/lib/bpf/libbpf.c bpf_program__attach_kprobe_opts.
 */
import type { Fregs } from '../../../backend/contract.js';
import { ERRNO } from '../../../backend/errno.js';
import type { KprobeProgramSpec, ProbeSpec } from '../../../case/types.js';
import { apiExists } from '../../../ftrace/api.js';
import { loadProgram } from '../../../ftrace/kprobe-multi-attach.js';
import { createKprobe, type Kprobe, type KprobePlace } from '../../../ftrace/kprobes/kprobe.js';
import type { Result } from '../../../ftrace/types.js';
import { absent } from '../../outcome.js';
import type { HandlerCall } from '../actions.js';
import { runHandler } from '../handlers.js';
import { kallsyms } from '../kallsyms.js';
import type { Session } from '../session.js';
import { evaluateIn } from '../steps.js';
import { placeOf, returnsTo } from './kprobe.js';
import type { Registration } from './registration.js';

/** One link: a kprobe of each function, or kretprobe. */
interface Link {
  readonly kprobes: readonly Kprobe[];
  close(): void;
}

/** A loaded program. */
interface Loaded {
  readonly session: Session;
  readonly spec: ProbeSpec;
  readonly how: KprobeProgramSpec;
  misses: number;
}

export function kprobeProgram(session: Session, spec: ProbeSpec, how: KprobeProgramSpec): Registration {
  const loaded: Loaded = { session, spec, how, misses: 0 };
  const links: Link[] = [];
  const without = (api: string) => (apiExists(api, session.host.config.revision) ? null : absent(api));
  return {
    register: () => {
      const made = load(loaded) || ofLibrary(loaded) || attach(loaded);
      if (typeof made === 'number') return made;
      links.push(made);
      return 0;
    },
    unregister: () => {
      const link = links.pop();
      link?.close();
      return link ? 0 : -ERRNO.EBADF;
    },
    nmissed: () => {
      const lack = without('bpf_link_info.perf_event');
      return lack ?? (links.at(-1)?.kprobes ?? []).reduce((sum, { nmissed }) => sum + nmissed, 0);
    },
    misses: () => without('bpf_prog_inc_misses_counter') ?? loaded.misses,
  };
}

const has = ({ spec }: Loaded, verb: 'set' | 'override') =>
  [...(spec.entry ?? []), ...(spec.exit ?? [])].some((action) => action.do === verb);

/** BPF_PROG_LOAD. */
function load(loaded: Loaded): Result {
  return loadProgram(loaded.session.ftrace, {
    session: false,
    sleepable: loaded.how.sleepable,
    writesContext: has(loaded, 'set'),
    overrides: has(loaded, 'override'),
    returns: null,
  });
}

/** What the library refuses: events of tracefs by address, and cookies where no link is made that could keep them. */
function ofLibrary({ how }: Loaded): Result {
  if (how.interface === 'legacy' && how.address) return -ERRNO.EOPNOTSUPP;
  const byIoctl = how.interface === 'legacy' || how.interface === 'perf';
  return byIoctl && how.cookie !== null ? -ERRNO.EOPNOTSUPP : 0;
}

/** Each function of `on`: an event with a kprobe of its own, armed as it is opened, then the program is set. */
function attach(loaded: Loaded): Result | Link {
  const { session, spec } = loaded;
  const { kprobes, kretprobes } = session;
  const opened: Kprobe[] = [];
  const undo: (() => void)[] = [];
  const close = () => {
    for (const act of undo) act();
  };
  for (const name of spec.on) {
    const place = placeOfProgram(loaded, name);
    if (typeof place === 'number') {
      close();
      return place;
    }
    const one = spec.kind === 'kprobe' ? onEntry(loaded, place) : onReturn(loaded, place);
    const kp = 'kp' in one ? one.kp : one;
    kp.disabled = true;
    const result = 'kp' in one ? kretprobes.register(one) : kprobes.register(one);
    if (result === 0)
      undo.push(() => void ('kp' in one ? kretprobes.unregister(one) : kprobes.unregister(one)));
    const failed = result || kprobes.enable(kp) || setProgram(loaded, place);
    if (failed !== 0) {
      close();
      return failed;
    }
    opened.push(kp);
  }
  return { kprobes: opened, close };
}

/** The kprobe's place, or why there is none: validate_probe_symbol(). */
function placeOfProgram({ session, spec, how }: Loaded, name: string): KprobePlace | Result {
  const fn = session.functionNamed(name);
  if (how.address) return { ...placeOf(session, name, spec.offset), byAddress: true };
  const symbol = symbolNamed(session, how.symbol ?? fn.spec?.symbol ?? name);
  if (typeof symbol === 'number')
    // As the parser of definitions has it, before the kprobe is tried.
    return how.interface === 'legacy' && session.host.config.revision !== '6.1' ? -ERRNO.EINVAL : symbol;
  return placeOf(session, symbol.function, spec.offset);
}

/**
 * number_of_same_symbols(): those of the kernel and of modules alike before 7.2, which looks for those of the kernel first.
 */
function symbolNamed(session: Session, text: string): { readonly function: string } | Result {
  const colon = text.indexOf(':');
  const name = text.slice(colon + 1);
  const all = kallsyms(session).filter((symbol) => symbol.name === name);
  const ofKernel = all.filter(({ module }) => !module);
  const ofModules = all.filter(({ module }) => module);
  const first = session.host.config.revision === '7.2' && ofKernel.length > 0;
  const found = colon >= 0 ? ofModules : first ? ofKernel : all;
  const count = found.reduce((sum, { address }) => sum + 1 + namesakes(session, address), 0);
  if (count > 1) return -ERRNO.EADDRNOTAVAIL;
  const [only] = found;
  return only ? { function: session.book.functionAt(only.address)?.name ?? name } : -ERRNO.ENOENT;
}

function namesakes(session: Session, address: bigint): number {
  return session.book.functionAt(address)?.spec?.namesakes ?? 0;
}

/** __perf_event_set_bpf_prog(), perf_event_attach_bpf_prog(). */
function setProgram(loaded: Loaded, place: KprobePlace): Result {
  const { session, how, spec } = loaded;
  if (how.sleepable || has(loaded, 'set')) return -ERRNO.EINVAL;
  if (!has(loaded, 'override')) return 0;
  const injectable = session.book.functionAt(place.symbol)?.spec?.errorInjection ?? false;
  return injectable && spec.offset === 0 ? 0 : -ERRNO.EINVAL;
}

/** kprobe_perf_func(): a program that has moved the instruction pointer is taken at its word. */
function onEntry(loaded: Loaded, place: KprobePlace): Kprobe {
  const { session, spec } = loaded;
  const api = session.host.backend.kprobes.regs;
  return createKprobe(
    spec.name,
    place,
    (self, regs) => {
      const before = api.getInstructionPointer(regs);
      const ip = session.kprobes.hitAt(self);
      run(loaded, { when: 'entry', ip, parentIp: returnsTo(session, regs), fregs: regs });
      return api.getInstructionPointer(regs) !== before;
    },
    null,
  );
}

function onReturn(loaded: Loaded, place: KprobePlace) {
  const { session, spec } = loaded;
  return session.kretprobes.create(
    spec.name,
    place,
    { dataSize: 0, maxActive: 0 },
    {
      entry: null,
      exit: ({ ip, regs, retAddr }) => run(loaded, { when: 'exit', ip, parentIp: retAddr, fregs: regs }),
    },
  );
}

/** trace_call_bpf(). */
function run(
  loaded: Loaded,
  call: Pick<HandlerCall, 'when' | 'ip' | 'parentIp'> & { readonly fregs: Fregs },
): void {
  const { session, spec } = loaded;
  const actions = (call.when === 'entry' ? spec.entry : spec.exit) ?? [];
  const ran = session.progActive.run(() =>
    runHandler(session, spec, actions, { ...call, view: 'pt_regs', cookie: cookieOf(loaded) }),
  );
  if (ran !== null) return;
  if (apiExists('bpf_prog_inc_misses_counter', session.host.config.revision)) loaded.misses++;
  session.event(`${spec.name} is skipped`, 'another program runs');
}

function cookieOf({ session, how }: Loaded): bigint {
  const value = how.cookie ? evaluateIn(session, how.cookie, new Map()) : 0n;
  return typeof value === 'bigint' ? BigInt.asUintN(64, value) : 0n;
}
