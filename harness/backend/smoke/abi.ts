// SPDX-License-Identifier: MIT
/** The calling convention: who preserves what, the compiled frame, the memory map. */
import type { Abi } from '../contract.js';
import { hex, type Report, repeated, type Subject } from './finding.js';

export function checkAbi({ backend }: Subject, report: Report): void {
  const { abi } = backend;
  checkClasses(abi, backend.registers.names, report);
  checkRoles(abi, report);
  checkStack(abi, report);
  checkMemory(abi, report);
}

/** Each register is preserved by exactly one party. */
function checkClasses(abi: Abi, names: readonly string[], report: Report): void {
  const classes = {
    stackPointer: [abi.stackPointer],
    calleeSaved: abi.calleeSaved,
    callerSaved: abi.callerSaved,
    reserved: abi.reserved,
  };
  for (const name of names) {
    const homes = Object.entries(classes).flatMap(([home, members]) =>
      members.filter((member) => member === name).map(() => home),
    );
    if (homes.length === 0) {
      report('abi', `${name} is in no preservation class: calleeSaved, callerSaved or reserved`);
    }
    if (homes.length > 1) report(`abi.${homes[1]}`, `${name} is already in abi.${homes[0]}`);
  }
}

function checkRoles(abi: Abi, report: Report): void {
  const { argumentRegisters, returnRegisters, callerSaved, calleeSaved } = abi;
  for (const name of repeated(argumentRegisters)) report('abi.argumentRegisters', `${name} is given twice`);
  for (const name of repeated(returnRegisters)) report('abi.returnRegisters', `${name} is given twice`);

  // An ABI may preserve its last argument registers; then they follow those it does not.
  const clobbered = argumentRegisters.map((name) => callerSaved.includes(name));
  const preserved = clobbered.indexOf(false);
  for (const [index, name] of argumentRegisters.entries()) {
    const inTail = index >= preserved && !clobbered.slice(preserved).includes(true);
    if (!clobbered[index] && !(inTail && preserved > 0 && calleeSaved.includes(name))) {
      report('abi.argumentRegisters', `${name} is not in abi.callerSaved`);
    }
  }
  for (const name of returnRegisters) {
    if (!callerSaved.includes(name)) report('abi.returnRegisters', `${name} is not in abi.callerSaved`);
  }
  const { linkRegister, framePointer, stackPointer } = abi;
  if (linkRegister !== null && !callerSaved.includes(linkRegister)) {
    report('abi.linkRegister', `${linkRegister} is not in abi.callerSaved, but every call overwrites it`);
  }
  if (linkRegister !== null && argumentRegisters.includes(linkRegister)) {
    report('abi.linkRegister', `${linkRegister} is also an argument register`);
  }
  if (framePointer !== stackPointer && !calleeSaved.includes(framePointer)) {
    report('abi.framePointer', `${framePointer} is not in abi.calleeSaved`);
  }
}

const mod = (value: number, modulus: number) => ((value % modulus) + modulus) % modulus;

function checkStack(abi: Abi, report: Report): void {
  const { frame, stackAlignment, stackArguments } = abi;
  const pushed = abi.linkRegister === null ? 8 : 0;
  const { modulus, remainder } = stackAlignment;
  if (remainder < 0 || remainder >= modulus) {
    report('abi.stackAlignment', `remainder ${remainder} is not below modulus ${modulus}`);
  }
  if (stackArguments % 8 !== 0 || stackArguments < pushed) {
    report('abi.stackArguments', `${stackArguments} is no place above the return address for a word`);
  }
  if (mod(remainder - frame.size - pushed, modulus) !== remainder) {
    report(
      'abi.frame.size',
      `a frame of ${frame.size} bytes leaves SP misaligned at the function's own calls`,
    );
  }
  for (const at of repeated(frame.saves.map((save) => save.at))) {
    report('abi.frame.saves', `two words are saved at ${at}`);
  }
  for (const { what, at } of frame.saves) {
    if (at < 0 || at % 8 !== 0) report('abi.frame.saves', `${what} at ${at} is no word of the frame`);
  }
  for (const what of repeated(frame.saves.map((save) => save.what))) {
    report('abi.frame.saves', `${what} is saved twice`);
  }
}

function checkMemory({ memory }: Abi, report: Report): void {
  const { text, c, data, stack, threadSize } = memory;
  if (threadSize <= 0 || (threadSize & (threadSize - 1)) !== 0) {
    report('abi.memory.threadSize', `${threadSize} is no power of two`);
  } else if (stack % BigInt(threadSize) !== 0n) {
    report('abi.memory.stack', `${hex(stack)} is not aligned to threadSize ${threadSize}`);
  }
  for (const [name, start] of Object.entries({ text, c, data, stack })) {
    if (start < 0n || start >= 1n << 64n) report(`abi.memory.${name}`, `${hex(start)} is no 64-bit address`);
    if (start % 4096n !== 0n) report(`abi.memory.${name}`, `${hex(start)} is not aligned to a page`);
  }
  for (const start of repeated([text, c, data, stack])) {
    report('abi.memory', `two regions start at ${hex(start)}`);
  }
  for (const [name, start] of Object.entries({ text, c, data })) {
    if (start > stack && start < stack + BigInt(threadSize)) {
      report(`abi.memory.${name}`, `${hex(start)} lies in the stack`);
    }
  }
}
