// SPDX-License-Identifier: MIT
/** A back-end's sources assembled for one configuration, with the symbols a rig provides. */
import { assemble, type Program } from '../../machine/asm/program.js';
import type { Config, LoadedBackend } from '../contract.js';
import { C_FUNCTIONS, cellAddresses } from '../externals.js';

/** What is called as `ops->func`. */
export const CALLBACK = 'callback';
export const FUNCTIONS = [...C_FUNCTIONS, CALLBACK];

/** Source that holds the function's return instruction, assembled with the back-end's own. */
export const RETURN = 'rig_return';

/** Serves any number of rigs. */
export interface Build {
  readonly loaded: LoadedBackend;
  readonly config: Config;
  /** The features that are on in `config`: the sources see CONFIG_ of each. */
  readonly on: readonly string[];
  readonly program: Program;
  /** Addresses of C functions and data cells. */
  readonly externals: ReadonlyMap<string, bigint>;
}

/** @throws AsmError */
export function build(loaded: LoadedBackend, config: Config, on = featuresOn(loaded, config)): Build {
  const { backend, sources } = loaded;
  const { abi, instructions, layouts } = backend;
  const { memory, byteOrder } = abi;
  const at = (start: bigint, step: number) => (name: string, index: number) =>
    [name, start + BigInt(step * index)] as const;
  const externals = new Map([
    ...FUNCTIONS.map(at(memory.c, 64)),
    ...cellAddresses(layouts.dataCells(config), memory.data),
  ]);
  const program = assemble({
    sources: [...sources, { file: RETURN, text: `\t.text\n${RETURN}:\n\t${abi.returnInstruction}\n` }],
    instructions,
    defines: Object.fromEntries(on.map((feature) => [`CONFIG_${feature}`, 1])),
    constants: layouts.asmOffsets(config),
    externals,
    base: memory.text,
    byteOrder,
  });
  return { loaded, config, on, program, externals };
}

function featuresOn({ backend }: LoadedBackend, config: Config): string[] {
  return Object.keys(backend.features).filter((name) => config.has(name));
}
