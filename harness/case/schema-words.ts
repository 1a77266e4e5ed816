// SPDX-License-Identifier: MIT
/** Kinds of values that the schema of case files is made of. */
import * as z from 'zod';

export const text = z.string().min(1);
/** For people: not blank. */
export const prose = z.string().regex(/\S/);
export const texts = z.array(text);
export const bytes = z.int().min(0).max(65536);
export const scalar = z.union([z.string(), z.int(), z.boolean(), z.null()]);
export const fieldValue = z
  .union([z.string(), z.int(), z.boolean(), z.null(), z.array(scalar)])
  .meta({ id: 'fieldValue' });
export const expression = z.union([text, z.int(), z.null()]);
export const wordList = z.array(expression).min(1);
export const oneOrMore = z.union([text, z.array(text).min(1)]);
export const noted = <T extends z.ZodType>(schema: T, description: string): T =>
  schema.describe(description) as T;
export const optional = <T extends z.ZodType>(schema: T, description: string) =>
  schema.describe(description).optional();
