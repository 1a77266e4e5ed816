// SPDX-License-Identifier: MIT
/**
 * Argument placement over a sample of prototypes: every byte of every value has one place, and no two values
 * share one. Which place is right is for the back-end's own tests to say.
 */
import type { Signature, ValueType } from '../../ctype/types.js';
import type { Abi, Location, Placement } from '../contract.js';
import type { Report, Subject } from './finding.js';
import { prototypeText, sampleSignatures, words } from './signatures.js';

const SAMPLE = 600;

/** As much of a calling convention as placing takes. */
export type Convention = Pick<Abi, 'argumentRegisters' | 'returnRegisters' | 'stackArguments' | 'place'>;

export function checkPlacement({ backend: { abi } }: Subject, report: Report): void {
  for (const signature of sampleSignatures(SAMPLE)) {
    const problem = placementProblem(abi, signature);
    // One prototype is enough to mend the rule.
    if (problem !== null) {
      report('abi.place', `${prototypeText(signature)}: ${problem}`);
      return;
    }
  }
  const problem = orderProblem(abi);
  if (problem !== null) report('abi.place', problem);
}

/** The first thing wrong with the placement of one prototype, or `null`. */
export function placementProblem(abi: Convention, signature: Signature): string | null {
  const placement = abi.place(signature);
  return (
    parametersProblem(abi, signature, placement) ??
    sharedProblem(placement) ??
    resultProblem(abi, signature, placement)
  );
}

function parametersProblem(abi: Convention, signature: Signature, placement: Placement): string | null {
  if (placement.parameters.length !== signature.parameters.length) {
    return `${placement.parameters.length} places for ${signature.parameters.length} parameters`;
  }
  const end = abi.stackArguments + placement.stackBytes;
  for (const [index, { pieces, byReference }] of placement.parameters.entries()) {
    const { name, type } = signature.parameters[index] as { name: string; type: ValueType };
    const gap = coverProblem(pieces, byReference ? 8 : type.size);
    if (gap !== null) return `${name}: ${gap}`;
    for (const piece of pieces) {
      if (piece.in === 'register') {
        if (!abi.argumentRegisters.includes(piece.register)) {
          return `${name}: ${piece.register} is no argument register`;
        }
        if (piece.size > 8) return `${name}: ${piece.size} bytes in ${piece.register}`;
      } else if (piece.at < abi.stackArguments || piece.at + piece.size > end) {
        return `${name}: bytes ${piece.at} to ${piece.at + piece.size} are outside the stack arguments`;
      }
    }
  }
  return null;
}

/** The pieces are bytes 0 to `size` of the value, in order. */
function coverProblem(pieces: readonly Location[], size: number): string | null {
  let covered = 0;
  for (const { offset, size: bytes } of pieces) {
    if (offset !== covered || bytes <= 0) {
      return `the piece of ${bytes} bytes at ${offset} does not follow byte ${covered}`;
    }
    covered += bytes;
  }
  return covered === size ? null : `${covered} of ${size} bytes have a place`;
}

/** No register and no stack byte serves two pieces. */
function sharedProblem({ parameters, hidden }: Placement): string | null {
  const taken = new Set<string>(hidden === null ? [] : [hidden.register]);
  for (const piece of parameters.flatMap(({ pieces }) => pieces)) {
    const places =
      piece.in === 'register'
        ? [piece.register]
        : Array.from({ length: piece.size }, (_, byte) => `stack byte ${piece.at + byte}`);
    for (const place of places) {
      if (taken.has(place)) return `${place} is given to two values`;
      taken.add(place);
    }
  }
  return null;
}

function resultProblem(abi: Convention, { result }: Signature, placement: Placement): string | null {
  const size = placement.hidden === null ? result.size : 0;
  const gap = coverProblem(placement.result, size);
  if (gap !== null) return `result: ${gap}`;
  const seen = new Set<string>();
  for (const piece of placement.result) {
    if (piece.in === 'stack' || !abi.returnRegisters.includes(piece.register)) {
      return `result: ${piece.in === 'stack' ? 'the stack' : piece.register} is no return register`;
    }
    if (seen.has(piece.register)) return `result: ${piece.register} is given twice`;
    seen.add(piece.register);
  }
  return null;
}

/** Plain words take the argument registers in order, then the stack from `stackArguments` up. */
function orderProblem(abi: Convention): string | null {
  const { argumentRegisters, stackArguments } = abi;
  const count = argumentRegisters.length;
  for (const [index, { pieces }] of abi.place(words(count + 2)).parameters.entries()) {
    const [piece] = pieces;
    const got = piece?.in === 'register' ? piece.register : `S+${piece?.at}`;
    const due = argumentRegisters[index] ?? `S+${stackArguments + 8 * (index - count)}`;
    if (got !== due) return `argument ${index} of ${count + 2} words is in ${got}, not in ${due}`;
  }
  return null;
}
