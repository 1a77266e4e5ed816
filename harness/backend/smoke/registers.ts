// SPDX-License-Identifier: MIT
/** The register table: names, aliases, and every place that names a register. */
import type { Backend } from '../contract.js';
import { type Report, repeated, type Subject } from './finding.js';

export function checkRegisters({ backend }: Subject, report: Report): void {
  const { registers, instructions, abi } = backend;
  const lower = registers.names.map((name) => name.toLowerCase());
  for (const name of repeated(lower)) report('registers.names', `${name} is named more than once`);

  const spellings = Object.keys(registers.aliases).map((alias) => alias.toLowerCase());
  for (const alias of repeated(spellings)) report('registers.aliases', `${alias} is given more than once`);
  for (const [alias, name] of Object.entries(registers.aliases)) {
    if (lower.includes(alias.toLowerCase())) {
      report(`registers.aliases.${alias}`, `${alias} is a register of its own, it cannot also mean ${name}`);
    }
    if (!registers.names.includes(name)) {
      report(`registers.aliases.${alias}`, `${name} is no register; write one of registers.names`);
    }
  }

  for (const [where, name] of namedRegisters(backend)) {
    if (!registers.names.includes(name))
      report(where, `${name} is no register; write one of registers.names`);
  }
  if (instructions.registers !== registers) {
    report('instructions.registers', 'is another table than registers; use the same record');
  }
  if (registers.names[instructions.stackPointer] !== abi.stackPointer) {
    const name = registers.names[instructions.stackPointer] ?? `index ${instructions.stackPointer}`;
    report('instructions.stackPointer', `is ${name}, but abi.stackPointer is ${abi.stackPointer}`);
  }
  for (const name of repeated(Object.values(backend.qemu.registers))) {
    report('qemu.registers', `two registers are called ${name}`);
  }
}

/** Every register name in the record, with its place. */
function namedRegisters({ abi, qemu }: Backend): (readonly [where: string, name: string])[] {
  const list = (where: string, names: readonly string[]) => names.map((name) => [where, name] as const);
  return [
    ...list('abi.stackPointer', [abi.stackPointer]),
    ...list('abi.framePointer', [abi.framePointer]),
    ...list('abi.linkRegister', abi.linkRegister === null ? [] : [abi.linkRegister]),
    ...list('abi.argumentRegisters', abi.argumentRegisters),
    ...list('abi.returnRegisters', abi.returnRegisters),
    ...list('abi.calleeSaved', abi.calleeSaved),
    ...list('abi.callerSaved', abi.callerSaved),
    ...list('abi.reserved', abi.reserved),
    ...list('qemu.registers', Object.keys(qemu.registers)),
  ];
}
