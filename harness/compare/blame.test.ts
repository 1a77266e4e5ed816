// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import type { Case } from '../case/types.js';
import { divergence, expected, outcome, seen, spec, subject } from '../cli/test/fakes.js';
import { blameOf } from './blame.js';
import { compareCase } from './compare.js';
import type { Axis } from './types.js';

const INTERPRETER = 'so our interpreter or instruction table is wrong';
const TRAMPOLINE = "so our trampoline is not the kernel's";
const KERNEL = "so configuration, boot-time patching or the kernel's C side makes the difference";

describe('whom a difference speaks against', () => {
  test.each([
    ['qemu-user vmlinux', 'model', INTERPRETER],
    ['kernel qemu-user vmlinux', 'model', INTERPRETER],
    ['model qemu-user', 'vmlinux', TRAMPOLINE],
    ['model qemu-user', 'vmlinux kernel', TRAMPOLINE],
    ['model qemu-user vmlinux', 'kernel', KERNEL],
    ['model vmlinux', 'kernel', KERNEL],
    ['model vmlinux', 'qemu-user', 'so clang assembles our trampolines otherwise, or we set up QEMU wrongly'],
    [
      'model qemu-user kernel',
      'vmlinux',
      "so our trampoline is not the kernel's, or we do not set up the image as that kernel would",
    ],
    [
      'model kernel',
      'qemu-user vmlinux',
      'with kernel, model, qemu-user and vmlinux alone it cannot be told who is wrong',
    ],
    [
      'vmlinux kernel',
      'model',
      "with kernel, model and vmlinux alone it cannot be told whether our interpreter or instruction table is wrong, or our trampoline is not the kernel's",
    ],
  ])('%s against %s', (usual, odd, said) => {
    expect(blameOf([usual.split(' '), odd.split(' ')])).toBe(said);
  });

  test.each([
    [
      'model',
      'qemu-user',
      'our interpreter or instruction table is wrong, or clang assembles our trampolines otherwise, or we set up QEMU wrongly',
    ],
    [
      'qemu-user',
      'vmlinux',
      "our trampoline is not the kernel's, or we do not set up the image as that kernel would",
    ],
    [
      'model',
      'vmlinux',
      "our interpreter or instruction table is wrong, or our trampoline is not the kernel's",
    ],
    [
      'kernel',
      'vmlinux',
      "configuration, boot-time patching or the kernel's C side makes the difference, or we model the C side wrongly",
    ],
  ])('two alone, %s and %s: which they are, and what cannot be told', (a, b, whether) => {
    const said = `with ${a} and ${b} alone it cannot be told whether ${whether}`;
    expect(blameOf([[a], [b]])).toBe(said);
    expect(blameOf([[b], [a]])).toBe(said);
  });

  test('nobody, where nothing differs, all differ, or nobody knows the target', () => {
    expect(blameOf([['model', 'qemu-user']])).toBeNull();
    expect(blameOf([['model'], ['qemu-user'], ['vmlinux']])).toMatch(
      /^with model, qemu-user and vmlinux alone .* who is wrong$/,
    );
    expect(blameOf([['model', 'qemu-user'], ['board']])).toMatch(
      /^with board, model and qemu-user alone .* who is wrong$/,
    );
  });
});

describe('several targets of one run', () => {
  const compare = (axis: Axis, values: Readonly<Record<string, string>>, parts: Partial<Case> = {}) => {
    const results = Object.entries(values).map(([name, value]) => {
      const [arch = '', target] = name.split('/');
      return {
        outcome: outcome(subject(arch, '7.2', target), [seen('result', { value })]),
        features: new Set<string>(),
      };
    });
    const found = compareCase(spec('c', parts), results, axis);
    return { ...found, statuses: found.verdicts.map(({ status }) => status).join(' ') };
  };
  const values = { 'alpha/model': '1', 'alpha/qemu-user': '2', 'beta/model': '1', 'beta/qemu-user': '1' };
  const sayn = /the caller gets .*; with model and qemu-user alone it cannot be told whether our interpreter/;

  test('along target, a difference nobody declared fails both, and says what cannot be told', () => {
    const { statuses, sentence, explained } = compare('target', values);
    expect([statuses, explained]).toEqual(['FAIL FAIL PASS PASS', false]);
    expect(sentence).toMatch(/^at alpha\/7\.2: qemu-user and model differ: /);
    expect(sentence).toMatch(sayn);
  });

  test('along another axis it does not pass in silence either', () => {
    const alike = { 'alpha/model': '1', 'beta/model': '1', 'alpha/qemu-user': '2', 'beta/qemu-user': '2' };
    const { statuses, sentence, explained, classes } = compare('arch', alike);
    expect([statuses, explained]).toEqual(['FAIL FAIL FAIL FAIL', false]);
    expect(sentence).toMatch(/^at alpha\/7\.2: .*; at beta\/7\.2: /);
    // Classes stay those of the axis.
    expect(classes.map(({ subjects }) => subjects)).toEqual([
      ['alpha@7.2/model', 'beta@7.2/model'],
      ['alpha@7.2/qemu-user', 'beta@7.2/qemu-user'],
    ]);
    expect(compare('arch', { 'alpha/model': '1', 'beta/model': '1' }).sentence).toBeNull();
  });

  test('declared for a target it is excused, and must show', () => {
    const parts = {
      expect: [expected('result', { value: '1' })],
      divergences: [
        divergence({ arch: ['alpha'], target: ['qemu-user'] }, [{ at: 1, by: { fields: { value: '2' } } }]),
      ],
    };
    for (const axis of ['target', 'arch'] as const) {
      const { statuses, explained, sentence } = compare(axis, values, parts);
      expect([statuses, explained]).toEqual(['PASS PASS PASS PASS', true]);
      expect(sentence).not.toMatch(/cannot be told/);
    }
    expect(compare('target', { ...values, 'alpha/qemu-user': '1' }, parts).statuses).toBe(
      'PASS XPASS PASS PASS',
    );
    expect(compare('target', { ...values, 'alpha/model': '2' }, parts).statuses).toBe('FAIL PASS PASS PASS');
  });
});
