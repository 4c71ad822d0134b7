// A team of Cloudflare Access: it publishes its keys as Access does, and asserts whom it has let through.

import { createSign, generateKeyPairSync } from "node:crypto";
import { createServer } from "node:http";
import { after } from "node:test";

export const AUDIENCE = "4714c1358e65fe4b408ad6d432a5f878f08194bdb4752441fd56faefa9b2b6f2";
// In which Access puts its assertion into each request that it lets through.
export const ASSERTION_HEADER = "cf-access-jwt-assertion";

const encode = (value) => Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url");

export const newKey = () => generateKeyPairSync("rsa", { modulusLength: 2048 });
export const jwk = ({ publicKey }, kid) => ({ ...publicKey.export({ format: "jwk" }), kid, alg: "RS256", use: "sig" });
export const now = () => Math.floor(Date.now() / 1000);

export class AccessTeam {
  key = newKey();
  // What is published at the moment; how often it was asked for; whether the server answers.
  keys = [jwk(this.key, "first")];
  asked = 0;
  available = true;

  // Stops after the test whose context is given, or after all tests of the file.
  static async start(context = { after }) {
    const team = new AccessTeam();
    const server = createServer((request, response) => {
      if (request.url !== "/cdn-cgi/access/certs") return response.writeHead(404).end();
      team.asked += 1;
      if (!team.available) return response.writeHead(503).end();
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ keys: team.keys, public_certs: [] }));
    });
    await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
    context.after(() => server.close());
    team.issuer = `http://127.0.0.1:${server.address().port}`;
    return team;
  }

  // Settings of an installation that this team stands before.
  get vars() {
    return { ACCESS_TEAM_DOMAIN: this.issuer, ACCESS_AUDIENCE: AUDIENCE };
  }

  claims(changed = {}) {
    return {
      iss: this.issuer,
      aud: [AUDIENCE],
      email: "Ada@Example.com",
      sub: "7335d417-61da-459d-899c-0a01c76a2f94",
      type: "app",
      iat: now(),
      nbf: now(),
      exp: now() + 60,
      ...changed,
    };
  }

  assertion({ key = this.key, header = {}, claims = {}, sign } = {}) {
    const signed = `${encode({ alg: "RS256", kid: "first", typ: "JWT", ...header })}.${encode(this.claims(claims))}`;
    const signature = sign ? sign(signed) : createSign("RSA-SHA256").update(signed).sign(key.privateKey);
    return `${signed}.${Buffer.from(signature).toString("base64url")}`;
  }
}
