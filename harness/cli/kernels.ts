// SPDX-License-Identifier: MIT
/** `kernels`: Debian's kernels for the checks against real ones. `fetch` is the only thing here that downloads. */
import { EXIT } from '../compare/exit-codes.js';
import { Problem } from '../plan/problem.js';
import type { Invocation } from './invocation.js';

/** @throws Problem, VmlinuxError */
export async function kernels(invocation: Invocation): Promise<number> {
  const [action = ''] = invocation.arguments;
  switch (action) {
    case 'fetch':
      return (await import('./kernels-fetch.js')).fetchKernels(invocation);
    case 'list':
      return (await import('./kernels-list.js')).listStored(invocation);
    default:
      throw new Problem(`no action ${action}\nactions: fetch, list`, EXIT.usage);
  }
}
