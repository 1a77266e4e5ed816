// SPDX-License-Identifier: MIT
/** A program on a kprobe or kretprobe, as the schema has it: struct bpf_kprobe_opts of the user's library. */
import * as z from 'zod';
import { expression, optional, text } from './schema-words.js';
import { kprobeInterfaces } from './vocabulary.js';

export const program = optional(
  z.strictObject({
    interface: optional(
      z.enum(kprobeInterfaces),
      'perf event and ioctl, perf event and link, event of tracefs and ioctl. Default: default, a link.',
    ),
    symbol: optional(text, 'Name instead of that of the function: `name`, `module:name`.'),
    address: optional(z.boolean(), 'By the address of the function. Default: by its name.'),
    sleepable: optional(z.boolean(), 'The program may sleep. Default: false.'),
    cookie: optional(expression, 'bpf_get_attach_cookie(). Default: none.'),
  }),
  'The handler is a BPF program, attached in this way. Default: a handler of the kernel.',
);
