// Signing in and out. What is sent here is never remembered.

import { CONSOLE_HEADER, type Outcome } from "./client";
import { NO_ANSWER, failureOf } from "./failure";

export interface Session {
  readonly id: string;
  readonly identityId: string;
  readonly identityName: string;
  readonly organizationId: string;
  readonly organizationSlug: string;
  readonly organizationRole: string;
  readonly via: "accessToken" | "cloudflareAccess" | "signInCode";
  readonly createdAt: string;
  readonly idleExpiresAt: string;
  readonly expiresAt: string;
  readonly clientAddress: string | null;
}

export interface SignInOptions {
  readonly accessToken: boolean;
  readonly cloudflareAccess: boolean;
  // False where the page is not reached over https, as in local development.
  readonly secure: boolean;
  // Why nobody can sign in at this address at all.
  readonly refusal: "insecure" | "sharedHost" | null;
}

export type Credential = { readonly accessToken: string } | { readonly signInCode: string };

const BASE = "/api/v1/console";

async function ask<Data>(method: string, path: string, body?: object): Promise<Outcome<Data>> {
  try {
    const response = await fetch(`${BASE}${path}`, {
      method,
      credentials: "same-origin",
      headers: { ...CONSOLE_HEADER, ...(body === undefined ? {} : { "content-type": "application/json" }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.json().catch(() => undefined);
    if (!response.ok) return { ok: false, failure: failureOf(response, answer) };
    return { ok: true, data: answer as Data, etag: undefined };
  } catch {
    return { ok: false, failure: NO_ANSWER };
  }
}

type InEnvelope = { readonly session: Session };

export const options = (): Promise<Outcome<SignInOptions>> => ask("GET", "/sign-in-options");
export const current = (): Promise<Outcome<InEnvelope>> => ask("GET", "/session");
export const signIn = (credential: Credential): Promise<Outcome<InEnvelope>> => ask("POST", "/sessions", credential);
export const signInWithCloudflareAccess = (): Promise<Outcome<InEnvelope>> => ask("POST", "/sessions/access");

// Who signs in as an identity through Cloudflare Access: the subject of their token there.
export interface AccessSubject {
  readonly accessSubject: string | null;
}
const accessSubjectOf = (identityId: string) => `/identities/${encodeURIComponent(identityId)}/access-subject`;
export const accessSubject = (identityId: string): Promise<Outcome<AccessSubject>> => ask("GET", accessSubjectOf(identityId));
export const setAccessSubject = (identityId: string, subject: AccessSubject): Promise<Outcome<AccessSubject>> => ask("PUT", accessSubjectOf(identityId), subject);

export const end = (): Promise<Outcome<unknown>> => ask("DELETE", "/session");
export const endAll = (): Promise<Outcome<unknown>> => ask("DELETE", "/sessions");
