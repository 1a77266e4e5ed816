// SPDX-License-Identifier: MIT
/** A process of QEMU's user mode that has the memory of a kernel, and is stopped; another can take its place. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RegionSpec } from '../../machine/memory.js';
import type { Kernel } from '../kernel.js';
import { executable } from './executable.js';
import { GUEST_BASE, type GuestMemory, processMemory } from './guest-memory.js';
import { Remote } from './remote.js';
import { type Channel, openChannel } from './rsp/channel.js';
import { RspError } from './rsp/error.js';
import type { RemoteStop } from './stop.js';
import type { RemoteRegister } from './target-xml.js';

/** Milliseconds that code of a few hundred instructions may take, on a machine that does other things too. */
const PATIENCE = 10_000;

/** By emulator: the same for every process. */
const tables = new Map<string, readonly RemoteRegister[]>();

/** Begins the names of directories, before the process id of whose they are. */
const PREFIX = 'conform-guest-';

/** Removes what harnesses left that were killed. */
function sweep(): void {
  for (const name of readdirSync(tmpdir())) {
    const owner = new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1];
    if (owner === undefined || existsSync(`/proc/${owner}`)) continue;
    // It may be another user's.
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {}
  }
}

export interface EmulationOptions {
  /** Options of QEMU's. */
  readonly flags?: readonly string[];
  /** As of a launch. */
  readonly through?: readonly string[];
  /** Milliseconds that a run may take. */
  readonly patience?: number;
}

export class Emulation {
  readonly #directory: string;
  #channel: Channel | null = null;
  #remote: Remote | null = null;
  #memory: GuestMemory | null = null;

  /** @throws RspError `start` */
  constructor(
    readonly kernel: Kernel,
    text: Uint8Array,
    readonly options: EmulationOptions = {},
    /** Memory of others, with its contents. */
    beside: ReadonlyMap<RegionSpec, Uint8Array> = new Map(),
  ) {
    const { qemu, abi } = kernel.backend;
    sweep();
    this.#directory = mkdtempSync(join(tmpdir(), `${PREFIX}${process.pid}-`));
    const file = join(this.#directory, 'kernel');
    const regions = [...kernel.regions, ...beside.keys()];
    const contents = new Map([[kernel.regions[0] as RegionSpec, text], ...beside]);
    writeFileSync(file, executable(qemu.elf, abi.byteOrder, regions, contents));
    chmodSync(file, 0o755);
    try {
      this.start();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  get alive(): boolean {
    return this.#channel !== null;
  }

  get pid(): number | undefined {
    return this.#channel?.pid;
  }

  get memory(): GuestMemory {
    if (this.#memory === null) throw new RspError('closed', 'there is no process');
    return this.#memory;
  }

  /** @throws RspError `start` */
  start(): void {
    const { flags = [], through = [], patience = PATIENCE } = this.options;
    const launch = {
      emulator: this.kernel.backend.qemu.user,
      through,
      flags: ['-B', `0x${GUEST_BASE.toString(16)}`, ...flags],
      elf: join(this.#directory, 'kernel'),
    };
    this.#channel = openChannel(launch, { patience });
    this.#remote = new Remote(this.#channel);
    this.#memory = processMemory(this.#channel.pid);
  }

  registers(): readonly RemoteRegister[] {
    const { user } = this.kernel.backend.qemu;
    const table = tables.get(user) ?? this.#alive.targetXml();
    tables.set(user, table);
    return table;
  }

  readRegisters(): Uint8Array {
    return this.#alive.readRegisters();
  }

  /** See {@link Remote.run}. */
  run(
    before: readonly string[],
    how: string,
  ): { readonly stop: RemoteStop; readonly registers: Uint8Array | null } {
    return this.#alive.run(before, how);
  }

  /** The process has ended when it returns; its files stay, for {@link start}. */
  close(): void {
    this.#memory?.close();
    this.#channel?.close();
    this.#memory = null;
    this.#channel = null;
    this.#remote = null;
  }

  /** Nothing is left of it. */
  end(): void {
    this.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  get #alive(): Remote {
    if (this.#remote === null) throw new RspError('closed', 'there is no process');
    return this.#remote;
  }
}
