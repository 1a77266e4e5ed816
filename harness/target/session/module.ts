// SPDX-License-Identifier: MIT
/**
 * Modules. Those out of reach have entries to jump to the trampolines by. The functions with `module` may leave the kernel:
 * kprobes there are killed, then their records go. linux 7.2 kernel/module/main.c delete_module; kernel/kprobes.c
 * kprobes_module_callback; kernel/trace/ftrace.c ftrace_release_mod.
 */
import type { ModuleText } from '../../backend/contract.js';
import { type Fn, RETURN_BYTES, RETURN_NAMES } from './address-book.js';
import { CaseProblem } from './host.js';
import type { Session } from './session.js';

/** The return instruction of a function in a text that is not assembled. */
export function layApart({ host, env }: Session, fn: Fn): void {
  const from = env.symbol(RETURN_NAMES[0] ?? '');
  host.machine.copyText(from, from + RETURN_BYTES, fn.returnAt, new Map());
}

/** The entries of a module out of reach (module_finalize). */
export function loadModule({ host, env }: Session, module: ModuleText): void {
  const { machine, config, backend } = host;
  const { symbol } = env;
  for (const { address, bytes } of backend.callsite.modulePlts?.({ machine, config, symbol }, module) ?? [])
    machine.store(address, bytes);
}

/** @throws CaseProblem where something but kprobes is on a function of the module: what becomes of that is not modelled */
export function unloadModule(session: Session): void {
  const { ftrace, kprobes, processor } = session;
  const names = session.spec.functions.filter(({ module }) => module).map(({ name }) => name);
  const functions = names.map((name) => session.functionNamed(name));
  const running = functions.find((fn) => processor.calls.running.some((call) => call.fn === fn));
  if (running) throw new CaseProblem(`${running.name} runs: its module is in use`);
  const within = (address: bigint) =>
    functions.some(({ symbol, body }) => address >= symbol && address <= body);
  kprobes.moduleGoing(within);
  for (const { name, ip, symbol } of functions) {
    if (ftrace.records.get(ip)?.count)
      throw new CaseProblem(`more than kprobes is on ${name}, whose module goes`);
    ftrace.releaseRecord(symbol);
  }
  session.book.forget(functions);
}
