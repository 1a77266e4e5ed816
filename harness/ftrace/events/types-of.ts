// SPDX-License-Identifier: MIT
/** What BTF says of C types, as events use it: linux 7.2 kernel/trace/trace_probe.c fetch_type_from_btf_type, btf_type_is_char_ptr. */
import type { ReturnType, ValueType } from '../../ctype/types.js';

/** Name of the fetch type for a C type; `null`: a word. */
export function fetchTypeOf(type: ReturnType): string | null {
  if (type.kind === 'pointer') return 'x64';
  if (type.kind !== 'integer') return null;
  // Of 128 bits the signed one is unknown, and the unsigned one is taken for a bit field.
  if (type.size === 16) return type.signed ? null : 'u64';
  return `${type.signed ? 's' : 'u'}${8 * type.size}`;
}

/** A pointer to unsigned characters; the kernel is built with unsigned `char`. */
export function charPointer(type: ReturnType): boolean {
  return type.kind === 'pointer' && /^(const )?(unsigned )?(char|u8|__u8|uint8_t) \*$/.test(type.name);
}

/** Tag of the struct pointed to. */
export function pointedStruct(type: ReturnType | ValueType): string | null {
  return type.kind === 'pointer' ? (/^(?:const )?struct (\w+) \*$/.exec(type.name)?.[1] ?? null) : null;
}
