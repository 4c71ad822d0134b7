// Clients that claim to be elsewhere, or to send another request than they do.

import { ALLOWED, EITHER, REFUSED, bearer, request } from "./message.mjs";

// Where a request comes from, in the words of anybody but the connection.
const ADDRESSES = [
  "X-Forwarded-For",
  "X-Real-IP",
  "CF-Connecting-IP",
  "CF-Connecting-IPv6",
  "True-Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "Fastly-Client-IP",
  "X-Envoy-External-Address",
  "X-ProxyUser-Ip",
  "X-Originating-IP",
  "X-Remote-Addr",
];

export function forgedAddresses({ elsewhere, local }) {
  const cases = [
    ...ADDRESSES.flatMap((name) => [name, name.replaceAll("-", "_")].map((spelling) => [spelling, "203.0.113.9"])),
    ["X-Forwarded-For", "203.0.113.9, 203.0.113.9"],
    ["X-Forwarded-For", "203.0.113.9,127.0.0.1"],
    ["Forwarded", "for=203.0.113.9"],
    ["Forwarded", "for=203.0.113.9;host=api.example.com;proto=https"],
    ["Via", "1.1 203.0.113.9"],
  ];
  return [
    ...cases.map(([name, value]) => ({
      name: `a token from elsewhere with ${name}: ${value}`,
      bytes: request({ headers: [bearer(elsewhere), [name, value]] }),
      ...REFUSED,
      statuses: name.includes("_") ? [403, 400] : [403],
    })),
    {
      name: "a token from elsewhere",
      bytes: request({ headers: [bearer(elsewhere)] }),
      ...REFUSED,
      statuses: [403],
    },
    {
      name: "a token for this machine's address",
      bytes: request({ headers: [bearer(local)] }),
      ...ALLOWED,
      by: local,
    },
    {
      name: "a token for this machine's address, with another address in X-Forwarded-For",
      bytes: request({ headers: [bearer(local), ["X-Forwarded-For", "198.51.100.7"]] }),
      ...ALLOWED,
      by: local,
    },
  ];
}

// Which request it is, in the words of anybody but the request line. These values would be refused if they were believed;
// what the origin must not hear either is marked.
const UNHEARD = true;
const CLAIMS = [
  ["X-Original-URI", "/../evil", UNHEARD],
  ["X-Original-URL", "/../evil", UNHEARD],
  ["X-Original-Method", "TRACE", UNHEARD],
  ["X-Original-Host", "evil host", UNHEARD],
  ["X-Forwarded-Uri", "/../evil", UNHEARD],
  ["X-Forwarded-Method", "TRACE", UNHEARD],
  ["X-Forwarded-Host", "evil.example.com", UNHEARD],
  ["X-Forwarded-Prefix", "/evil", UNHEARD],
  ["X-Forwarded-Path", "/evil"],
  ["X-Rewrite-URL", "/evil", UNHEARD],
  ["X-HTTP-Method-Override", "DELETE", UNHEARD],
  ["X-HTTP-Method", "DELETE", UNHEARD],
  ["X-Method-Override", "DELETE", UNHEARD],
  ["X-Envoy-Original-Path", "/evil"],
  ["X-Envoy-Original-Host", "evil.example.com"],
  ["X-Deny-Status", "200"],
];

export function forgedRequests({ good }) {
  return CLAIMS.flatMap(([name, value, unheard]) => [
    {
      name: `${name}: ${value}`,
      bytes: request({ headers: [bearer(good), [name, value]] }),
      ...ALLOWED,
      by: good,
      unheard: unheard ? [name.toLowerCase(), value] : undefined,
    },
    {
      name: `${name.replaceAll("-", "_")}: ${value}`,
      bytes: request({ headers: [bearer(good), [name.replaceAll("-", "_"), value]] }),
      // Envoy refuses a name with an underscore.
      ...EITHER,
      by: good,
    },
  ]);
}
