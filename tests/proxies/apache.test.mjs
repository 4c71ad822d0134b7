// Apache with mod_auth_openidc and its example configuration: it asks who a token belongs to (RFC 7662), and the origin
// hears that and nothing that the client has made up.

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { OURS } from "./corpus/identities.mjs";
import { startProxy } from "./support/programs.mjs";
import { send } from "./support/wire.mjs";
import { HOST, World } from "./support/world.mjs";

const world = await World.start();
after(() => world.stop());
const client = await world.installation.client();
const apache = await startProxy("Apache 2.4", { ...world, client });
after(() => apache.stop());
const { installation, origin } = world;

async function get(token, ...headers) {
  const lines = ["GET /orders?x=1 HTTP/1.1", `Host: ${HOST}`, "Connection: close"];
  if (token !== undefined) lines.push(`Authorization: Bearer ${token}`);
  const answer = await send(apache.port, Buffer.from([...lines, ...headers, "", ""].join("\r\n"), "latin1"));
  return { ...answer, seen: origin.take() };
}

function identityHeaders({ headers }) {
  return Object.fromEntries(headers.filter(([name]) => name.startsWith("token-auth-")));
}

test("the origin hears who it is, and not the token", async () => {
  const issued = await installation.issue({}, { name: "Zoë's build", role: "member" });
  const { status, seen } = await get(issued.token);
  assert.equal(status, 200);
  assert.equal(seen.length, 1);
  assert.equal(seen[0].target, "/orders?x=1");
  assert.deepEqual(identityHeaders(seen[0]), {
    "token-auth-identity-id": issued.identity,
    "token-auth-token-id": issued.id,
    "token-auth-role": "member",
  });
  for (const [name, value] of seen[0].headers) {
    assert.ok(name !== "authorization" && !name.startsWith("oidc_"), name);
    assert.ok(!value.includes(issued.token), name);
  }
});

test("what a client says in the names of Token Auth does not reach the origin", async () => {
  const issued = await installation.issue();
  for (const name of OURS) {
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      const { status, seen } = await get(issued.token, `${spelling}: evil`);
      assert.equal(status, 200);
      assert.deepEqual(identityHeaders(seen[0]), {
        "token-auth-identity-id": issued.identity,
        "token-auth-token-id": issued.id,
        "token-auth-role": "no-access",
      });
    }
  }
  const { seen } = await get(issued.token, "OIDC_CLAIM_sub: evil", "OIDC-CLAIM-sub: evil");
  assert.ok(!seen[0].headers.some(([, value]) => value === "evil"));
});

test("each request spends a use, and a limit on uses holds", async () => {
  const { token } = await installation.issue({ accessTokenNumUsesLimit: 2 });
  const answers = [await get(token), await get(token), await get(token)];
  assert.deepEqual(
    answers.map(({ status, seen }) => [status, seen.length]),
    [
      [200, 1],
      [200, 1],
      [401, 0],
    ],
  );
});

test("what is no active token is refused with a challenge, and the origin sees nothing", async () => {
  const revoked = await installation.issue();
  assert.equal((await get(revoked.token)).status, 200);
  await installation.revoke(revoked.id);
  const bound = await installation.issue({ accessTokenTrustedIps: [{ ipAddress: "127.0.0.1" }] });
  for (const token of [undefined, "nonsense", revoked.token, bound.token]) {
    const { status, headers, seen } = await get(token);
    assert.equal(status, 401, token);
    assert.match(headers.find(([name]) => name === "www-authenticate")[1], /^Bearer/);
    assert.deepEqual(seen, []);
  }
});

test("a token in the query is no credential", async () => {
  const { token } = await installation.issue();
  const line = `GET /orders?access_token=${token} HTTP/1.1`;
  const answer = await send(apache.port, Buffer.from(`${line}\r\nHost: ${HOST}\r\nConnection: close\r\n\r\n`));
  assert.equal(answer.status, 401);
  assert.deepEqual(origin.take(), []);
});

test("nothing is let through while Token Auth cannot answer", async () => {
  const { token } = await installation.issue();
  assert.equal((await get(token)).status, 200);
  await world.worker.main.fail({ "worker.DIRECTORY.*": { fault: "fail" } });
  const { status, seen } = await get(token);
  await world.worker.main.fail({});
  assert.ok(status >= 401, `${status}`);
  assert.deepEqual(seen, []);
  assert.equal((await get(token)).status, 200);
});
