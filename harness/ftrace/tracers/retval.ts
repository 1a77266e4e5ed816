// SPDX-License-Identifier: MIT
/**
 * How a return value is printed by function_graph: linux 7.2 kernel/trace/trace_functions_graph.c:
 * print_graph_retval (6.12 alike). The register is all there is: the tracer does not know the type.
 */

const MAX_ERRNO = 4095n;

/** `-22` for what looks like an error, also of 32 bits, else `0x…`; with `hex`, always `0x…`. */
export function printedRetval(word: bigint, hex: boolean): string {
  const error = hex ? 0n : errorOf(word);
  return error === 0n ? `0x${word.toString(16)}` : String(error);
}

/** The negative number, or 0. */
function errorOf(word: bigint): bigint {
  const narrow = word >> 32n === 0n && (word & (1n << 31n)) !== 0n;
  const value = BigInt.asIntN(narrow ? 32 : 64, word);
  return value < 0n && value >= -MAX_ERRNO ? value : 0n;
}
