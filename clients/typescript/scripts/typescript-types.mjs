// JSON Schema, as pydantic writes it, to TypeScript types.

/** Gives one exported type for each definition. */
export function declarations(definitions) {
  return Object.entries(definitions).map(([name, schema]) => declaration(name, schema));
}

export function declaration(name, schema) {
  const keyword = schema.properties ? `export interface ${name}` : `export type ${name} =`;
  return `${comment(schema.description)}${keyword} ${typeOf(schema)}\n`;
}

function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").at(-1);
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return union(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return union(choices.map(typeOf));
  switch (schema.type) {
    case "integer":
      return "number";
    case "string":
    case "number":
    case "boolean":
    case "null":
      return schema.type;
    case "array":
      return arrayOf(schema);
    case "object":
      return objectOf(schema);
  }
  throw new Error(`no TypeScript type for ${JSON.stringify(schema)}`);
}

function union(types) {
  return [...new Set(types)].join(" | ");
}

function arrayOf({ items, prefixItems }) {
  return prefixItems
    ? `readonly [${prefixItems.map(typeOf).join(", ")}]`
    : `readonly (${typeOf(items)})[]`;
}

function objectOf({ properties, required = [], additionalProperties }) {
  // Any object, also one of a type that the caller has: a Record would refuse interfaces.
  if (additionalProperties === true) return "object";
  if (!properties) return `Record<string, ${typeOf(additionalProperties)}>`;
  const fields = Object.entries(properties).map(([name, schema]) =>
    required.includes(name)
      ? `${comment(schema.description)}${name}: ${typeOf(schema)};`
      : `${comment(schema.description, schema.default)}${name}?: ${typeOf(schema)};`,
  );
  return `{\n${fields.join("\n")}\n}`;
}

function comment(description, preset) {
  const lines = description?.split("\n") ?? [];
  if (preset !== undefined && preset !== null) lines.push(`@default ${JSON.stringify(preset)}`);
  if (lines.length === 0) return "";
  return lines.length === 1 ? `/** ${lines[0]} */\n` : `/**\n * ${lines.join("\n * ")}\n */\n`;
}
