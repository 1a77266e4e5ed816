// SPDX-License-Identifier: MIT
/**
 * What can be wrong with kernels from outside: a file that is no kernel or a damaged one, a store that was changed, a
 * machine without the tools. Whatever bytes are read, nothing else is thrown.
 */

export type VmlinuxErrorKind =
  /** The bytes contradict themselves, or end too early. */
  | 'malformed'
  /** A format or a compression that is not read. */
  | 'unsupported'
  /** Something asked for is not there: no BTF, no symbol table, no kernel fetched. */
  | 'absent'
  /** A stored file is not what was stored. */
  | 'changed'
  /** The machine lacks a program, room or a connection; or the archive lacks a package. */
  | 'environment';

export class VmlinuxError extends Error {
  override readonly name = 'VmlinuxError';
  constructor(
    readonly kind: VmlinuxErrorKind,
    message: string,
    /** What to do about it. */
    readonly remedy?: string,
  ) {
    super(message);
  }
  /** Text for stderr. */
  render(): string {
    return `error: ${this.message}${this.remedy === undefined ? '' : `\n${this.remedy}`}`;
  }
}

/** The same fault told with the file it is in. */
export function inFile(file: string, error: VmlinuxError): VmlinuxError {
  return new VmlinuxError(error.kind, `${file}: ${error.message}`, error.remedy);
}
