// A request as a line for a terminal. It never holds a credential: the token is whatever $TOKEN is there.

export interface Written {
  readonly method: string;
  readonly url: string;
  readonly body: string | undefined;
}

// Fields of a body that hold a secret, whichever operation it is.
const SECRET_FIELDS = new Set(["accessToken", "token", "clientSecret", "signInCode"]);

function withoutSecrets(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), (name, value: unknown) => (SECRET_FIELDS.has(name) && typeof value === "string" ? "…" : value));
  } catch {
    return "";
  }
}

export async function written(request: Request): Promise<Written> {
  const body = await request.text();
  return { method: request.method, url: request.url, body: body === "" ? undefined : withoutSecrets(body) };
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

export function curl({ method, url, body }: Written): string {
  const parts = [
    method === "GET" ? "curl" : `curl -X ${method}`,
    quoted(url),
    `-H "Authorization: Bearer $TOKEN"`,
    ...(body === undefined ? [] : [`-H ${quoted("content-type: application/json")}`, `-d ${quoted(body)}`]),
  ];
  return parts.join(" \\\n  ");
}
