// What clients send through a proxy, well-meant and not. Every proxy gets all of it, byte by byte.
//
// A case names what must come of it: allowed      200, and the origin saw the very path that was asked about refused
//   one of the case's statuses, and the origin saw nothing either       one of the two: whether the proxy or Token Auth
//   refuses, or nothing is wrong with it, may differ A refusal is 4xx, or what `statuses` says: for some requests 5xx
//   is the right answer (RFC 9110 §15.6.2, §15.6.6). In every case the origin sees no claim about the identity but
//   ours, neither token nor secret, and no use is consumed but for what reached the origin.

import { forgedAddresses, forgedRequests } from "./corpus/claims.mjs";
import { credentials, permissions } from "./corpus/credentials.mjs";
import { forgedIdentities, hopByHop } from "./corpus/identities.mjs";
import { paths } from "./corpus/paths.mjs";
import { framing, hosts, methods, utf8 } from "./corpus/requests.mjs";

// All cases, with the tokens of `World.tokens`.
export function corpus(tokens) {
  const families = {
    forgedIdentities,
    hopByHop,
    forgedAddresses,
    forgedRequests,
    paths,
    methods,
    credentials,
    permissions,
    hosts,
    utf8,
    framing,
  };
  return Object.entries(families).flatMap(([family, cases]) => cases(tokens).map((one) => ({ family, ...one })));
}
