// SPDX-License-Identifier: MIT
/**
 * kprobes by breakpoint: planting it, the exception, the displaced instruction. linux 7.2 arch/…/kernel/…kprobes.c:
 * arch_arm_kprobe, kprobe_breakpoint_handler, setup_singlestep, reenter_kprobe, post_kprobe_handler; alike on the
 * architectures whose call sites have room for one.
 */
import type { Fregs } from '../../backend/contract.js';
import { MachineFault } from '../../machine/types.js';
import type { Environment, Result } from '../types.js';
import { countMissed, type Kprobe } from './kprobe.js';
import type { Running } from './running.js';

export class BreakpointKprobes {
  /** Slots by the address whose instruction they hold. */
  readonly #slots = new Map<bigint, bigint>();

  constructor(
    readonly env: Environment,
    readonly running: Running,
    /** get_kprobe(). */
    readonly find: (address: bigint) => Kprobe | undefined,
  ) {
    env.addTrapHandler({
      owns: (pc) => this.#planted(pc) !== undefined || this.#stepped(pc),
      handle: (regs) => this.#trap(regs),
    });
  }

  /** arch_prepare_kprobe. */
  prepare(kprobe: Kprobe): Result {
    const { machine, backend } = this.env;
    const address = kprobe.addr as bigint;
    const displaced = backend.kprobes.prepare(machine, address, kprobe.symbol);
    if (typeof displaced === 'number') return displaced;
    kprobe.displaced = displaced;
    if (displaced.slot) machine.store(this.#slotOf(address), displaced.slot.bytes);
    return 0;
  }

  arm(kprobe: Kprobe): Result {
    this.#patch(kprobe, kprobe.displaced?.breakpoint);
    return 0;
  }

  /** Puts back what was found when the probe was made, whatever stands there by now. */
  disarm(kprobe: Kprobe): Result {
    this.#patch(kprobe, kprobe.displaced?.original);
    return 0;
  }

  /** arch_remove_kprobe: the slot is free. */
  remove({ addr }: Kprobe): void {
    const slot = addr === null ? undefined : this.#slots.get(addr);
    if (addr === null || slot === undefined) return;
    this.#slots.delete(addr);
    this.env.freeText(slot);
  }

  #patch({ addr, name }: Kprobe, bytes: Uint8Array | undefined): void {
    if (addr === null || !bytes) throw new RangeError(`${name} was not prepared`);
    this.env.machine.store(addr, bytes);
    this.env.event('patch_text', () => `${name} at 0x${addr.toString(16)}`);
  }

  #slotOf(address: bigint): bigint {
    const slot = this.#slots.get(address) ?? this.env.allocateText('kprobe_insn_page');
    this.#slots.set(address, slot);
    return slot;
  }

  #planted(pc: bigint): Kprobe | undefined {
    const kprobe = this.find(pc);
    return kprobe?.displaced ? kprobe : undefined;
  }

  /** At the breakpoint behind the instruction in the slot of the running kprobe. */
  #stepped(pc: bigint): boolean {
    const { current, status } = this.running;
    if (!current?.displaced?.slot || current.addr === null || (status !== 'HIT_SS' && status !== 'REENTER'))
      return false;
    return pc === this.#slotOf(current.addr) + BigInt(current.displaced.slot.stepped);
  }

  #trap(regs: Fregs): void {
    const { current } = this.running;
    const pc = this.env.backend.kprobes.regs.getInstructionPointer(regs);
    if (current && this.#stepped(pc)) {
      const { addr, displaced } = current;
      this.#setIp(regs, (addr as bigint) + BigInt(displaced?.original.length ?? 0));
      this.#post(current, regs);
      return;
    }
    const kprobe = this.#planted(pc);
    if (!kprobe) throw new MachineFault('trap', 'a breakpoint that no kprobe has planted');
    if (current) this.#reenter(kprobe, regs);
    else {
      this.running.hit(kprobe);
      if (kprobe.pre?.(kprobe, regs)) this.running.current = null;
      else {
        this.running.status = 'HIT_SS';
        this.#step(kprobe, regs);
      }
    }
  }

  /** Hit within a handler: the instruction is executed, no handler runs. */
  #reenter(kprobe: Kprobe, regs: Fregs): void {
    if (this.running.status === 'REENTER')
      throw new MachineFault('fault', 'Failed to recover from reentered kprobes: kernel BUG');
    countMissed(kprobe);
    this.running.reenter(kprobe);
    this.#step(kprobe, regs);
  }

  #step(kprobe: Kprobe, regs: Fregs): void {
    const { addr, displaced } = kprobe;
    if (displaced?.slot) this.#setIp(regs, this.#slotOf(addr as bigint));
    else {
      displaced?.simulate?.(regs);
      this.#post(kprobe, regs);
    }
  }

  #post(kprobe: Kprobe, regs: Fregs): void {
    if (this.running.status === 'REENTER') {
      this.running.restorePrevious();
      return;
    }
    this.running.status = 'HIT_SSDONE';
    kprobe.post?.(kprobe, regs);
    this.running.current = null;
  }

  #setIp(regs: Fregs, address: bigint): void {
    this.env.backend.kprobes.regs.setInstructionPointer(regs, address);
  }
}
