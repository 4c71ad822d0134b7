// A token whose uses are counted, as bearer of management calls.

import assert from "node:assert/strict";
import { test } from "node:test";

import { granted } from "../support/installation.mjs";
import { assertManagementError } from "../support/shape.mjs";
import { IDENTITIES, Target } from "../support/target.mjs";

const target = await Target.start();
const { identity, organizationId } = target;

const permitted = (token, from) => target.api.call("GET", `${IDENTITIES}/details`, { bearer: token, from });

test("calls that are refused consume no use", async () => {
  const { token } = await target.installation.issue({ accessTokenNumUsesLimit: 2 });
  for (let number = 0; number < 5; number += 1) {
    assert.equal((await target.api.createIdentity(token, { name: "x", organizationId })).status, 403);
    assert.equal((await target.api.deleteIdentity(token, target.installation.administratorId)).status, 403);
    assert.equal((await target.api.bootstrap(token, "Acme")).status, 403);
  }
  for (const expected of [200, 200, 401, 401]) assert.equal((await permitted(token)).status, expected);
});

test("calls from an untrusted address consume no use", async () => {
  const { token } = await target.installation.issue({
    accessTokenNumUsesLimit: 1,
    accessTokenTrustedIps: [{ ipAddress: "192.0.2.1" }],
  });
  const refused = await permitted(token, "192.0.2.2");
  const message = "You are not allowed to access this resource from the current IP address";
  assertManagementError(refused, 403, "ForbiddenError", message, { clientIp: "192.0.2.2" });
  assert.equal((await permitted(token, "192.0.2.1")).status, 200);
  const exhausted = "Failed to authorize: token usage limit reached";
  assertManagementError(await permitted(token, "192.0.2.1"), 401, "UnauthorizedError", exhausted);
});

test("a call that is carried out consumes one use, however often the Worker had to ask", async () => {
  const { token } = await target.installation.issue({ accessTokenNumUsesLimit: 3 }, { role: "admin" });
  const created = granted(await target.api.createIdentity(token, { name: "by a counted token", organizationId }));
  assert.equal((await target.api.validate(token)).body.usesRemaining, 1);
  granted(await target.api.deleteIdentity(token, created.identity.id));
  assert.equal((await target.api.deleteIdentity(token, identity)).status, 401);
  await target.assertUnchanged();
});
