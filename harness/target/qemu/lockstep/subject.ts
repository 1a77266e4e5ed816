// SPDX-License-Identifier: MIT
/** Cases of a subject in lock-step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedBackend, Revision } from '../../../backend/contract.js';
import type { Case } from '../../../case/types.js';
import { apiOf } from '../../../ftrace/api.js';
import { buildKernel, configOf, hostOf, type Kernel } from '../../kernel.js';
import { lacking } from '../../lacking.js';
import type { SubjectId } from '../../outcome.js';
import { silent } from '../../session/host.js';
import { runCase } from '../../session/run-case.js';
import { assembleText } from '../assemble.js';
import { Emulation } from '../emulation.js';
import { QemuMachine } from '../machine.js';
import { RspError } from '../rsp/error.js';
import { LogFile } from './log-file.js';
import { LogError, LogFormat } from './log-format.js';
import { LockstepMachine } from './machine.js';
import { LockstepError, type Mismatch } from './mismatch.js';
import { type Noting, noting } from './noting.js';

/** Milliseconds that one run may take; whatever ends in the interpreter takes a fraction of one. */
const PATIENCE = 5000;
/** Bytes that the log of a process may have: QEMU gets SIGXFSZ for more. */
const LOG_LIMIT = 1 << 30;

export type Verified =
  | { readonly kind: 'equal' | 'unsupported' }
  | { readonly kind: 'mismatch'; readonly mismatch: Mismatch }
  /** LLVM, QEMU or its log failed, or the case cannot be played. */
  | { readonly kind: 'broken'; readonly why: string };

/** A machine in lock-step with a kernel in it; {@link close} ends its process. */
export interface Pair {
  readonly machine: LockstepMachine;
  close(): void;
}

/** @throws ToolError, RspError when LLVM or QEMU does not do its part */
export function openPair(noted: Noting, kernel: Kernel, assembled = assembleText(kernel)): Pair {
  const directory = mkdtempSync(join(tmpdir(), 'conform-log-'));
  const path = join(directory, 'log');
  const remove = () => rmSync(directory, { recursive: true, force: true });
  let emulation: Emulation | null = null;
  try {
    emulation = new Emulation(kernel, assembled.text, {
      flags: ['-one-insn-per-tb', '-d', 'cpu,nochain', '-D', path],
      through: ['prlimit', `--fsize=${LOG_LIMIT}`],
      patience: PATIENCE,
    });
    const guest = new QemuMachine(kernel, assembled, emulation);
    const format = new LogFormat(kernel.backend.instructions.registers, kernel.backend.qemu);
    const log = new LogFile(path);
    const machine = new LockstepMachine(kernel, noted, { text: assembled.text, machine: guest, log, format });
    const close = () => {
      log.close();
      guest.emulation.end();
      remove();
    };
    return { machine, close };
  } catch (error) {
    emulation?.end();
    remove();
    throw error;
  }
}

export class LockstepSubject {
  readonly id: SubjectId;
  readonly noting: Noting;
  readonly #features: { readonly features: ReadonlySet<string>; readonly missing: readonly string[] };
  #pair: Pair | null = null;

  /** Assembles and starts QEMU when first needed. */
  constructor(
    loaded: LoadedBackend,
    readonly revision: Revision,
  ) {
    const { on } = configOf(loaded, revision);
    const untraced = loaded.backend.untraced?.includes(revision) ?? false;
    this.#features = {
      features: untraced ? on : new Set([...on, ...apiOf(revision)]),
      missing: untraced ? ['FUNCTION_TRACER'] : [],
    };
    this.noting = noting(loaded);
    this.id = { arch: loaded.backend.arch, revision, target: 'qemu-user' };
  }

  /** @throws ToolError, RspError, AsmError */
  get machine(): LockstepMachine {
    if (this.#pair === null) {
      const { loaded } = this.noting;
      this.#pair = openPair(this.noting, buildKernel(loaded, this.revision, loaded.backend.qemu.memory));
    }
    return this.#pair.machine;
  }

  lacks(spec: Case): boolean {
    return lacking(this.#features, spec).length > 0;
  }

  /** @throws ToolError, AsmError, and RspError when QEMU cannot be started */
  run(spec: Case): Verified {
    if (this.lacks(spec)) return { kind: 'unsupported' };
    const { machine } = this;
    const host = hostOf(machine.kernel, machine, () => machine.model.steps);
    try {
      const { outcome } = runCase(host, spec, silent, this.id, () => machine.reset());
      return outcome.end.kind === 'error' ? { kind: 'broken', why: outcome.end.why } : { kind: 'equal' };
    } catch (error) {
      if (error instanceof LockstepError) return { kind: 'mismatch', mismatch: error.mismatch };
      if (error instanceof LogError || error instanceof RspError) {
        this.close();
        return { kind: 'broken', why: error.message };
      }
      throw error;
    }
  }

  /** Ends the process; another begins when it is needed. Figures are gone with it. */
  close(): void {
    this.#pair?.close();
    this.#pair = null;
  }
}
