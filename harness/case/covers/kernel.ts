// SPDX-License-Identifier: MIT
/**
 * Tests and samples that are built with the kernel: boot self-tests (linux 7.2 kernel/trace/trace_selftest.c), KUnit tests of
 * fprobe (lib/tests/test_fprobe.c), of kprobes (lib/tests/test_kprobes.c) and of architectures, and samples.
 */
import type { Row } from './unit.js';

const unwinds = ['plain', 'sp', 'regs', 'sp-regs'];

export const kernel: readonly Row[] = [
  ['ST-01', 'all', 'P timing', 'The function tracer on every function fills its buffer'],
  ['ST-02', 'all', 'Y', 'A filter of one function: nothing before the call, one entry after it'],
  ['ST-03', 'all', 'Y', 'Callbacks with filters beside the tracer, a dynamic one, a filter that shrinks'],
  ['ST-04', 'all', 'Y', 'Callbacks with filters, the ops of a trace array registered last'],
  ['ST-05', 'all', 'Y', 'A callback with RECURSION that calls its function is entered once or twice'],
  ['ST-06', 'all', 'Y', 'A callback that takes the lock itself and calls its function is entered again once'],
  ['ST-07', 'all', 'Y', 'SAVE_REGS gives registers, or is refused, or gives none where only wished for'],
  ['ST-08', 'all', 'P timing', 'The graph tracer on every function fills its buffer and does not hang'],
  ['ST-09', 'all', 'Y', 'A direct call and the graph tracer on one function'],
  ['ST-10', '6.12+', 'Y', 'A graph probe finds the 1 byte that it stored at entry'],
  ['ST-11', '6.12+', 'Y', 'A graph probe finds the 2 bytes that it stored at entry'],
  ['ST-12', '6.12+', 'Y', 'A graph probe finds the 4 bytes that it stored at entry'],
  ['ST-13', '6.12+', 'Y', 'A graph probe finds the 8 bytes that it stored at entry'],
  ['ST-14', '6.12+', 'Y', 'Four graph probes on one function each find what they stored'],
  ['ST-15', 'all', 'Y', 'A kprobe event and a kretprobe event on a sum of six integers are each hit once'],
  ['ST-16', 'all', 'N stress', 'Every trace event is switched on and off under an unfiltered callback'],
  ['ST-17', 'all', 'N timing', 'The tracer of sections with interrupts off has a longest one'],
  ['ST-18', 'all', 'N timing', 'The tracer of sections with preemption off has a longest one'],
  ['ST-19', 'all', 'N timing', 'The tracer of sections with either off has a longest one'],
  ['ST-20', 'all', 'N timing', 'The wake-up tracer follows a real-time thread'],
  ['ST-21', 'all', 'P no observation', 'kprobe events are made and removed through the in-kernel interface'],

  ['FP-01', 'all', 'Y', 'An entry-only fprobe on two functions; none can be unregistered before'],
  ['FP-02', 'all', 'Y', 'An fprobe with exit handler sees the return values of two functions'],
  ['FP-03', 'all', 'Y', 'An fprobe with exit handler, registered by a list of symbols'],
  ['FP-04', '6.12+', 'Y', 'Entry data of 4 bytes reach the exit handler'],
  ['FP-05', '6.12', 'Y', 'With room for one call a nested one is missed and counted'],
  ['FP-06', '6.12+', 'Y', 'An entry handler that declines: no exit, and no miss is counted'],
  ['FP-07', '7.2', 'Y', 'An entry-only fprobe and one with exit on one function, in both orders'],

  ['KP-01', 'all', 'Y', 'A kprobe with pre and post handler'],
  ['KP-02', 'all', 'Y', 'Two kprobes registered as an array'],
  ['KP-03', '6.12+', 'Y', 'A kprobe hit by its own handlers counts two misses'],
  ['KP-04', 'all', 'Y', 'A kretprobe with entry handler sees argument and return value'],
  ['KP-05', 'all', 'Y', 'Two kretprobes registered as an array'],
  ['KP-06', 'all', 'P unwind', 'A stack trace in the handler of a kretprobe has the true return address'],
  ['KP-07', 'all', 'P unwind', 'A stack trace in the handlers of two nested kretprobes'],

  ['AR-01', 'all', 'P instruction lengths', 's390: no kprobe at an odd address'],
  ['AR-02', 'all', 'P instruction lengths', 's390: no kprobe inside of an instruction of 4 bytes'],
  ['AR-03', 'all', 'P instruction lengths', 's390: no kprobe at the first half of one of 6 bytes'],
  ['AR-04', 'all', 'P instruction lengths', 's390: no kprobe at the second half of one of 6 bytes'],
  ['AR-05', 'all', 'P unwind', 's390: a stack trace in a kprobe on ftrace', unwinds],
  ['AR-06', 'all', 'P unwind', 's390: a stack trace in a callback with SAVE_REGS', unwinds],
  ['AR-07', 'all', 'P unwind', 's390: a stack trace through a function with a kretprobe', unwinds],
  ['AR-08', 'all', 'P unwind', 's390: a stack trace in the handler of a kretprobe', unwinds],
  ['AR-09', 'all', 'N unwinder only', 's390: stack traces of tasks, interrupts and program checks', 23],
  ['AR-10', '7.2', 'N instruction emulation', 'riscv: kprobes on single instructions leave results alone'],

  ['SM-01', '6.12+', 'Y', 'Many callbacks: those with the function count each call, the others none'],
  ['SM-02', 'all', 'Y', 'A direct trampoline with one argument'],
  ['SM-03', 'all', 'Y', 'A direct trampoline with four arguments'],
  ['SM-04', 'all', 'Y', 'Two direct trampolines swapped on one function'],
  ['SM-05', 'all', 'Y', 'One direct trampoline on two functions, which it tells apart'],
  ['SM-06', 'all', 'Y', 'Two direct trampolines swapped on two functions'],
  ['SM-07', 'all', 'Y', 'An fprobe by symbol, by a list of symbols, by pattern'],
  ['SM-08', 'all', 'P text', 'A kprobe prints what its handlers see'],
  ['SM-09', 'all', 'Y', 'A kretprobe with data of 8 bytes and 20 instances'],
  ['SM-10', 'all', 'Y', 'A livepatch of one function'],
];
