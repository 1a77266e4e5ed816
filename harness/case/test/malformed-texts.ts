// SPDX-License-Identifier: MIT
/** Malformed texts and families, in the form of malformed.ts. */
import type { Malformed } from './malformed.js';

export const malformedTexts: readonly Malformed[] = [
  {
    name: 'an escape for a terminal',
    code: 'binary',
    text: `@title: "red ▸\\x1b[31m"
`,
    message: 'an escape stands for U+001B',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'a short escape for a terminal',
    code: 'binary',
    text: `@title: "a \\n▸\\e[2J"
`,
    message: 'an escape stands for U+001B',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape for NUL',
    code: 'binary',
    text: `@title: "a▸\\0b"
`,
    message: 'an escape stands for U+0000',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape for a carriage return',
    code: 'binary',
    text: `@title: "all well▸\\rX"
`,
    message: 'an escape stands for U+000D',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape that turns the direction',
    code: 'binary',
    text: `@why: "a ▸\\u202e b"
`,
    message: 'an escape stands for U+202E',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'a long escape that isolates a direction',
    code: 'binary',
    text: `@why: "a ▸\\U00002066 b"
`,
    message: 'an escape stands for U+2066',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape for a line separator',
    code: 'binary',
    text: `@why: "a \\\\ ▸\\L b"
`,
    message: 'an escape stands for U+2028',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape for half of a character',
    code: 'binary',
    text: `@why: "a ▸\\ud800 b"
`,
    message: 'an escape stands for U+D800',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape in a key',
    code: 'binary',
    text: `@probes:
  "w▸\\u200f": { ops: { on: all } }
`,
    message: 'an escape stands for U+200F',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'an escape in a row of for',
    code: 'binary',
    text: `@for: [{ a: x, b: "▸\\x7f" }]
feature: $\{b}
`,
    message: 'an escape stands for U+007F',
    remedy:
      'texts hold no characters that act on terminals or turn the direction of writing: write what is meant in words',
  },
  {
    name: 'a raw character that turns the direction',
    code: 'binary',
    text: `@# a comment▸\u202e
`,
    message: 'the file is not plain text: it contains U+202E',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'a raw control of the second block',
    code: 'binary',
    text: `@why: a▸\u009b31m
`,
    message: 'the file is not plain text: it contains U+009B',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'a byte order mark within',
    code: 'binary',
    text: `@why: a▸\ufeffb
`,
    message: 'the file is not plain text: it contains U+FEFF',
    remedy:
      'a case is a YAML file in UTF-8, without characters that act on terminals or turn the direction of writing',
  },
  {
    name: 'a blank title',
    code: 'wrong-shape',
    text: `@title: ▸" "
`,
    message: '`title`: must not be blank',
    remedy: 'What holds, as one sentence that a maintainer would say',
  },
  {
    name: 'a blank why',
    code: 'wrong-shape',
    text: `@why: ▸"\\n"
`,
    message: '`why`: must not be blank',
    remedy: 'What depends on it, with the kernel code or document that says so',
  },
  {
    name: 'a blank source of the case',
    code: 'wrong-shape',
    text: `@source: ▸" "
`,
    message: '`source`: must not be blank',
    remedy: 'Where the asserted behaviour is implemented or documented',
  },
  {
    name: 'a blank feature',
    code: 'wrong-shape',
    text: `@feature: ▸" "
`,
    message: '`feature`: must not be blank',
    remedy: 'Heading in reports. Default: the folder of the file',
  },
  {
    name: 'a blank reason',
    code: 'wrong-shape',
    text: `@expect: [result: 1]
divergences:
  - { on: { arch: a }, because: ▸" ", source: c, replace: { 1: [] } }
`,
    message: '`because` in divergences[1]: must not be blank',
    remedy: 'Why the outcome differs, one sentence',
  },
  {
    name: 'a test that is not upstream',
    code: 'unknown-name',
    text: `@covers: [FP-02, ▸FP-20]
`,
    message: 'there is no upstream test or historical bug `FP-20`',
    remedy: 'did you mean `FP-02`?',
  },
  {
    name: 'a mistyped bug',
    code: 'unknown-name',
    text: `@covers: [▸core-retadr-idx]
`,
    message: 'there is no upstream test or historical bug `core-retadr-idx`',
    remedy: 'did you mean `core-retaddr-idx`?',
  },
  {
    name: 'what is no id at all',
    code: 'unknown-name',
    text: `@covers: [▸the kprobe tests]
`,
    message: 'there is no upstream test or historical bug `the kprobe tests`',
    remedy: 'ids are those of `ftrace-conform list --covers`: FP-02, x86-rth-missing-ret-slot',
  },
  {
    name: 'a test covered twice',
    code: 'duplicate-name',
    text: `@covers: [FP-02, ▸FP-02]
`,
    message: '`FP-02` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'a feature required twice',
    code: 'duplicate-name',
    text: `@requires: [FPROBE, ▸FPROBE]
`,
    message: '`FPROBE` is in the list twice',
    remedy: 'keep one of them',
  },
  {
    name: 'a parameter that nothing uses',
    code: 'substitution',
    text: `@for:
  - { id: a, ▸n: 1 }
  - { id: b, n: 2 }
`,
    message: 'the parameter `n` is used nowhere',
    remedy: `write \`$\{n}\` where its value belongs, or remove it`,
  },
  {
    name: 'an only parameter that nothing uses',
    code: 'substitution',
    text: `@for: [{ ▸id: a }, { id: b }]
`,
    message: 'the parameter `id` is used nowhere',
    remedy: `write \`$\{id}\` where its value belongs, or remove it`,
  },
  {
    name: 'a combination that nothing uses',
    code: 'substitution',
    text: `@for: { a: [1, 2], ▸b: [1, 2] }
feature: f $\{a}
`,
    message: 'the parameter `b` is used nowhere',
    remedy: `write \`$\{b}\` where its value belongs, or remove it`,
  },
];
