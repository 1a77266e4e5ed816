// SPDX-License-Identifier: MIT
/** Livepatch selftests (linux 7.2 tools/testing/selftests/livepatch), and tests elsewhere below tools/testing/selftests. */
import type { Row } from './unit.js';

const sysfs = ['attributes', 'patched', 'replace-enabled', 'replace-disabled', 'stack_order'];

export const livepatch: readonly Row[] = [
  ['LP-01', 'all', 'Y', 'No livepatch while ftrace is off, and ftrace stays on with one'],
  ['LP-02', '7.2', 'Y', 'The replacement is traced'],
  ['LP-03', '7.2', 'Y', 'A traced function is livepatched'],
  ['LP-04', '7.2', 'Y', 'A kprobe with post handler keeps a livepatch out'],
  ['LP-05', '7.2', 'Y', 'A kprobe without post handler goes with a livepatch'],
  ['LP-06', 'all', 'Y', 'A function is livepatched and given back'],
  ['LP-07', 'all', 'Y', 'Livepatches of two functions come and go'],
  ['LP-08', 'all', 'Y', 'A livepatch that replaces those before it'],
  ['LP-09', '7.2', 'P module', 'A function of a module is livepatched', ['module-first', 'livepatch-first']],
  ['LP-10', 'all', 'N callbacks', 'Callbacks of livepatches', 11],
  ['LP-11', 'all', 'N other', 'Shadow variables and states', 5],
  ['LP-12', '6.12+', 'N timing', 'A system call in use is livepatched'],
  ['LP-13', 'all', 'P text', 'What sysfs tells of livepatches', sysfs],

  ['OT-01', 'all', 'N stress', 'The function tracer on and off while code is patched'],
  ['OT-02', 'all', 'N other', 'Network and other tests that use tracing', 0],
];
