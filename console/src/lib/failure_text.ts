// A failure in words.

import type { Failure } from "$lib/api/failure";
import { texts } from "$texts";

interface Said {
  readonly text: string;
  // What the API itself says, where that says more.
  readonly detail: string | undefined;
}

function general(failure: Failure): string | undefined {
  const { failures } = texts;
  switch (failure.status) {
    case 0:
      return failures.noAnswer;
    case 401:
      return failures.signedOut;
    case 403:
      return failure.code === "PermissionBoundaryError" ? failures.boundary : failures.forbidden;
    case 404:
      return failures.gone;
    case 412:
      return failures.changed;
    case 422:
      return failures.invalid;
    case 429:
      return failures.tooOften;
    case 503:
      return failures.unavailable;
    default:
      return failure.status >= 500 || failure.message === "" ? failures.defect : undefined;
  }
}

function withheld({ details }: Failure): boolean {
  return typeof details === "object" && details !== null && "withheld" in details && details.withheld === true;
}

export function failureText(failure: Failure): Said {
  const text = general(failure);
  if (text === undefined) return { text: failure.message, detail: undefined };
  if (withheld(failure)) return { text, detail: texts.failures.withheld };
  const own = failure.message === "" ? Object.values(failure.fields).join(" ") : failure.message;
  return { text, detail: own === "" || failure.status === 0 || failure.status === 401 ? undefined : own };
}
