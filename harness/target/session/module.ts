// SPDX-License-Identifier: MIT
/**
 * The functions with `module` leave the kernel: kprobes there are killed, then their records go. linux 7.2
 * kernel/module/main.c delete_module; kernel/kprobes.c kprobes_module_callback; kernel/trace/ftrace.c ftrace_release_mod.
 */
import { CaseProblem } from './host.js';
import type { Session } from './session.js';

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
