// SPDX-License-Identifier: MIT
/**
 * Whether a tree has the shape of a schema, answered on the tree itself: a right file, which is nearly every
 * one, costs neither a copy as JSON nor a run of the schema library. Compiled from the schema, so there is
 * nothing to keep in step. It only ever errs to the strict side: what does not fit is for the library to judge.
 */
import type * as z from 'zod';
import type { Node } from './tree.js';

export type Fits = (node: Node) => boolean;

/** What a schema of the library holds, by its documented `def`. */
interface Definition {
  readonly type: string;
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[];
  readonly innerType?: z.ZodType;
  readonly element?: z.ZodType;
  readonly valueType?: z.ZodType;
  readonly shape?: Readonly<Record<string, z.ZodType>>;
  readonly catchall?: z.ZodType;
  readonly options?: readonly z.ZodType[];
  readonly entries?: Readonly<Record<string, unknown>>;
  readonly values?: readonly unknown[];
  readonly getter?: () => z.ZodType;
}

interface Check {
  readonly check: string;
  readonly minimum?: number;
  readonly value?: number;
  readonly inclusive?: boolean;
  readonly pattern?: RegExp;
}

const compiled = new WeakMap<z.ZodType, Fits>();

/** True only for trees which the schema accepts. */
export function fitsOf(schema: z.ZodType): Fits {
  let fits = compiled.get(schema);
  if (fits === undefined) {
    fits = compile(schema.def as unknown as Definition);
    compiled.set(schema, fits);
  }
  return fits;
}

const no: Fits = () => false;

function compile(definition: Definition): Fits {
  const { type, innerType, element, valueType, options = [], entries, values, getter } = definition;
  switch (type) {
    // A schema that holds itself is compiled when it is first needed.
    case 'lazy':
      return getter ? (node) => fitsOf(getter())(node) : no;
    case 'optional':
      return innerType ? fitsOf(innerType) : no;
    case 'union': {
      const alternatives = options.map(fitsOf);
      return (node) => alternatives.some((fits) => fits(node));
    }
    case 'string': {
      const length = least(definition);
      const patterns = patternsOf(definition);
      return (node) =>
        node.kind === 'scalar' &&
        typeof node.value === 'string' &&
        node.text.length >= length &&
        patterns.every((pattern) => pattern.test(node.text));
    }
    case 'number': {
      const within = limits(definition);
      return (node) => node.kind === 'scalar' && typeof node.value === 'bigint' && within(node.value);
    }
    case 'boolean':
      return (node) => node.kind === 'scalar' && typeof node.value === 'boolean';
    case 'null':
      return (node) => node.kind === 'scalar' && node.value === null;
    case 'unknown':
      return () => true;
    case 'enum':
    case 'literal': {
      const words = new Set<unknown>(entries ? Object.values(entries) : values);
      return (node) => node.kind === 'scalar' && typeof node.value === 'string' && words.has(node.value);
    }
    case 'array': {
      const fits = element ? fitsOf(element) : no;
      const length = least(definition);
      return (node) => node.kind === 'list' && node.items.length >= length && node.items.every(fits);
    }
    case 'record': {
      const fits = valueType ? fitsOf(valueType) : no;
      return (node) => node.kind === 'map' && node.entries.every(({ value }) => fits(value));
    }
    case 'object':
      return object(definition);
    default:
      return no;
  }
}

function object({ shape = {}, catchall }: Definition): Fits {
  const fields = new Map(Object.entries(shape).map(([key, schema]) => [key, fitsOf(schema)]));
  const others = catchall ? fitsOf(catchall) : no;
  const required = Object.entries(shape)
    .filter(([, schema]) => (schema.def as { type: string }).type !== 'optional')
    .map(([key]) => key);
  return (node) =>
    node.kind === 'map' &&
    node.entries.every(({ key, value }) => (fields.get(key.text) ?? others)(value)) &&
    required.every((name) => node.entries.some(({ key }) => key.text === name));
}

const checksOf = ({ checks = [] }: Definition) => checks.map(({ _zod }) => _zod.def);

/** Smallest length; more than anything has where there is a check that is not known here. */
function least(definition: Definition): number {
  return checksOf(definition).reduce(
    (length, { check, minimum, pattern }) =>
      pattern !== undefined
        ? length
        : Math.max(
            length,
            check === 'min_length' && minimum !== undefined ? minimum : Number.POSITIVE_INFINITY,
          ),
    0,
  );
}

function patternsOf(definition: Definition): readonly RegExp[] {
  return checksOf(definition).flatMap(({ pattern }) => pattern ?? []);
}

function limits(definition: Definition): (value: bigint) => boolean {
  const tests = checksOf(definition).map(({ check, value: bound, inclusive }) => {
    if (check === 'number_format') return () => true;
    if (bound === undefined || inclusive !== true) return () => false;
    if (check === 'greater_than') return (value: bigint) => value >= bound;
    return check === 'less_than' ? (value: bigint) => value <= bound : () => false;
  });
  return (value) => tests.every((test) => test(value));
}
