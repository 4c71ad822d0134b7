// Whether what came of a case is what must come of it.

import { HOST } from "../../support/bearers.mjs";

// The origin hears of the identity what Token Auth has said, and nothing else in any spelling.
const IDENTITY = [
  "token-auth-identity-id",
  "token-auth-identity-name",
  "token-auth-token-id",
  "token-auth-role",
  "token-auth-project",
  "token-auth-project-roles",
];

// What is wrong, one text each. `seen` has the client's `answer`, the origin's `requests`, and the proxy's `questions`
// with their `verdicts`; `world` has the way in which the proxy asks, its secret, and whether it lets names with an
// underscore through.
export function judge(one, seen, world) {
  const { answer, requests, questions, verdicts } = seen;
  const { asking, secret, passesUnderscores } = world;
  const wrong = [];
  const yes = verdicts.filter(asking.isYes).length;
  if (requests.length > yes) wrong.push(`${requests.length} requests at the origin, ${yes} times yes`);
  const expected = one.statuses ?? (one.outcome === "allowed" ? [200] : undefined);
  const isRefusal = answer.status >= 400 && answer.status <= 499;
  if (expected ? !expected.includes(answer.status) : !isRefusal && answer.status !== 200) {
    wrong.push(`answered ${answer.status}`);
  }
  for (const question of questions) {
    if (!asking.isProven(question, secret)) wrong.push("a question without exactly one secret");
  }

  if (one.outcome === "allowed" && requests.length !== 1) wrong.push(`${requests.length} requests at the origin`);
  if (one.outcome === "refused" && (requests.length > 0 || (asking.decides && yes > 0) || answer.status === 200)) {
    wrong.push(`not refused: ${requests.length} requests at the origin, ${yes} times yes`);
  }
  if (answer.status === 401 && !answer.headers.some(([name]) => name === "www-authenticate"))
    wrong.push("no challenge");
  // Whoever has got an answer of the origin has been allowed.
  if (answer.body.includes("origin") && requests.length === 0) wrong.push("an answer of the origin, which saw nothing");

  // What should not have got through at all is not looked at any closer.
  if (one.outcome === "refused") return wrong;
  requests.forEach((request, index) => {
    const asked = questions[index] && asking.targetOf(questions[index]);
    const identity = asking.identityOf(one.by);
    wrong.push(...judgeRequest(one, request, { asked, identity, secret, passesUnderscores, host: HOST }));
  });
  return wrong;
}

// What is wrong with a request that the origin saw. `asked` is the target that was decided about where one was named,
// `identity` what the origin hears of who sends it, `host` the name by which the origin is called, `secret` what nobody may hear; `assertion` is the name of the header in which the origin
// gets a signed assertion, if it does.
export function judgeRequest(one, request, { asked, identity, host, secret, passesUnderscores, assertion }) {
  const wrong = [];
  const path = pathOf(request.target);
  if (asked !== undefined && pathOf(asked) !== path) wrong.push(`asked about ${pathOf(asked)}, passed on ${path}`);
  if (!one.anywhere && !/^\/public(\/|$)/.test(path)) wrong.push(`the origin saw ${path}, which no role allows`);
  if (one.target !== undefined && path !== one.target) wrong.push(`the origin saw ${path}`);
  if (one.sameAs !== undefined && path.toLowerCase() !== one.sameAs.toLowerCase()) wrong.push(`the origin saw ${path}`);
  if (one.sent !== undefined && headerValues(request, one.sent[0]).join() !== one.sent[1])
    wrong.push(`the origin was told ${one.sent[0]}: ${JSON.stringify(headerValues(request, one.sent[0]))}`);
  if (one.method !== undefined && request.method !== one.method) wrong.push(`the origin saw ${request.method}`);
  if (/\/\.{1,2}(\/|$)|\/\/|[\\;#]|%2f|%5c|%2e|%00/i.test(path)) wrong.push(`an ambiguous path was passed on: ${path}`);

  // That host and no other, whatever the client has called it.
  const hosts = headerValues(request, "host").map((value) => value.toLowerCase());
  if (hosts.length !== 1 || hosts[0].replace(/:\d+$/, "").replace(/\.$/, "") !== host) wrong.push(`the origin saw the host ${hosts}`);

  for (const name of IDENTITY) {
    const values = request.headers.filter(([present]) => present === name).map(([, value]) => value);
    if (values.join() !== (identity[name] ?? "") || values.length !== Number(name in identity))
      wrong.push(`${name} at the origin: ${JSON.stringify(values)}`);
  }
  for (const [name, value] of request.headers) {
    const plain = name.replaceAll(/[_.]/g, "-");
    if (plain.startsWith("token-auth-") && !IDENTITY.includes(name) && name !== assertion)
      wrong.push(`the origin was told ${name}: ${value}`);
    if (name.includes("_") && !passesUnderscores) wrong.push(`the origin was told ${name}: ${value}`);
    if (plain === "authorization") wrong.push("the origin was sent an Authorization header");
    if (value.includes(secret)) wrong.push(`the origin was sent the secret in ${name}`);
    if (value.includes(one.by.token)) wrong.push(`the origin was sent the token in ${name}`);
    if (one.unheard && name === one.unheard[0] && value === one.unheard[1])
      wrong.push(`the origin was told ${name}: ${value}`);
  }
  return wrong;
}

function headerValues(request, wanted) {
  return request.headers.filter(([name]) => name === wanted).map(([, value]) => value);
}

function pathOf(target) {
  return target.split("?")[0];
}
