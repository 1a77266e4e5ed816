// SPDX-License-Identifier: MIT
/** A kernel stack trace, as the back-end's unwinder sees the stack, with hooked returns told by who hooked them. */
import type { Frame } from './frames.js';
import type { Session } from './session.js';

/** Observes what a stack trace taken in this frame shows, tracing code of the top left out where no interrupt lies between. */
export function stackTrace(session: Session, frame: Frame): void {
  const { book, processor } = session;
  const { machine, config, backend } = session.host;
  const { abi } = backend;
  const handler = book.functionNamed(frame.name) === undefined && frame.from === undefined;
  const pushed = abi.linkRegister === null ? 8n : 0n;
  const fromGraph = session.graph.cursor();
  const fromRethook = session.rethooks.cursor();
  const trace = backend.graph.unwind({
    machine,
    config,
    memory: abi.memory,
    pc: handler ? (frame.interrupted?.() ?? frame.returnAddress) : frame.afterCall,
    sp: handler ? frame.entrySp + pushed : frame.sp,
    fp: handler ? frame.entryFp : machine.read(abi.framePointer),
    symbolOf: (address) => book.symbolOf(address),
    entrySpOf: (sp) => processor.frames.entrySpOf(sp),
    entryFpOf: (sp) => processor.frames.entryFpOf(sp),
    exceptionAt: (sp) => processor.frames.exceptionAt(sp),
    opsTrampoline: (address) => session.ftrace.opsTrampoline(address),
    symbol: (name) => session.env.symbol(name),
    text: session.host.text,
    recover: (address, cookie) => fromRethook(fromGraph(address, cookie)),
  });
  const names = trace.map((address) => session.frameName(address));
  const first = names.findIndex((_name, index) => book.functionAt(trace[index] ?? 0n) !== undefined);
  session.recorder.observe('stack_trace', {
    by: frame.name,
    frames: handler && first > 0 ? names.slice(first) : names,
  });
}
