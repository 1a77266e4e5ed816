// SPDX-License-Identifier: MIT
import { expect, test } from 'vitest';
import type { LoadedBackend } from './contract.js';
import { missingSymbols, requireSymbols } from './required-symbols.js';

const config = (...on: string[]) => ({ revision: '7.2', has: (name: string) => on.includes(name) }) as const;
const loaded = {
  backend: { arch: 'toy' },
  sources: [{ file: 'backends/toy/trampoline.S', text: '' }],
} as unknown as LoadedBackend;

test('what hangs on a feature that is off may be missing', () => {
  expect(missingSymbols(config(), new Set())).toEqual([]);
  expect(missingSymbols(config('DYNAMIC_FTRACE'), new Set(['ftrace_caller']))).toEqual(['ftrace_stub']);
});

test('the error names the back-end, its sources and every symbol', () => {
  const on = config('DYNAMIC_FTRACE', 'FUNCTION_GRAPH_TRACER');
  requireSymbols(loaded, on, new Set(['ftrace_caller', 'ftrace_stub', 'return_to_handler']));
  expect(() => requireSymbols(loaded, on, new Set(['ftrace_caller']))).toThrow(
    'back-end toy at 7.2: backends/toy/trampoline.S does not define ftrace_stub, return_to_handler; ' +
      'the harness looks them up by name',
  );
});
