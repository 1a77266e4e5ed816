// SPDX-License-Identifier: MIT
/** `manifest.json` of a stored kernel: what it was made of, and what its files are. Read with every member checked. */
import * as z from 'zod';
import type { Revision } from '../../../backend/contract.js';
import { VmlinuxError } from '../error.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const natural = z.int().min(0);
/** A plain file name: nothing that leads out of the kernel's directory. */
const fileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._+-]*$/);

const storedFile = z.strictObject({
  name: fileName,
  /** Bytes. */
  size: natural,
  sha256,
});
const storedPackage = z.strictObject({
  name: z.string().min(1),
  version: z.string().min(1),
  /** Bytes of the .deb. */
  size: natural,
  sha256,
});

const manifest = z.strictObject({
  format: z.literal(1),
  arch: z.string().regex(/^[a-z0-9_]+$/),
  revision: z.enum(['6.1', '6.12', '7.2'] satisfies Revision[]),
  /** `uname -r`. */
  release: z.string().min(1),
  packages: z.array(storedPackage).min(1),
  files: z.strictObject({ image: storedFile, config: storedFile, map: storedFile.optional() }),
});

export type Manifest = z.infer<typeof manifest>;
export type StoredFile = z.infer<typeof storedFile>;
export type StoredPackage = z.infer<typeof storedPackage>;
export type FileRole = keyof Manifest['files'];

export const MANIFEST = 'manifest.json';

/** @throws VmlinuxError `changed` */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new VmlinuxError('changed', `${MANIFEST} is no JSON`);
  }
  const parsed = manifest.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new VmlinuxError('changed', `${MANIFEST}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}
