// The main job from end to end, visibly: `make demo`. Ends with code 0 only if every answer was as promised.

import { setTimeout as sleep } from "node:timers/promises";

import { Api } from "./support/api.mjs";
import { Origin, headerOf } from "./support/origin.mjs";
import { Story } from "./support/story.mjs";
import { WranglerDev } from "./support/wrangler_dev.mjs";

// Addresses that are reserved for documentation.
const OFFICE = "203.0.113.9";
const ELSEWHERE = "198.51.100.7";
// Seconds; long enough that a slow machine cannot miss the renewal.
const SHORT_LIFE = 6;
// Milliseconds; longer than any report of a counter takes.
const LONGEST_REPORT = 20_000;

async function tell(server, origin, story) {
  const api = new Api(server.url, story.show);

  story.step("The operator proves to know AUTH_SECRET and gets an administrator with its first token");
  const bootstrapped = await api.bootstrap(server.authSecret, "Acme");
  const administrator = bootstrapped.body.identity?.credentials?.token;
  story.promise(bootstrapped.status === 200 && Boolean(administrator), "200 with the administrator's access token");

  story.step("Create a machine identity");
  const organizationId = bootstrapped.body.organization?.id;
  const created = await api.createIdentity(administrator, { name: "build-server", organizationId, role: "member" });
  const identity = created.body.identity?.id;
  story.promise(created.status === 200 && Boolean(identity), "200 with the identity's id");

  story.step("Attach Token Auth: tokens live 10 minutes, at most 1 hour, for 3 uses, from the office network only");
  const attached = await api.attachTokenAuth(administrator, identity, {
    accessTokenTTL: 600,
    accessTokenMaxTTL: 3600,
    accessTokenNumUsesLimit: 3,
    accessTokenTrustedIps: [{ ipAddress: "203.0.113.0/24" }],
  });
  story.promise(attached.body.identityTokenAuth?.accessTokenNumUsesLimit === 3, "200, limited to 3 uses");

  story.step("Create an access token for it; this answer is the only place where it ever stands");
  const issued = await api.createToken(administrator, identity, { name: "nightly build" });
  const token = issued.body.accessToken;
  const tokenId = issued.body.tokenData?.id;
  story.promise(issued.status === 200 && Boolean(token), "200 with the token");

  story.step("The workload uses it from the office");
  const first = await api.validate(token, OFFICE);
  story.promise(first.status === 200 && first.body.identityName === "build-server", "200, and it is build-server");
  story.promise(first.body.usesRemaining === 2, "2 of 3 uses are left");

  story.step("The same token from another address is refused, and that costs no use");
  const elsewhere = await api.validate(token, ELSEWHERE);
  const named = elsewhere.body.code === "client_ip_not_trusted" && elsewhere.body.detail.includes(ELSEWHERE);
  story.promise(elsewhere.status === 403 && named, "403, and the address is named");
  const second = await api.validate(token, OFFICE);
  const unspent = second.status === 200 && second.body.usesRemaining === 1;
  story.promise(unspent, "the next use from the office leaves 1, not 0");

  story.step("A forged token, one character changed, is refused without asking anybody");
  const forged = await api.validate(token.slice(0, -1) + (token.endsWith("A") ? "B" : "A"), OFFICE);
  story.promise(forged.status === 401 && forged.body.code === "invalid_token", "401");

  story.step("The third use is the last one");
  const third = await api.validate(token, OFFICE);
  story.promise(third.status === 200 && third.body.usesRemaining === 0, "200, none left");
  const fourth = await api.validate(token, OFFICE);
  story.promise(fourth.status === 401 && fourth.body.code === "invalid_token", "the fourth is 401");

  story.step("The operator sees it");
  await told(api, story, administrator, tokenId);

  story.step(`A second identity: its tokens live ${SHORT_LIFE} s unless renewed, and their uses are not limited`);
  const other = (await api.createIdentity(administrator, { name: "deploy-bot", organizationId })).body.identity?.id;
  await api.attachTokenAuth(administrator, other, { accessTokenTTL: SHORT_LIFE, accessTokenMaxTTL: 3600 });
  const short = (await api.createToken(administrator, other)).body.accessToken;
  const before = await api.validate(short, OFFICE);
  story.promise(before.status === 200 && before.body.usesRemaining === null, "200, uses are not counted down");

  story.step("Its holder renews it half-way, and it works beyond its first end");
  const end = Date.parse(before.body.expiresAt);
  await sleepUntil(end - (SHORT_LIFE / 2) * 1000);
  const renewed = await api.renew(short);
  story.promise(renewed.status === 200 && renewed.body.accessToken === short, "200 with the same token");
  await sleepUntil(end + 200);
  const beyond = await api.validate(short, OFFICE);
  story.promise(beyond.status === 200 && Date.parse(beyond.body.expiresAt) > end, "200 after its first end has passed");

  story.step("A third token, from the configuration as it is now, and the operator revokes it");
  await api.updateTokenAuth(administrator, other, { accessTokenTTL: 600 });
  const last = await api.createToken(administrator, other);
  const working = await api.validate(last.body.accessToken, OFFICE);
  story.promise(working.status === 200, "200, it works");
  const revoked = await api.revokeToken(administrator, last.body.tokenData?.id);
  const acknowledged = performance.now();
  story.promise(revoked.status === 200, "200: the revocation is acknowledged, the clock runs");
  const refused = await refusal(api, last.body.accessToken);
  const bound = (await api.call("GET", "/api/status")).body.maxStalenessSeconds;
  const late = refused.at - acknowledged;
  story.promise(refused.status === 401, `refused with 401 when asked ${Math.ceil(late)} ms after the acknowledgement`);
  story.promise(late < bound * 1000, `the promised bound is ${bound} s`);
  await guard(api, story, origin, administrator, organizationId);
}

// A real origin behind the gateway.
async function guard(api, story, origin, bearer, organizationId) {
  const manage = (method, path, json) => api.call(method, path, { bearer, json });

  story.step(`A project, whose requests below /shop go to an origin on ${origin.url}`);
  const project = (await manage("POST", "/api/v1/projects", { projectName: "Shop", slug: "shop-demo" })).body.project?.id;
  const route = await manage("POST", `/api/v1/projects/${project}/routes`, { pathPrefix: "/shop", origin: origin.url });
  story.promise(route.status === 200, "200 with the route");

  story.step("An identity that may read there, from the office only");
  const viewer = (await api.createIdentity(bearer, { name: "shop-reader", organizationId })).body.identity?.id;
  await api.attachTokenAuth(bearer, viewer, { accessTokenTrustedIps: [{ ipAddress: "203.0.113.0/24" }] });
  const joined = await manage("POST", `/api/v1/projects/${project}/memberships/identities/${viewer}`, { role: "viewer" });
  const issued = (await api.createToken(bearer, viewer)).body;
  story.promise(joined.status === 200 && Boolean(issued.accessToken), "200, a viewer with a token");

  const ask = (method, path, from) => api.call(method, path, { bearer: issued.accessToken, from });
  story.step("Allowed: the origin gets the request with the identity, and never the token");
  const allowed = await ask("GET", "/shop/items?page=2", OFFICE);
  const [seen] = origin.take();
  story.promise(allowed.status === 200 && allowed.text === "hello from the origin", "200, and the origin's own answer");
  story.promise(seen?.target === "/shop/items?page=2", `the origin saw ${seen?.method} ${seen?.target}`);
  const told = ["token-auth-identity-name", "token-auth-project", "token-auth-project-roles"];
  const heard = told.map((name) => seen && headerOf(seen, name)).join(", ");
  story.promise(heard === "shop-reader, shop-demo, viewer", `and was told: ${heard}`);
  story.promise(seen !== undefined && !headerOf(seen, "authorization"), "and was not sent the access token");

  story.step("Refused by role: a viewer may not write");
  const written = await ask("POST", "/shop/items", OFFICE);
  story.promise(written.status === 403 && written.body.code === "insufficient_scope", "403 insufficient_scope");

  story.step("Refused by address");
  const away = await ask("GET", "/shop/items", ELSEWHERE);
  story.promise(away.status === 403 && away.body.code === "client_ip_not_trusted", "403, and the address is named");

  story.step("Why was this refused? The operator asks");
  const request = { host: new URL(api.url).hostname, method: "POST", path: "/shop/items" };
  const why = await manage("POST", "/api/v1/explain", { tokenId: issued.tokenData?.id, clientIp: OFFICE, request });
  const refusal = why.body.explanation?.refusal;
  story.promise(refusal?.code === "permission_missing", `${refusal?.check}: ${refusal?.code}`);

  story.step("Revoked: from then on the origin hears nothing");
  await api.revokeToken(bearer, issued.tokenData?.id);
  const revoked = performance.now();
  let answer = await ask("GET", "/shop/items", OFFICE);
  while (answer.status === 200 && performance.now() - revoked < LONGEST_REPORT) {
    await sleep(50);
    origin.take();
    answer = await ask("GET", "/shop/items", OFFICE);
  }
  story.promise(answer.status === 401 && origin.take().length === 0, "401, and the origin saw nothing of it");
}

// The token's count reaches the operator's view a moment after its last use.
async function told(api, story, administrator, tokenId) {
  const quiet = new Api(api.url);
  const deadline = performance.now() + LONGEST_REPORT;
  while ((await quiet.getToken(administrator, tokenId)).body.token?.accessTokenNumUses !== 3) {
    if (performance.now() > deadline) break;
    await sleep(100);
  }
  const { token } = (await api.getToken(administrator, tokenId)).body;
  const used = `${token?.accessTokenNumUses} of ${token?.accessTokenNumUsesLimit}`;
  story.promise(used === "3 of 3", `${used} uses, last used at ${token?.accessTokenLastUsedAt}`);
}

function sleepUntil(time) {
  return sleep(Math.max(0, time - Date.now()));
}

// The first answer that is not 200, with the time at which its request was sent.
async function refusal(api, token) {
  for (;;) {
    const at = performance.now();
    const { status } = await api.validate(token, OFFICE);
    if (status !== 200) return { status, at };
    await sleep(50);
  }
}

const started = performance.now();
let server;
let origin;
const interrupted = async () => {
  await server?.stop();
  await origin?.stop();
  process.exit(130);
};
process.once("SIGINT", interrupted).once("SIGTERM", interrupted);

try {
  console.log("Starting the Worker on workerd, with KV and Durable Objects on disk in a temporary folder.");
  // An origin on this machine: allowed in development only.
  server = await WranglerDev.start({ ALLOW_LOOPBACK_ORIGINS: "true" });
  origin = await Origin.start({ answer: (_, response) => response.end("hello from the origin") });
  console.log(`It answers on ${server.url}. Its AUTH_SECRET is random and not shown.`);
  const story = new Story([server.authSecret]);
  await tell(server, origin, story);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  for (const failure of story.failures) console.log(`\nFAILED at ${failure}`);
  process.exitCode = story.failures.length === 0 ? 0 : 1;
  const verdict = story.failures.length === 0 ? "every answer was as promised" : "NOT every answer was as promised";
  console.log(`\nDemo: ${story.steps} steps, ${verdict}, ${seconds} s.`);
  console.log("To see it in the console: make dev, and open the link that it prints.");
} catch (error) {
  console.error(`\nThe demo broke off: ${error.stack}`);
  process.exitCode = 1;
} finally {
  await server?.stop();
  await origin?.stop();
}
