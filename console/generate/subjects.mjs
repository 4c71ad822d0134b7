// What the rules of roles can be about, as openapi.json states it: for the organization and for a project, each subject
// that something is decided by, with its actions and the fields of its conditions.

function textsOf(schema) {
  return schema.anyOf.find(({ type }) => type === "string")?.enum;
}

function subjectsOf(schemas, request) {
  const variants = schemas[request].oneOf.map(({ $ref }) => schemas[$ref.split("/").at(-1)].properties);
  // A variant without fixed actions is about what is kept only, for clients that read it back.
  return variants
    .filter(({ action }) => textsOf(action) !== undefined)
    .flatMap(({ subject, action, conditions }) =>
      subject.enum.map((name) => ({ name, actions: textsOf(action), fields: Object.keys(conditions.properties ?? {}) })),
    );
}

function patternOf(schemas) {
  const [glob] = schemas.ProjectRequestsRuleRequest.properties.conditions.properties.path.anyOf.flatMap(({ properties }) => properties?.$glob ?? []);
  return glob;
}

export function ruleSubjects(document) {
  const { schemas } = document.components;
  return {
    organization: subjectsOf(schemas, "OrganizationRuleRequest"),
    project: subjectsOf(schemas, "ProjectRuleRequest"),
    pattern: patternOf(schemas),
  };
}
