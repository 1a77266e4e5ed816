// SPDX-License-Identifier: MIT
/**
 * The target `qemu-user`: sessions as in the model, on a machine that is QEMU's user mode. Its process is started for the
 * first case that runs, and serves all.
 */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { LoadedBackend, Revision } from '../../backend/contract.js';
import type { Runnable } from '../../case/runnable.js';
import { featuresOf } from '../features.js';
import { buildKernel, hostOf } from '../kernel.js';
import { lacking } from '../lacking.js';
import type { Outcome, SubjectId } from '../outcome.js';
import { type Explainer, type Host, silent } from '../session/host.js';
import { type Run, runCase } from '../session/run-case.js';
import type { Target } from '../target.js';
import { Tracing } from '../tracing.js';
import { assembleText } from './assemble.js';
import { Emulation, type EmulationOptions } from './emulation.js';
import { QemuMachine } from './machine.js';
import { TOOLS } from './tools.js';

export interface QemuTarget extends Target {
  /** Ends the process; nothing can be run after it. */
  close(): void;
  /** Of QEMU, while it runs. */
  pid(): number | undefined;
}

/** What is not there and how to get it, in one sentence; `null` when all is. */
export function qemuUserLacks({ backend }: LoadedBackend, path = process.env.PATH ?? ''): string | null {
  const wanted: Readonly<Record<string, string>> = {
    ...TOOLS,
    [backend.qemu.user]: 'qemu-user',
    setpriv: 'util-linux',
  };
  const missing = Object.keys(wanted).filter(
    (command) => !path.split(delimiter).some((directory) => isExecutable(join(directory, command))),
  );
  if (missing.length === 0) return null;
  const packages = [...new Set(missing.map((command) => wanted[command]))].join(' ');
  return `no ${missing.join(' and no ')} in PATH: npm run setup:real, or apt install ${packages}`;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A machine with the kernel in it, for those who want to look at it themselves. */
export function createQemuHost(
  loaded: LoadedBackend,
  revision: Revision,
  options: EmulationOptions = {},
): Host & { readonly machine: QemuMachine } {
  const kernel = buildKernel(loaded, revision, loaded.backend.qemu.memory);
  const assembled = assembleText(kernel);
  const machine = new QemuMachine(kernel, assembled, new Emulation(kernel, assembled.text, options));
  return hostOf(kernel, machine, () => null);
}

/** `prepare` and `run` throw ToolError and RspError when LLVM or QEMU does not do its part. */
export function createQemuTarget(
  loaded: LoadedBackend,
  revision: Revision,
  options: EmulationOptions = {},
): QemuTarget {
  const { features, missing } = featuresOf(loaded, revision);
  const id: SubjectId = { arch: loaded.backend.arch, revision, target: 'qemu-user' };
  let made: ReturnType<typeof createQemuHost> | undefined;
  const hosted = () => {
    made ??= createQemuHost(loaded, revision, options);
    return made;
  };
  const start = (spec: Runnable, explainer: Explainer): Run => {
    const lacks = lacking({ features, missing }, spec);
    if (lacks.length > 0) {
      const outcome: Outcome = {
        case: spec.id,
        subject: id,
        end: { kind: 'unsupported', lacks },
        observations: [],
        instructions: null,
      };
      return { outcome, made: [] };
    }
    const host = hosted();
    return runCase(host, spec, explainer, id, () => host.machine.reset());
  };
  return {
    id,
    features,
    missing,
    prepare: () => void hosted(),
    run: (spec) => start(spec, silent).outcome,
    // What the C side did. Instructions are told by the interpreter, and by lock-step.
    explain: (spec) => {
      if (lacking({ features, missing }, spec).length > 0)
        return { outcome: start(spec, silent).outcome, trace: [] };
      const tracing = new Tracing(hosted());
      const { outcome, made: observations } = start(spec, tracing);
      return { outcome, trace: tracing.finish(observations) };
    },
    pid: () => made?.machine.emulation.pid,
    close: () => {
      made?.machine.emulation.end();
      made = undefined;
    },
  };
}
