// SPDX-License-Identifier: MIT
/** The functions of a case by name, as the kernel and tools of user space find them. */
import { apiExists } from '../../ftrace/api.js';
import type { Kallsym } from '../../ftrace/kprobe-multi-attach.js';
import type { Session } from './session.js';

export function kallsyms(session: Session): Kallsym[] {
  return session.spec.functions.map(({ name, symbol, module, errorInjection }) => {
    return { name: symbol, address: session.functionNamed(name).symbol, module, errorInjection };
  });
}

/** available_filter_functions; from 6.12 on with the addresses of the records, which stand in a file of their own. */
export function availableFunctions(session: Session): Pick<Kallsym, 'name' | 'address'>[] {
  const sites = apiExists('available_filter_functions_addrs', session.host.config.revision);
  return session.spec.functions
    .filter(({ traceable }) => traceable)
    .map(({ name, symbol }) => {
      const fn = session.functionNamed(name);
      return { name: symbol, address: sites ? fn.ip : fn.symbol };
    });
}
