// SPDX-License-Identifier: MIT
/** Stack traces that begin with a pt_regs: bpf_get_stack(). linux 7.2 kernel/events/callchain.c: get_perf_callchain. */
import { type ContextReading, contextWord, registerWord } from './read-context.js';

/** What perf_callchain_kernel() finds from a pt_regs; nothing from one of user mode. */
export function callchain(by: string, reading: ContextReading): void {
  const { session, regs } = reading;
  const { machine, config, backend } = session.host;
  const { accessors, abi, graph } = backend;
  const { stackPointer, instructionPointer, link } = accessors.tracing;
  const fromGraph = session.graph.cursor();
  const fromRethook = session.rethooks.cursor();
  const trace = accessors.userMode(regs)
    ? []
    : graph.unwind({
        machine,
        config,
        memory: abi.memory,
        pc: contextWord(reading, instructionPointer),
        sp: contextWord(reading, stackPointer),
        fp: registerWord(reading, abi.framePointer),
        regs: { link: link === null ? 0n : contextWord(reading, link), framed: reading.exit },
        symbolOf: (address) => session.book.symbolOf(address),
        // Where a function begins, its return address is the first word of the stack.
        entrySpOf: (at) => session.processor.frames.entrySpOf(at) ?? (at === reading.sp ? at : undefined),
        entryFpOf: (at) => session.processor.frames.entryFpOf(at),
        opsTrampoline: (address) => session.ftrace.opsTrampoline(address),
        symbol: (name) => session.env.symbol(name),
        text: session.host.text,
        recover: (address, cookie) => fromRethook(fromGraph(address, cookie)),
      });
  const frames = trace.map((address) => session.frameName(address));
  session.recorder.observe('stack_trace', { by, frames });
}
