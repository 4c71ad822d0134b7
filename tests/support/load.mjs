// Many requests over kept-alive connections, as fast as they are answered.

import { Agent, request } from "node:http";

// Sends `total` requests over `connections` connections and counts the statuses; `failed` counts requests that got no
// answer. `headers` may depend on the number of the request. `onAnswer` sees each answer as it comes.
export async function load(url, { total, connections, path = "/validate", headers = {}, onAnswer = () => {} }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const statuses = {};
  let sent = 0;
  const client = async () => {
    while (sent < total) {
      const number = sent++;
      const answer = await send(new URL(path, url), agent, typeof headers === "function" ? headers(number) : headers);
      const status = answer?.status ?? "failed";
      statuses[status] = (statuses[status] ?? 0) + 1;
      if (answer) onAnswer(answer, number);
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return statuses;
}

function send(url, agent, headers) {
  return new Promise((resolve) => {
    const sent = request(url, { agent, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => (text += chunk));
      response.on("end", () => resolve({ status: response.statusCode, text }));
      response.on("error", () => resolve(undefined));
    });
    sent.on("error", () => resolve(undefined));
    sent.end();
  });
}

// The header of a bearer, with the client's address if one is given.
export function bearer(token, from) {
  return { authorization: `Bearer ${token}`, ...(from && { "cf-connecting-ip": from }) };
}
