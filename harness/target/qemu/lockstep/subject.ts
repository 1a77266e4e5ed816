// SPDX-License-Identifier: MIT
/** Cases of a subject in lock-step. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedBackend, Revision } from '../../../backend/contract.js';
import type { Case } from '../../../case/types.js';
import { featuresOf } from '../../features.js';
import { buildKernel, hostOf, type Kernel } from '../../kernel.js';
import { lacking } from '../../lacking.js';
import type { SubjectId } from '../../outcome.js';
import { silent } from '../../session/host.js';
import { runCase } from '../../session/run-case.js';
import { assembleText } from '../assemble.js';
import { Emulation } from '../emulation.js';
import { QemuMachine } from '../machine.js';
import { RspError } from '../rsp/error.js';
import { runEntries } from './entries.js';
import { type Coverage, Figures, type Missing, rowCoverage, trampolineCoverage } from './figures.js';
import { runSequences } from './instructions/run.js';
import { generate, type Refused } from './instructions/sequences.js';
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

/** A mismatch of something that is no case. */
export interface Found {
  /** Entry point, or the texts of a sequence. */
  readonly name: string;
  readonly run: number;
  readonly mismatch: Mismatch;
}

export class LockstepSubject {
  readonly id: SubjectId;
  readonly noting: Noting;
  readonly figures = new Figures();
  readonly #features: { readonly features: ReadonlySet<string>; readonly missing: readonly string[] };
  readonly #own: ReadonlySet<string>;
  #kernel: Kernel | null = null;
  #pair: Pair | null = null;

  /** Assembles and starts QEMU when first needed. */
  constructor(
    loaded: LoadedBackend,
    readonly revision: Revision,
  ) {
    this.#features = featuresOf(loaded, revision);
    this.noting = noting(loaded);
    this.#own = new Set(loaded.sources.map(({ file }) => file));
    this.id = { arch: loaded.backend.arch, revision, target: 'qemu-user' };
  }

  /** @throws AsmError */
  get kernel(): Kernel {
    const { loaded } = this.noting;
    this.#kernel ??= buildKernel(loaded, this.revision, loaded.backend.qemu.memory);
    return this.#kernel;
  }

  /** @throws ToolError, RspError, AsmError */
  get machine(): LockstepMachine {
    if (this.#pair === null) {
      this.#pair = openPair(this.noting, this.kernel);
      this.#pair.machine.figures = this.figures;
    }
    return this.#pair.machine;
  }

  lacks(spec: Case): boolean {
    return lacking(this.#features, spec).length > 0;
  }

  /** @throws ToolError, AsmError, and RspError when QEMU cannot be started */
  verify(spec: Case): Verified {
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

  /** From every entry point. @throws ToolError, AsmError, RspError, LogError */
  *random(runs: number, seed: number): Generator<Found | null> {
    for (const found of runEntries(this.machine, this.#own, runs, seed))
      yield found && { name: found.entry, run: found.run, mismatch: found.mismatch };
  }

  /**
   * Sequences over the instruction table.
   * @param each sequences for each row, and runs of each
   * @param refused gets what clang does not take, with its reason
   * @throws ToolError, AsmError, RspError, LogError
   */
  *instructions(each: number, seed: number, refused: Refused[]): Generator<Found | null> {
    const generated = generate(this.noting.loaded, this.revision, each, seed);
    refused.push(...generated.refused);
    const { machine, close } = openPair(this.noting, generated.kernel, generated.assembled);
    try {
      for (const found of runSequences(machine, generated.sequences, each, seed))
        yield found && {
          name: found.sequence.texts.join('; '),
          run: found.run,
          mismatch: found.mismatch,
        };
    } finally {
      this.figures.add(machine.figures);
      close();
    }
  }

  /** @throws AsmError */
  trampolines(): Coverage<Missing> {
    return trampolineCoverage(this.kernel.program, this.#own, this.figures);
  }

  rows(): ReturnType<typeof rowCoverage> {
    return rowCoverage(this.noting.rows, this.figures);
  }

  /** Ends the process; another begins when it is needed. */
  close(): void {
    this.#pair?.close();
    this.#pair = null;
  }
}
