// SPDX-License-Identifier: MIT
/**
 * Where things lie in the modelled kernel, and what an address is called in an outcome. Functions live in
 * slots of 256 bytes after the trampolines; each slot holds the call site, the callout that stands for the
 * compiled body, the place calls of the body return to, and the return instruction.
 */
import type {
  Abi,
  Backend,
  CallSiteShape,
  Config,
  ModuleText,
  Placement,
  StubPlace,
} from '../../backend/contract.js';
import type { FunctionSpec } from '../../case/types.js';
import { MAX_FUNCTIONS } from '../../case/vocabulary.js';
import type { Signature } from '../../ctype/types.js';
import { TRAMPOLINE_BYTES, TRAMPOLINE_PLACES } from './trampoline-room.js';

/** Functions per case and the outermost ones of tasks, the top-level caller's and the other CPU's included. */
export const FUNCTION_SLOTS = MAX_FUNCTIONS + 2;
export const SLOT_BYTES = 256;
/** Behind the last slot, from the first. */
const SLOTS_END = BigInt(FUNCTION_SLOTS * SLOT_BYTES);
/** Of each text of a module: slots, and behind them its PLT entries. */
const PLT_BYTES = 64n;
export const MODULE_BYTES = FUNCTION_SLOTS * SLOT_BYTES + Number(PLT_BYTES);
/** Of each text of a large kernel: slots, its fixed trampolines, its stubs. */
const FIXED_BYTES = 64n;
const STUBS_BYTES = 0x800;
export const LARGE_BYTES = FUNCTION_SLOTS * SLOT_BYTES + Number(FIXED_BYTES) + STUBS_BYTES;
/** F - slot: room for what the compiler puts before the symbol. */
const SYMBOL_AT = 16n;
const AFTER_CALL_AT = 0x50n;
/** Where the slot's return instruction is assembled. */
export const RETURN_AT = 0x60;
/** As long as a return instruction may be. */
export const RETURN_BYTES = 4n;
const STUB_AT = 0x80n;

export const SLOT_NAMES = Array.from({ length: FUNCTION_SLOTS }, (_, n) => `__slot_${n}`);
export const RETURN_NAMES = SLOT_NAMES.map((name) => `${name}_return`);

/** Where stubs that are taken from areas lie. */
export const AREA_NAMES: Readonly<Record<StubPlace, string>> = {
  text: '__stubs_in_text',
  textEnd: '__stubs_behind_text',
  init: '__stubs_of_init_text',
  module: '__stubs_of_module',
};

/** Function slots, return instructions, room for dynamic trampolines and for stubs, as assembler text. */
export function slotsSource(returnInstruction: string): string {
  const slots = SLOT_NAMES.map(
    (name, n) =>
      `\t.balign ${SLOT_BYTES}\n${name}:\n\t.skip ${RETURN_AT}\n${RETURN_NAMES[n]}:\n\t${returnInstruction}\n`,
  );
  const areas = Object.values(AREA_NAMES).map((name) => `${name}:\n\t.skip ${STUBS_BYTES}\n`);
  return `${slots.join('')}\t.balign ${SLOT_BYTES}\n__ops_trampolines:\n\t.skip ${TRAMPOLINE_PLACES * TRAMPOLINE_BYTES}\n${areas.join('')}`;
}

/** A function of the case at its place. */
export interface Fn {
  readonly name: string;
  /** `null`: the top-level caller. */
  readonly spec: FunctionSpec | null;
  readonly shape: CallSiteShape | null;
  /** F */
  readonly symbol: bigint;
  /** rec->ip; F without a call site. */
  readonly ip: bigint;
  /** First instruction behind the site: the body's callout. */
  readonly body: bigint;
  readonly afterCall: bigint;
  readonly returnAt: bigint;
  /** 64 bytes for what belongs to the site. */
  readonly stub: bigint;
  readonly placement: Placement | null;
  /** Of a module out of reach. */
  readonly module: ModuleText | null;
}

/** The same functions run on many subjects, several of each architecture. */
const placements = new WeakMap<Abi, WeakMap<Signature, Placement>>();

function placed(abi: Abi, signature: Signature): Placement {
  const known = placements.get(abi) ?? new WeakMap<Signature, Placement>();
  placements.set(abi, known);
  const placement = known.get(signature) ?? abi.place(signature);
  known.set(signature, placement);
  return placement;
}

export class AddressBook {
  /** The first slot of the kernel. */
  readonly #slots: bigint;
  readonly #functions: Fn[] = [];
  readonly #forgotten = new Set<Fn>();
  readonly #objects: { readonly name: string; readonly address: bigint; readonly size: number }[] = [];

  constructor(
    readonly backend: Backend,
    readonly config: Config,
    /** Address of a symbol of the assembled program. */
    readonly symbol: (name: string) => bigint,
    /** Program symbol or C function containing an address. */
    readonly symbolOf: (address: bigint) => { readonly name: string; readonly offset: number } | undefined,
  ) {
    this.#slots = symbol(SLOT_NAMES[0] ?? '');
  }

  addFunction(name: string, spec: FunctionSpec | null): Fn {
    const index = this.#functions.length;
    if (index >= FUNCTION_SLOTS) throw new RangeError(`more than ${FUNCTION_SLOTS - 1} functions in a case`);
    const slot = this.#slotOf(index, spec);
    const symbol = slot + SYMBOL_AT;
    const shape = spec?.traceable ? this.backend.callsite.shape(this.config) : null;
    const fn: Fn = {
      name,
      spec,
      shape,
      symbol,
      ip: symbol + BigInt(shape?.ip ?? 0),
      body: symbol + BigInt(shape?.resume ?? 0),
      afterCall: slot + AFTER_CALL_AT,
      returnAt: slot + BigInt(RETURN_AT),
      stub: slot + STUB_AT,
      module: this.#moduleOf(spec),
      placement: spec ? placed(this.backend.abi, spec.signature) : null,
    };
    this.#functions.push(fn);
    return fn;
  }

  addObject(name: string, address: bigint, size: number): void {
    this.#objects.push({ name, address, size });
  }

  /** Function whose slot contains an address: slots follow each other, in the kernel and in each text of a module. */
  functionAt(address: bigint): Fn | undefined {
    const offset = address - this.#slots;
    if (offset >= 0n && offset < SLOTS_END) return this.#in(offset);
    const { modules, large } = this.backend.abi.memory;
    if (large && address >= large.end && address < large.initText + SLOTS_END)
      return this.#in(address - (address < large.initText ? large.end : large.initText));
    if (!modules || address < modules.text) return undefined;
    const inModule = address - modules.text;
    return this.#in(inModule < SLOTS_END ? inModule : address - modules.initText);
  }

  #in(offset: bigint): Fn | undefined {
    return offset >= 0n && offset < SLOTS_END
      ? this.#functions[(Number(offset) / SLOT_BYTES) | 0]
      : undefined;
  }

  /** Each function has a slot of its number in every text, and is in one of them. */
  #slotOf(index: number, spec: FunctionSpec | null): bigint {
    return this.#textOf(spec) + BigInt(index * SLOT_BYTES);
  }

  #textOf(spec: FunctionSpec | null): bigint {
    const { modules, large } = this.backend.abi.memory;
    const [inModule, inKernel] = [spec?.moduleText ?? null, spec?.kernelText ?? null];
    if (modules && inModule !== null) return inModule === 'init' ? modules.initText : modules.text;
    if (large && inKernel !== null) return inKernel === 'init' ? large.initText : large.end;
    return this.#slots;
  }

  /** Fixed trampolines of the texts of a large kernel, and the stubs behind them; `null`: it is not large. */
  get large(): {
    readonly fixed: readonly bigint[];
    readonly stubs: Readonly<Record<'textEnd' | 'init', bigint>>;
  } | null {
    const { large } = this.backend.abi.memory;
    if (!large || !this.#functions.some(({ spec }) => spec?.kernelText)) return null;
    const [end, init] = [large.end + SLOTS_END, large.initText + SLOTS_END];
    return { fixed: [end, init], stubs: { textEnd: end + FIXED_BYTES, init: init + FIXED_BYTES } };
  }

  /** Whether a function lies in a text of its own, where there is nothing but room. */
  isApart(fn: Fn): boolean {
    return this.#textOf(fn.spec) !== this.#slots;
  }

  #moduleOf(spec: FunctionSpec | null): ModuleText | null {
    const { modules } = this.backend.abi.memory;
    if (!modules || !spec?.moduleText) return null;
    const init = spec.moduleText === 'init';
    return { plts: modules.text + SLOTS_END, initPlts: modules.initText + SLOTS_END, init };
  }

  /** Offset of an address in the PLT entries of a module out of reach. */
  pltAt(address: bigint): number | undefined {
    const { modules } = this.backend.abi.memory;
    if (!modules || address < modules.text) return undefined;
    const offsets = [modules.text, modules.initText].map((text) => address - text - SLOTS_END);
    const found = offsets.find((offset) => offset >= 0n && offset < PLT_BYTES);
    return found === undefined ? undefined : Number(found);
  }

  /** Functions that no longer exist: nobody finds them by name. */
  forget(functions: readonly Fn[]): void {
    for (const fn of functions) this.#forgotten.add(fn);
  }

  functionNamed(name: string): Fn | undefined {
    return this.#functions.find((fn) => fn.name === name && !this.#forgotten.has(fn));
  }

  objectAddress(name: string): bigint | undefined {
    return this.#objects.find((object) => object.name === name)?.address;
  }

  /**
   * Normal form of a code address: `f` for its symbol and for the place its calls return to (where "in f" is
   * all that architectures can agree on), `f:body` behind the site, `f:site`, else symbol and offset.
   */
  codeName(address: bigint, prefer: 'symbol' | 'site' = 'symbol'): string | undefined {
    const fn = this.functionAt(address);
    if (fn) {
      if (prefer === 'site' && fn.shape && address === fn.ip) return `${fn.name}:site`;
      if (address === fn.symbol || address === fn.afterCall) return fn.name;
      if (address === fn.body) return `${fn.name}:body`;
      if (address === fn.ip) return `${fn.name}:site`;
      return `${fn.name}+0x${(address - fn.symbol).toString(16)}`;
    }
    const found = this.symbolOf(address);
    return found && (found.offset === 0 ? found.name : `${found.name}+0x${found.offset.toString(16)}`);
  }

  /** `&buffer`, `&buffer+8`. */
  objectName(address: bigint): string | undefined {
    const object = this.#objects.find(
      (candidate) => address >= candidate.address && address < candidate.address + BigInt(candidate.size),
    );
    if (!object) return undefined;
    const offset = address - object.address;
    return offset === 0n ? `&${object.name}` : `&${object.name}+${offset}`;
  }
}
