// SPDX-License-Identifier: MIT
/** Two loops on a model machine whose difference is the interpreter alone: a callout, and a trampoline pass to it. */

import type { ModelHost } from '../target/model/model.js';
import { AddressBook, type Fn } from '../target/session/address-book.js';

export interface Loop {
  /** Instructions in one pass. */
  readonly instructions: number;
  readonly run: () => void;
}

function lay(host: ModelHost): { fn: Fn; sp: bigint } {
  const { backend, config, machine } = host;
  machine.reset();
  const book = new AddressBook(
    backend,
    config,
    (name) => host.symbols.get(name) ?? 0n,
    (address) => host.symbolOf(address),
  );
  const u64 = { kind: 'integer', name: 'u64', size: 8, signed: false } as const;
  const fn = book.addFunction('loop', {
    name: 'loop',
    signature: { name: 'loop', result: u64, parameters: [] },
    traceable: true,
    namesakes: 0,
    symbol: 'loop',
    module: false,
    moduleText: null,
    kernelText: null,
    errorInjection: false,
    does: [],
    returns: null,
    position: { file: 'bench', line: 1, column: 1 },
  });
  machine.setCallout(fn.body);
  for (const [register, value] of Object.entries(backend.abi.fixedRegisters)) {
    machine.write(register, typeof value === 'bigint' ? value : (host.symbols.get(value) ?? 0n));
  }
  const { stack, threadSize } = backend.abi.memory;
  return { fn, sp: stack + BigInt(threadSize) - 1024n };
}

/** One return instruction to a callout. */
export function calloutLoop(host: ModelHost, passes: number): Loop {
  const { machine, backend } = host;
  const { fn, sp } = lay(host);
  const { linkRegister, stackPointer } = backend.abi;
  return {
    instructions: 1,
    run: () => {
      for (let pass = 0; pass < passes; pass++) {
        machine.write(stackPointer, sp);
        if (linkRegister === null) machine.storeWord(sp, 8, fn.body);
        else machine.write(linkRegister, fn.body);
        machine.pc = fn.returnAt;
        machine.run();
      }
    },
  };
}

/** A traced function's call site, the entry trampoline with an empty callback, to the callout of its body. */
export function trampolineLoop(host: ModelHost, passes: number): Loop {
  const { machine, backend, config } = host;
  const { fn, sp } = lay(host);
  const { callsite, layouts, abi } = backend;
  if (!fn.shape) throw new RangeError('the loop needs a call site');
  machine.store(fn.symbol - BigInt(fn.shape.before), fn.shape.compiled);
  const symbol = (name: string) => host.symbols.get(name) ?? 0n;
  const ops = abi.memory.data + 0x400n;
  machine.storeWord(ops + BigInt(layouts.ftraceOps(config).func), 8, symbol('ftrace_stub'));
  const site = { machine, config, ip: fn.ip, symbol, ops, stub: fn.stub };
  const target = symbol('ftrace_caller');
  for (const make of [
    () => callsite.initNop(site),
    () => callsite.makeCall(site, target),
    () => callsite.updateFtraceFunc(site, symbol('ftrace_stub')),
  ]) {
    const patch = make();
    if ('error' in patch) throw new RangeError('the call site of the loop cannot be patched');
    for (const { address, bytes } of patch.stores) machine.store(address, bytes);
  }
  const pass = () => {
    machine.write(abi.stackPointer, sp);
    if (abi.linkRegister === null) machine.storeWord(sp, 8, fn.afterCall);
    else machine.write(abi.linkRegister, fn.afterCall);
    machine.pc = fn.symbol;
    const stop = machine.run();
    if (stop.kind !== 'callout' || stop.pc !== fn.body)
      throw new RangeError(`the loop ended with ${stop.kind}: ${stop.why}`);
  };
  const before = machine.steps;
  pass();
  return {
    instructions: machine.steps - before,
    run: () => {
      for (let count = 0; count < passes; count++) pass();
    },
  };
}
