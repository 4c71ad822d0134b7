// Clients that say who they are in the words of Token Auth, or take away what it has said.

import { ALLOWED, EITHER, HOST, bearer, bytes, request } from "./message.mjs";

// What an identity's headers are called, and everything else that only Token Auth and its proxies say.
export const OURS = [
  "Token-Auth-Identity-Id",
  "Token-Auth-Identity-Name",
  "Token-Auth-Token-Id",
  "Token-Auth-Role",
  "Token-Auth-Project",
  "Token-Auth-Project-Roles",
  "Token-Auth-Assertion",
  "Token-Auth-Proxy-Secret",
  "Token-Auth-Envoy-Path",
  "Token-Auth-Envoy-Host",
  "Token-Auth-Envoy-Client",
  "Token-Auth-Upgrade",
];

// Every spelling that some origin takes for the name.
function spellings(name) {
  const rest = name.slice("Token-Auth-".length);
  const separators = ["-", "_", "."];
  const prefixes = separators.flatMap((first) => separators.map((second) => `Token${first}Auth${second}`));
  return [
    ...prefixes.map((prefix) => prefix + rest),
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll("-", "_"),
    name.replaceAll("-", "."),
  ];
}

export function forgedIdentities({ good }) {
  return OURS.flatMap((name) =>
    spellings(name).map((spelling) => ({
      name: `a forged ${spelling}`,
      bytes: request({ headers: [bearer(good), [spelling, "evil"]] }),
      // Envoy refuses a name with an underscore.
      ...(spelling.includes("_") ? EITHER : ALLOWED),
      by: good,
    })),
  );
}

export function hopByHop({ good }) {
  return OURS.slice(0, 6).map((name) => ({
    name: `${name} named as a header of the connection`,
    bytes: bytes(
      "GET /public/items HTTP/1.1",
      `Host: ${HOST}`,
      `Authorization: Bearer ${good.token}`,
      `Connection: close, ${name}`,
      "",
      "",
    ),
    ...EITHER,
    by: good,
  }));
}
