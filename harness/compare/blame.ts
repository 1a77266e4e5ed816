// SPDX-License-Identifier: MIT
/**
 * Who is to be suspected where the same case comes out otherwise on another target. Targets are made of parts
 * (target/facts.ts): a part that one side has throughout, and the other nowhere, tells the sides apart.
 */
import { factsOf } from '../target/facts.js';
import { listed } from './sentence.js';

type Part = 'machine' | 'text' | 'core';

/** What is wrong if targets part there; and what else it may be where only two can be asked, and either may be wrong. */
const SUSPECTS: Readonly<Record<Part, readonly [suspect: string, other: string]>> = {
  machine: [
    'our interpreter or instruction table is wrong',
    'clang assembles our trampolines otherwise, or we set up QEMU wrongly',
  ],
  text: ["our trampoline is not the kernel's", 'we do not set up the image as that kernel would'],
  core: [
    "configuration, boot-time patching or the kernel's C side makes the difference",
    'we model the C side wrongly',
  ],
};

const PARTS = Object.keys(SUSPECTS) as readonly Part[];

/**
 * A clause for the end of a sentence; `null` for one class.
 * @param classes names of targets that saw the same, all of one back-end and revision; the largest first
 */
export function blameOf(classes: readonly (readonly string[])[]): string | null {
  if (classes.length < 2) return null;
  const all = classes.flat().sort();
  const unclear = (what: string) => `with ${listed(all)} alone it cannot be told ${what}`;
  if (classes.length > 2) return unclear('who is wrong');
  const [usual, odd] = classes as [readonly string[], readonly string[]];
  const apart = partsApart(usual, odd);
  const [only] = apart;
  if (only === undefined) {
    const lone = odd.length === 1 && usual.length > 1 ? factsOf(odd[0] as string) : undefined;
    return lone === undefined ? unclear('who is wrong') : `so ${lone.alone}`;
  }
  if (apart.length === 1 && all.length > 2) return `so ${SUSPECTS[only][0]}`;
  const suspects = apart.length === 1 ? SUSPECTS[only] : apart.map((part) => SUSPECTS[part][0]);
  return unclear(`whether ${suspects.join(', or ')}`);
}

function partsApart(one: readonly string[], other: readonly string[]): Part[] {
  return PARTS.filter((part) => {
    const [here, there] = [valuesOf(one, part), valuesOf(other, part)];
    return (
      !here.includes(undefined) && !there.includes(undefined) && here.every((value) => !there.includes(value))
    );
  });
}

/** `undefined` among them for a target that nothing is known of. */
function valuesOf(names: readonly string[], part: Part): (string | undefined)[] {
  return names.map((name) => factsOf(name)?.[part]);
}
