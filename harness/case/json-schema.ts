// SPDX-License-Identifier: MIT
/**
 * The published JSON Schema of case files, for editors: generated from the schema that the parser uses, in
 * draft-07, which the YAML language servers support. Since `${name}` may stand for a value of any kind,
 * every value that is not a text may also be such a parameter, and every key may hold one.
 */
import * as z from 'zod';
import { caseSchema } from './schema.js';

type Json = Record<string, unknown>;

const parameter = { type: 'string', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' };

/** The schema as JSON data; equal for equal versions of the language. */
export function caseJsonSchema(): Json {
  const generated = z.toJSONSchema(caseSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // The bounds of exact doubles are not bounds of the language.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as Json;
  const definitions = (generated.definitions ?? {}) as Record<string, Json>;
  const { $schema, definitions: _, ...rest } = generated;
  const root = new Opener(definitions).inside(rest);
  const opened = Object.fromEntries(
    Object.entries(definitions)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, { id: _id, $id, ...schema }]) => [name, new Opener(definitions).inside(schema)]),
  );
  return { $schema, title: 'A case of ftrace-conform', ...root, definitions: { ...opened, parameter } };
}

/** The text of the published file. */
export function caseJsonSchemaText(): string {
  return `${JSON.stringify(caseJsonSchema(), null, 2)}\n`;
}

/** Opens every value to parameters. */
class Opener {
  constructor(private readonly definitions: Record<string, Json>) {}

  inside(schema: Json): Json {
    const result: Json = { ...schema };
    for (const key of ['properties', 'patternProperties']) {
      const map = schema[key] as Record<string, Json> | undefined;
      if (map)
        result[key] = Object.fromEntries(
          Object.entries(map).map(([name, value]) => [name, this.value(name, value)]),
        );
    }
    for (const key of ['items', 'additionalProperties']) {
      if (isObject(schema[key])) result[key] = this.value(key, schema[key]);
    }
    if (schema.properties !== undefined && schema.additionalProperties === false) openKeys(result);
    if (Array.isArray(schema.anyOf)) result.anyOf = schema.anyOf.map((branch) => this.inside(branch as Json));
    return result;
  }

  private value(name: string, schema: Json): Json {
    // Parameters get their values here; they have none yet.
    if (name === 'for') return schema;
    const inner = this.inside(schema);
    if (this.acceptsText(schema)) return inner;
    const { description, ...rest } = inner;
    const open = { anyOf: [rest, { $ref: '#/definitions/parameter' }] };
    return description === undefined ? open : { description, ...open };
  }

  private acceptsText(schema: Json): boolean {
    const reference =
      typeof schema.$ref === 'string' ? this.definitions[schema.$ref.replace(/^.*\//, '')] : undefined;
    if (reference) return this.acceptsText(reference);
    const branches = (schema.anyOf ?? schema.allOf) as Json[] | undefined;
    if (branches) return branches.some((branch) => this.acceptsText(branch));
    const types = [schema.type].flat();
    return (
      schema.enum === undefined &&
      schema.const === undefined &&
      (types.includes('string') || Object.keys(schema).length === 0)
    );
  }
}

const parameterKey = '\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}';

/** A key that holds a parameter is any of the keys; where exactly one key of several must stand, it may be that one. */
function openKeys(schema: Json): void {
  schema.patternProperties = { ...(schema.patternProperties as Json), [parameterKey]: {} };
  if (Array.isArray(schema.oneOf)) {
    const has = { not: { propertyNames: { not: { pattern: parameterKey } } } };
    schema.oneOf = [...schema.oneOf, has];
  }
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
