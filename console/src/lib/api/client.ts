// How the console asks the API. An operation is described once, and can be sent, or shown as curl.

import createClient, { type Client as FetchClient } from "openapi-fetch";
import { session } from "$lib/state/session.svelte";
import { type Failure, NO_ANSWER, failureOf } from "./failure";
import type { paths } from "./generated/schema";
import { remember } from "./requests.svelte";

export type Client = FetchClient<paths>;

export type Operation<Data> = (client: Client) => Promise<{ data?: Data; error?: unknown; response: Response }>;

export interface Sending {
  // With everything that creates or destroys: the same request a second time does nothing more.
  readonly idempotencyKey?: string | undefined;
  // With every change of what somebody has looked at: what it was when they did.
  readonly ifMatch?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  // Nobody asked for it, so that it is not among the requests that are shown.
  readonly quiet?: boolean;
}

export interface Answer<Data> {
  readonly data: Data;
  readonly etag: string | undefined;
}

export type Outcome<Data> = ({ readonly ok: true } & Answer<Data>) | { readonly ok: false; readonly failure: Failure };

// Says that a request comes from the console's own page; the server lets no request through on a cookie alone.
export const CONSOLE_HEADER = { "Token-Auth-Console": "1" } as const;

function headersOf(sending: Sending): Record<string, string> {
  return {
    ...CONSOLE_HEADER,
    ...(sending.idempotencyKey === undefined ? {} : { "Idempotency-Key": sending.idempotencyKey }),
    ...(sending.ifMatch === undefined ? {} : { "If-Match": sending.ifMatch }),
  };
}

function clientOf(sending: Sending, fetch: (request: Request) => Promise<Response>): Client {
  return createClient<paths>({
    baseUrl: window.location.origin,
    credentials: "same-origin",
    headers: headersOf(sending),
    ...(sending.signal === undefined ? {} : { signal: sending.signal }),
    fetch,
  });
}

async function fetchAndRemember(request: Request): Promise<Response> {
  const noted = await remember(request.clone());
  const response = await fetch(request);
  noted(response.status);
  return response;
}

export async function send<Data>(operation: Operation<Data>, sending: Sending = {}): Promise<Outcome<Data>> {
  try {
    const { data, error, response } = await operation(clientOf(sending, sending.quiet === true ? fetch : fetchAndRemember));
    if (response.ok && data !== undefined) return { ok: true, data, etag: response.headers.get("etag") ?? undefined };
    const failure = failureOf(response, error);
    if (failure.status === 401) session.lost();
    return { ok: false, failure };
  } catch {
    return { ok: false, failure: NO_ANSWER };
  }
}

// The request that `operation` would send, which is not sent.
export async function describe<Data>(operation: Operation<Data>, sending: Sending = {}): Promise<Request> {
  let described: Request | undefined;
  const client = clientOf(sending, (request) => {
    described = request;
    return Promise.resolve(new Response(null, { status: 204 }));
  });
  await operation(client);
  if (described === undefined) throw new Error("The operation asks nothing.");
  return described;
}

export function newIdempotencyKey(): string {
  return crypto.randomUUID();
}
