// A secret is shown once, in the answer that created it, and stands nowhere else.

import assert from "node:assert/strict";
import { test } from "node:test";

import { startWorker } from "../support/harness.mjs";
import { Installation, granted, only } from "../support/installation.mjs";
import { findSecrets } from "../support/secrets.mjs";
import { eventually } from "../support/waiting.mjs";

const worker = await startWorker({ watched: true });
const { api } = worker;

// Everything that can be done with tokens and with the secret, well and badly. Returns every secret that was in it.
async function live() {
  await api.bootstrap(`${worker.authSecret}x`, "Mallory");
  const installation = await Installation.found(worker);
  const { administrator } = installation;
  await api.bootstrap(worker.authSecret, "again");

  // KV fails for a while, so that errors are logged too.
  await worker.main.fail({ "directory.TOKENS.put": { fault: "fail" } });
  const limited = await installation.issue({ accessTokenTTL: 60, accessTokenNumUsesLimit: 2, ...only("192.0.2.1") });
  const unlimited = await installation.issue({ accessTokenTTL: 60, accessTokenMaxTTL: 3600 });
  for (const from of ["192.0.2.2", undefined, "192.0.2.1", "192.0.2.1", "192.0.2.1"]) {
    await api.validate(limited.token, from);
  }
  await worker.main.fail({});

  granted(await api.validate(unlimited.token));
  granted(await api.renew(unlimited.token));
  await api.renew(limited.token);
  // In places where a token does not belong.
  for (const path of [`/validate?token=${unlimited.token}`, `/${unlimited.token}`, `/api/${unlimited.token}`]) {
    await api.call("GET", path, { headers: { cookie: unlimited.token, "x-token": unlimited.token } });
  }
  await api.getToken(administrator, unlimited.token);
  await api.revokeToken(administrator, unlimited.token);
  const broken = { body: `{"accessToken":"${unlimited.token}"`, headers: { "content-type": "application/json" } };
  await api.call("POST", "/api/v1/auth/token/renew", broken);
  await api.attachTokenAuth(administrator, unlimited.identity, { accessTokenTTL: unlimited.token });
  await api.call("GET", "/validate", { headers: { authorization: `Bearer ${unlimited.token}, ${unlimited.token}` } });
  granted(await api.getToken(administrator, unlimited.id));
  granted(await api.listTokens(administrator, unlimited.identity));
  granted(await api.revokeOwn(unlimited.token));
  await api.validate(unlimited.token);
  granted(await api.deleteIdentity(administrator, limited.identity));
  await api.validate(limited.token, "192.0.2.1");
  return { installation, secrets: [worker.authSecret, administrator, limited.token, unlimited.token] };
}

test("after all that can happen no token and no secret stands in KV, in any file or in the logs", async () => {
  const { installation, secrets } = await live();
  const store = await worker.store;
  await eventually("all records in the replica", async () => (await store.list()).keys.length >= 6);
  assert.deepEqual(await findSecrets(worker, secrets), []);

  // The logs are captured: they say what was refused, by its public name.
  for (const part of ["auth_secret_wrong", "client_ip_not_trusted", "uses_exhausted", "replica_put", "revoked"]) {
    assert.ok(worker.logs.some((line) => line.includes(part)), part);
  }

  // Nor do they say from where.
  assert.deepEqual(worker.logs.filter((line) => line.includes("192.0.2.")), []);

  // After an orderly stop the files are complete; nothing was only in memory.
  await worker.restart();
  assert.deepEqual(await findSecrets(worker, secrets), []);

  // And the search would find a token: a careless operator gives an identity the name of one.
  const careless = `tka_${"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ".repeat(2).slice(0, 76)}`;
  await installation.identity({ name: careless });
  const search = async () => (await findSecrets(worker, [])).map((place) => place.split(" ")[0]);
  const places = await eventually("the planted token in KV and on disk", async () => {
    const found = await search();
    return found.includes("KV") && found.includes("file") && found;
  });
  assert.ok(!places.includes("log"));
  worker.logs.push(`careless ${careless}`);
  assert.ok((await search()).includes("log"));
});
