// The two ways in which a proxy asks Token Auth: about a request (forward auth), or about a token (RFC 7662).

import { REFUSED } from "../corpus/message.mjs";

export const FORWARD_AUTH = {
  // What proves the proxy.
  secretOf: ({ secret }) => secret,
  isProven: ({ headers }, secret) => valuesOf(headers, "token-auth-proxy-secret").join() === secret,
  tokenOf: ({ headers }) => valuesOf(headers, "authorization")[0]?.split(/ +/)[1],
  // The target that is asked about.
  targetOf: ({ headers }) => headers.find(([name]) => TARGETS.includes(name))?.[1] ?? "",
  isYes: ({ status }) => status === 200,
  // Whether a yes is all that it takes.
  decides: true,
  // What the origin hears of who sends a request.
  identityOf: ({ expected }) => expected,
  adapt: (one) => one,
};

// In which header of its question a proxy names the target.
const TARGETS = ["x-original-uri", "x-forwarded-uri", "token-auth-envoy-path"];

export const INTROSPECTION = {
  secretOf: ({ client }) => client.clientSecret,
  isProven: ({ headers }, secret) => {
    const [proof, ...others] = valuesOf(headers, "authorization");
    return others.length === 0 && atob(proof.replace("Basic ", "")).endsWith(`:${secret}`);
  },
  tokenOf: ({ body }) => new URLSearchParams(body).get("token"),
  targetOf: () => undefined,
  isYes: ({ status, text }) => status === 200 && text.includes('"active":true'),
  decides: false,
  identityOf: ({ expected }) =>
    Object.fromEntries(
      ["token-auth-identity-id", "token-auth-token-id", "token-auth-role"].map((name) => [name, expected[name]]),
    ),
  // Apache tells neither addresses nor projects apart: it lets in who has the role in the organization that its example
  // asks for, and nobody whose token is bound to an address. For most of what is wrong it has other statuses.
  adapt: (one, { good }) => {
    const isStranger = one.by !== undefined && one.by !== good;
    const statuses = one.statuses?.includes(null) ? one.statuses : undefined;
    return { ...one, ...(isStranger ? REFUSED : undefined), statuses };
  },
};

function valuesOf(headers, wanted) {
  return headers.filter(([name]) => name === wanted).map(([, value]) => value);
}
