// Who sends the request: credentials in every wrong form, and roles that do not allow it.

import { ALLOWED, EITHER, REFUSED, bearer, request } from "./message.mjs";

export function credentials({ good, revoked, exhausted, removed, forged }) {
  const refuse = (name, headers, statuses) => ({ name, bytes: request({ headers }), ...REFUSED, statuses });
  const authorization = (value) => ["Authorization", value];
  const token = good.token;
  return [
    refuse("no credentials", [], [401]),
    refuse("an empty Authorization", [authorization("")], [401]),
    refuse("Basic", [authorization("Basic YTpi")], [401]),
    refuse("Basic with the token", [authorization(`Basic ${btoa(`token:${token}`)}`)], [401]),
    refuse("no scheme", [authorization(token)], [401]),
    refuse("no token", [authorization("Bearer")], [400, 401]),
    refuse("nonsense", [authorization("Bearer nonsense")], [401]),
    refuse("a forged token", [authorization(`Bearer ${forged}`)], [401]),
    refuse("a token cut short", [authorization(`Bearer ${token.slice(0, -1)}`)], [401]),
    refuse("a token and more", [authorization(`Bearer ${token}0`)], [401]),
    refuse("a revoked token", [bearer(revoked)], [401]),
    refuse("a token that is used up", [bearer(exhausted)], [401]),
    refuse("a token of an identity that is gone", [bearer(removed)], [401]),
    refuse("two tokens in one header", [authorization(`Bearer ${token}, Bearer ${token}`)], [400]),
    refuse("two tokens without a space", [authorization(`Bearer ${token},Bearer ${token}`)], [400]),
    refuse("two parameters", [authorization(`Bearer ${token} ${token}`)], [400]),
    refuse("Basic and Bearer in one header", [authorization(`Basic YTpi, Bearer ${token}`)], [400]),
    refuse("two headers, both good", [bearer(good), bearer(good)], [400]),
    refuse("two headers, the first good", [bearer(good), authorization("Bearer nonsense")], [400]),
    refuse("two headers, the second good", [authorization("Bearer nonsense"), bearer(good)], [400]),
    {
      name: "two headers, the second empty",
      bytes: request({ headers: [bearer(good), authorization("")] }),
      // Envoy drops the empty one.
      ...EITHER,
      statuses: [200, 400],
      by: good,
    },
    refuse("a token in Proxy-Authorization", [["Proxy-Authorization", `Bearer ${token}`]], [401]),
    refuse("a token in X-Authorization", [["X-Authorization", `Bearer ${token}`]], [401]),
    refuse("a token in a cookie", [["Cookie", `access_token=${token}; authorization=Bearer ${token}`]], [401]),
    refuse("a token behind a tab", [authorization(`Bearer\t${token}`)], [400, 401]),
    refuse("a token in quotes", [authorization(`Bearer "${token}"`)], [400]),
    refuse("bytes that are no ASCII", [authorization(`Bearer ${token}\u00ff`)], [400, 401]),
    refuse("a credential of 6 KB", [authorization(`Bearer ${"a".repeat(6_000)}`)], [401, 400, 431]),
    refuse("a credential of 40 KB", [authorization(`Bearer ${"a".repeat(40_000)}`)], [400, 401, 431]),
    {
      name: "a token in the query",
      bytes: request({ target: `/public/items?access_token=${token}` }),
      ...REFUSED,
      statuses: [401],
    },
    {
      name: "a header with an underscore",
      bytes: request({ headers: [["Authorization_", `Bearer ${token}`]] }),
      ...REFUSED,
    },
    {
      name: "the scheme in lower case",
      bytes: request({ headers: [authorization(`bearer ${token}`)] }),
      ...ALLOWED,
      by: good,
    },
    { name: "several spaces", bytes: request({ headers: [authorization(`Bearer   ${token}`)] }), ...ALLOWED, by: good },
    {
      name: "the name in lower case",
      bytes: request({ headers: [["authorization", `Bearer ${token}`]] }),
      ...ALLOWED,
      by: good,
    },
  ];
}

// Who may do what. A path that is allowed, said in any other way than the request line, does not help.
export function permissions({ good, reader, outsider }) {
  const refuse = (name, by, more, statuses) => ({
    name,
    bytes: request({ ...more, headers: [bearer(by), ...(more.headers ?? [])] }),
    ...REFUSED,
    statuses,
  });
  const target = "/secret";
  return [
    refuse("a path that no role allows", good, { target }, [403]),
    refuse("the parent of what is allowed", good, { target: "/" }, [403]),
    refuse("a path that only begins like an allowed one", good, { target: "/publications" }, [403]),
    refuse("an allowed path in other letters", good, { target: "/Public/items" }, [403]),
    refuse("an allowed path in the query", good, { target: "/secret?/public/items" }, [403]),
    refuse("an allowed path in the fragment", good, { target: "/secret#/public/items" }, [400, 403]),
    ...[
      "X-Original-URI",
      "X-Original-URL",
      "X-Forwarded-Uri",
      "X-Forwarded-Path",
      "X-Rewrite-URL",
      "X-Envoy-Original-Path",
    ]
      .flatMap((name) => [name, name.replaceAll("-", "_")])
      .map((name) =>
        refuse(`an allowed path in ${name}`, good, { target, headers: [[name, "/public/items"]] }, [400, 403]),
      ),
    ...["Token-Auth-Envoy-Path", "Token_Auth_Envoy_Path"].map((name) =>
      refuse(`an allowed path in ${name}`, good, { target, headers: [[name, "/public/items"]] }, [400, 403]),
    ),
    ...["POST", "PUT", "PATCH", "DELETE"].map((method) =>
      refuse(`${method} by who may only read`, reader, { method, body: "a" }, [403]),
    ),
    ...["X-Original-Method", "X-Forwarded-Method", "X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"]
      .flatMap((name) => [name, name.replaceAll("-", "_")])
      .map((name) =>
        refuse(`DELETE with ${name}: GET`, reader, { method: "DELETE", headers: [[name, "GET"]] }, [400, 403]),
      ),
    refuse("a request of who is no member", outsider, {}, [403]),
    ...["GET", "HEAD"].map((method) => ({
      name: `${method} by who may only read`,
      bytes: request({ method, target: "/anything", headers: [bearer(reader)] }),
      ...ALLOWED,
      anywhere: true,
      by: reader,
    })),
  ];
}
