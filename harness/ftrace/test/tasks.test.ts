// SPDX-License-Identifier: MIT
import { describe, expect, test } from 'vitest';
import { Tasks } from '../tasks.js';

describe('a field of a task', () => {
  test('is each one own', () => {
    const tasks = new Tasks();
    let made = 0;
    const field = tasks.field(() => ({ made: made++ }));
    const first = field.current;
    tasks.switchTo(2);
    const second = field.current;
    expect([first.made, second.made]).toEqual([0, 1]);
    tasks.switchTo(0);
    expect(field.current).toBe(first);
    tasks.switchTo(2);
    expect(field.current).toBe(second);
    expect(field.all).toEqual([first, second]);
  });

  test('may be replaced, in the task that runs', () => {
    const tasks = new Tasks();
    const count = tasks.field(() => 0);
    count.current++;
    tasks.switchTo(1);
    expect(count.current).toBe(0);
    count.current = 5;
    tasks.switchTo(0);
    expect([count.current, ...count.all]).toEqual([1, 1, 5]);
  });

  test('made while another task runs begins there', () => {
    const tasks = new Tasks();
    tasks.switchTo(3);
    const field = tasks.field(() => 'new');
    field.current = 'changed';
    tasks.switchTo(0);
    expect(field.current).toBe('new');
    tasks.switchTo(3);
    expect(field.current).toBe('changed');
  });
});
