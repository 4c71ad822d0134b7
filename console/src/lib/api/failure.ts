// Why a request was not answered with what was asked for.

import type { components } from "./generated/schema";

type ErrorBody = components["schemas"]["Error"];

export type MissingPermission = Pick<components["schemas"]["MissingPermission"], "action" | "subject">;

export interface Failure {
  // 0: there was no answer at all.
  readonly status: number;
  // The API's name for the error, such as `PermissionBoundaryError`.
  readonly code: string;
  // What the API says; empty where it says everything by field.
  readonly message: string;
  readonly requestId: string | undefined;
  // What is wrong with each field: `accessTokenTrustedIps.0.ipAddress` → text.
  readonly fields: Readonly<Record<string, string>>;
  readonly missing: readonly MissingPermission[];
  // What the refused request would have made has been made before: its id.
  readonly alreadyMade: string | undefined;
  readonly details: unknown;
}

export const NO_ANSWER: Failure = {
  status: 0,
  code: "NoAnswer",
  message: "",
  requestId: undefined,
  fields: {},
  missing: [],
  alreadyMade: undefined,
  details: undefined,
};

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isErrorBody(body: unknown): body is ErrorBody {
  return isRecord(body) && typeof body["statusCode"] === "number" && "message" in body;
}

function missingOf(details: unknown): MissingPermission[] {
  const listed = isRecord(details) ? details["missingPermissions"] : undefined;
  if (!Array.isArray(listed)) return [];
  return listed.filter(isRecord).map(({ action, subject }) => ({ action: String(action), subject: String(subject) }));
}

function fieldsOf(body: ErrorBody): Record<string, string> {
  if (Array.isArray(body.message)) {
    return Object.fromEntries(body.message.map((issue) => [issue.path.join("."), issue.message]));
  }
  const path = isRecord(body.details) ? body.details["path"] : undefined;
  return Array.isArray(path) ? { [path.join(".")]: body.message } : {};
}

export function failureOf(response: Response, body: unknown): Failure {
  const requestId = response.headers.get("x-request-id") ?? undefined;
  if (!isErrorBody(body)) return { ...NO_ANSWER, status: response.status, code: "Unreadable", requestId };
  const made = isRecord(body.details) ? body.details["id"] : undefined;
  return {
    status: response.status,
    code: body.error,
    message: typeof body.message === "string" ? body.message : "",
    requestId: body.reqId,
    fields: fieldsOf(body),
    missing: missingOf(body.details),
    alreadyMade: body.error === "AlreadyMade" && typeof made === "string" ? made : undefined,
    details: body.details,
  };
}
