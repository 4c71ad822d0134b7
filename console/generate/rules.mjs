// The rules of every field of every request body, as openapi.json states them: `rules.CreateIdentityRequest.name`.

const STATED = ["type", "minLength", "maxLength", "pattern", "minimum", "maximum", "minItems", "maxItems", "enum"];

// A default is stated in words in the document: "`2592000` when it is left out."
const DEFAULT = /`([^`]*)` when it is left out\./;

function defaultOf(schema) {
  if (schema.default !== undefined) return schema.default;
  const [, text] = DEFAULT.exec(schema.description ?? "") ?? [];
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function rulesOf(schema, required) {
  const rules = { required };
  for (const name of STATED) if (schema[name] !== undefined) rules[name] = schema[name];
  const standard = defaultOf(schema);
  if (standard !== undefined) rules.default = standard;
  return rules;
}

export function fieldRules(document) {
  const bodies = Object.entries(document.components.schemas).filter(([name]) => name.endsWith("Request"));
  return Object.fromEntries(
    bodies.map(([name, schema]) => [
      name,
      Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([field, property]) => [
          field,
          rulesOf(property, (schema.required ?? []).includes(field)),
        ]),
      ),
    ]),
  );
}
