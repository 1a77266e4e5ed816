// SPDX-License-Identifier: MIT
/**
 * callsite.ts against the text of real functions: those that the compiler has listed for ftrace (__start_mcount_loc),
 * a sample spread over all of them. Compared are the address in the list, the bytes, and what ftrace makes of both.
 */
import { MachineFault } from '../../../machine/types.js';
import { Reader } from '../image/bytes.js';
import type { KernelImage } from '../image/image.js';
import { pointers } from '../image/relocations.js';
import type { CheckedKernel } from './kernel.js';
import { compared, type Finding, unchecked } from './row.js';
import { holds, textMachine } from './text-machine.js';

/** Functions that are looked at. */
const SAMPLE = 200;
/** Part of them that may be replaced weak ones. */
const WEAK = 0.05;

/** Room for a stub within branch range. */
const nearby = (f: bigint) => (f & ~0xfffn) + 0x1000n;

interface Site {
  /** Entry of the table. */
  readonly listed: bigint;
  /** Where the shape would begin, be its head there or not. */
  readonly f: bigint;
  readonly name: string;
  /** Bytes of the head that this function lacks. */
  readonly lacks: number;
}

type Symbols = (name: string) => bigint;

export function checkCallSites(kernel: CheckedKernel): Finding[] {
  const { image } = kernel;
  const items = ['listed address', 'compiled bytes', 'rec->ip', 'ftrace_init_nop'];
  if ('missing' in image) return items.map((item) => unchecked(item, '', image.missing));
  const found = sites(kernel, image.value);
  if (typeof found === 'string') return items.map((item) => unchecked(item, '', found));
  const symbol = symbolsOf(kernel, image.value);
  const text = found.sample.filter((one): one is Site => one !== null);
  const lost = found.sample.length - text.length;
  return [
    // Entries of weak functions that another definition replaced stay, without a symbol, in tables that no tool
    // cleans (linux 6.1 kernel/trace/ftrace.c FTRACE_MCOUNT_MAX_OFFSET).
    compared(
      'listed address',
      'nearly all at functions',
      lost <= WEAK * found.sample.length
        ? 'nearly all at functions'
        : `${lost} of ${found.sample.length} at none`,
      lost === 0 ? undefined : `0x${found.first?.toString(16)} is at none`,
    ),
    each('compiled bytes', text, (site) => bytesAt(kernel, image.value, site, symbol)),
    each('rec->ip', text, (site) => recordAt(kernel, image.value, site, symbol)),
    kernel.backend.vmlinux.linked === undefined
      ? each('ftrace_init_nop', text, (site) => initNopAt(kernel, image.value, site, symbol))
      : unchecked('ftrace_init_nop', '', 'the model looks for the bytes before linking'),
  ];
}

/** One row for all sites: the first that differs is told. `check` returns what is wrong. */
function each(item: string, sample: readonly Site[], check: (site: Site) => string | null): Finding {
  const ours = `${sample.length} functions`;
  const wrong = sample.flatMap((site) => {
    const why = check(site);
    return why === null ? [] : [`${site.name}: ${why}`];
  });
  if (sample.length === 0) return unchecked(item, ours, 'no function was found');
  return compared(item, ours, `${sample.length - wrong.length} functions`, wrong[0]);
}

function symbolsOf({ backend: { vmlinux } }: CheckedKernel, image: KernelImage): Symbols {
  return (name) => {
    const found = image.symbols.find(vmlinux.symbols[name] ?? name);
    if (found === undefined) throw new MachineFault('fault', `the kernel has no symbol ${name}`);
    return found.address;
  };
}

/** A sample of the table; a text where there is none. `null`: no function begins where the shape says. */
function sites(
  { backend: { callsite, vmlinux }, config }: CheckedKernel,
  image: KernelImage,
): { sample: readonly (Site | null)[]; first: bigint | undefined } | string {
  const listed = listedAddresses(image);
  if (typeof listed === 'string') return listed;
  const { table } = callsite.shape(config);
  const head = vmlinux.optionalHead(config);
  const step = Math.max(1, Math.floor(listed.length / SAMPLE));
  const chosen = listed.filter((_, index) => index % step === 0).slice(0, SAMPLE);
  const sample = chosen.map((address): Site | null => {
    const f = address - BigInt(table);
    for (const lacks of head === 0 ? [0] : [0, head]) {
      const [symbol] = image.symbols.at(f + BigInt(lacks));
      if (symbol !== undefined) return { listed: address, f, name: symbol.name, lacks };
    }
    return null;
  });
  return { sample, first: chosen[sample.indexOf(null)] };
}

/** Entries of __mcount_loc that name text of the image; the linker's weak leftovers are 0. */
function listedAddresses(image: KernelImage): bigint[] | string {
  const [start, stop] = ['__start_mcount_loc', '__stop_mcount_loc'].map(
    (name) => image.symbols.find(name)?.address,
  );
  if (start === undefined || stop === undefined)
    return 'the kernel has no symbol __start_mcount_loc (CONFIG_KALLSYMS_ALL)';
  if (!holds(image, start, Number(stop - start))) return '__start_mcount_loc does not lie in the image';
  const reader = new Reader(image.bytes, image.order, 'image');
  const words = pointers(reader, image.base, Number(start - image.base), Number(stop - image.base));
  // Of an image that is linked low and moved before it starts, the table still has the low addresses.
  const known = words.filter((word) => word !== 0n);
  const low = known.filter((word) => !holds(image, word, 1));
  const shift = low.length === known.length && known.length > 0 ? shiftOf(known, image) : 0n;
  const found = known.map((word) => word + shift).filter((word) => holds(image, word, 8));
  return found.length === 0 ? 'the list of call sites is empty until the kernel starts' : found;
}

/** Whole mebibytes between the image's place and the addresses' own. */
function shiftOf(words: readonly bigint[], { base }: KernelImage): bigint {
  const least = words.reduce((a, b) => (b < a ? b : a));
  return base - (least & ~0xf_ffffn);
}

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function bytesAt(
  { backend: { callsite, vmlinux }, config }: CheckedKernel,
  image: KernelImage,
  { f, lacks }: Site,
  symbol: Symbols,
): string | null {
  const { before, resume, compiled } = callsite.shape(config);
  const start = f - BigInt(before);
  if (!holds(image, start, before + resume)) return 'not in the image';
  const expected =
    callsite.link?.(f, config, symbol) ?? vmlinux.linked?.(compiled, f, config, symbol) ?? compiled;
  const found = textMachine(image).load(start, before + resume);
  // What stands in place of a head that is lacking belongs to another function.
  const skip = before === 0 ? lacks : 0;
  const [want, have] = [hex(expected.subarray(skip)), hex(found.subarray(skip))];
  return want === have ? null : `${have} instead of ${want}`;
}

function recordAt(
  { backend: { callsite }, config }: CheckedKernel,
  image: KernelImage,
  { listed, f }: Site,
  symbol: Symbols,
): string | null {
  return attempt(() => {
    const ip = callsite.callAdjust(textMachine(image), listed, config, symbol);
    const expected = f + BigInt(callsite.shape(config).ip);
    return ip === expected ? null : `0x${ip.toString(16)} instead of 0x${expected.toString(16)}`;
  });
}

function initNopAt(
  { backend: { callsite }, config }: CheckedKernel,
  image: KernelImage,
  { f }: Site,
  symbol: Symbols,
): string | null {
  return attempt(() => {
    const ip = f + BigInt(callsite.shape(config).ip);
    const patch = callsite.initNop({
      machine: textMachine(image),
      config,
      ip,
      symbol,
      ops: 0n,
      stub: nearby(f),
    });
    return 'error' in patch ? `refused with ${patch.error}` : null;
  });
}

function attempt(check: () => string | null): string | null {
  try {
    return check();
  } catch (error) {
    if (error instanceof MachineFault) return error.message;
    throw error;
  }
}
