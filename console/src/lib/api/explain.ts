// What the console asks about the checks of a token.

import type { Operation } from "./client";
import type { components } from "./generated/schema";

type Schemas = components["schemas"];

export type ExplainRequest = Schemas["ExplainRequest"];
export type Explanation = Schemas["Explanation"];
export type ExplainedCheck = Schemas["ExplainedCheck"];

export const explainUse =
  (body: ExplainRequest): Operation<Schemas["ExplanationAnswer"]> =>
  (client) =>
    client.POST("/api/v1/explain", { body });
