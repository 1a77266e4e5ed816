// SPDX-License-Identifier: MIT
/** How the links of kprobe_multi programs and their like are made, as the schema has it: union bpf_attr, link_create. */
import * as z from 'zod';
import { expression, optional, text, texts } from './schema-words.js';

/** What a kprobe_multi link may be attached by. */
export const attachBy = ['symbols', 'addresses', 'both', 'nothing'] as const;

/** A __u32 of the attribute. */
const word = z
  .int()
  .min(0)
  .max(2 ** 32 - 1);

export const cookies = optional(
  z.array(expression).min(1),
  'bpf_get_attach_cookie() of each function, in order.',
);
export const attach = optional(
  z.strictObject({
    by: optional(z.enum(attachBy), 'Pointers that are passed to the kernel. Default: symbols.'),
    symbols: optional(texts, 'Names instead of those of `on`; there need be no such function.'),
    addresses: optional(z.array(text), 'Addresses instead of those of `on`: expressions, `&f + 4`.'),
    pattern: optional(text, "For the user's library to look up: `bpf_fentry_test?`."),
    unique_match: optional(z.boolean(), 'The pattern must match one function. Default: false.'),
    count: optional(word, 'Entries the lists are said to have. Default: as they have.'),
    flags: optional(word, 'Flags of the link. Default: as the kind has it.'),
    sleepable: optional(z.boolean(), 'The program may sleep. Default: false.'),
    returns: optional(word, 'What the program returns. Default: 1 after `skip_exit`, else 0.'),
  }),
  'How the link is made, where it is not to the functions of `on` by their symbols.',
);
