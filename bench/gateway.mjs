// What the gateway costs: its throughput as a ratio to that of a Worker which passes requests on without any check, and
// that of /validate as a ratio to a Worker which answers at once. Both run in one workerd, take turns, and are asked by
// the same client; requests per second of a machine say little, ratios say what the program adds.
//
// Usage: node bench/gateway.mjs [rounds] [seconds of a turn]; BUILD names another folder than build/.

import { readFile } from "node:fs/promises";
import { connect, createServer } from "node:net";

import { Harness } from "../tests/support/harness.mjs";
import { Installation } from "../tests/support/installation.mjs";
import { ProtectedProject } from "../tests/support/protected_project.mjs";

const CONNECTIONS = 32;
const HOST = "api.example.com";
const [rounds, seconds] = [Number(process.argv[2] ?? 5), Number(process.argv[3] ?? 5)];

// An origin that costs next to nothing: it answers without looking at more than the ends of requests.
const ANSWER = Buffer.from("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok");
const origin = createServer((socket) => {
  let unread = "";
  socket.on("data", (chunk) => {
    unread += chunk.toString("latin1");
    for (let end; (end = unread.indexOf("\r\n\r\n")) >= 0; unread = unread.slice(end + 4)) socket.write(ANSWER);
  });
  socket.on("error", () => socket.destroy());
});
await new Promise((resolve) => origin.listen(0, "127.0.0.1", resolve));
const address = `http://127.0.0.1:${origin.address().port}`;

const besides = {
  passing: `export default { fetch(request) {
    const { pathname, search } = new URL(request.url);
    return fetch(new Request("${address}" + pathname + search, request));
  } };`,
  answering: `export default { fetch: () => new Response("{}", { headers: { "content-type": "application/json" } }) };`,
};
const worker = new Harness({ build: process.env.BUILD ?? "build", besides, vars: { ALLOW_LOOPBACK_ORIGINS: "true" } });
await worker.start();
try {
  const installation = await Installation.found(worker);
  const project = await ProtectedProject.create(installation, { host: HOST, route: { origin: address } });
  const { identity, token } = await installation.issue();
  await project.admit(identity, "member");
  const pairs = [
    ["gateway", worker.main.url, "a plain pass-through Worker", worker.besides.passing, "/v1/items/42?page=2"],
    ["/validate", worker.main.url, "an empty Worker", worker.besides.answering, "/validate"],
  ];
  for (const [name, ours, against, plain, path] of pairs) {
    const bytes = request(path, token);
    for (const url of [plain, ours]) await load(url, bytes, 1);
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      const one = await load(plain, bytes, seconds);
      const other = await load(ours, bytes, seconds);
      measured.push({ throughput: other.rate / one.rate, cost: other.cost / one.cost, rate: other.rate, plain: one.rate });
    }
    const [throughput, cost] = ["throughput", "cost"].map((field) => spread(measured.map((round) => round[field])));
    const rates = ["rate", "plain"].map((field) => Math.round(median(measured.map((round) => round[field]))));
    console.log(
      `${name}: ${throughput} of the throughput of ${against}, ${cost} times its processor time per request` +
        ` (${rates[0]} and ${rates[1]} requests/s; median and spread of ${rounds} rounds, ${seconds} s a turn)`,
    );
  }
} finally {
  await worker.stop();
  origin.close();
}

function request(path, token) {
  const headers = [
    `Host: ${HOST}`,
    `Authorization: Bearer ${token}`,
    "CF-Connecting-IP: 203.0.113.9",
    "User-Agent: bench/1.0",
    "Accept: application/json",
    "Accept-Encoding: gzip, br",
  ];
  return Buffer.from([`GET ${path} HTTP/1.1`, ...headers, "", ""].join("\r\n"));
}

// Sends the same request again and again over some connections, each waiting for its answer. `rate` is answers per
// second, `cost` the processor time of workerd per answer. Any answer but 200 ends the run.
async function load(url, bytes, seconds) {
  const started = { time: performance.now(), processor: await processorTime() };
  const end = started.time + seconds * 1000;
  const answered = await Promise.all(Array.from({ length: CONNECTIONS }, () => ask(url, bytes, end)));
  const answers = answered.reduce((sum, count) => sum + count, 0);
  const elapsed = (performance.now() - started.time) / 1000;
  return { rate: answers / elapsed, cost: ((await processorTime()) - started.processor) / answers };
}

function ask(url, bytes, end) {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(url.port), url.hostname);
    let [count, unread] = [0, ""];
    socket.on("connect", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      unread += chunk.toString("latin1");
      const head = unread.indexOf("\r\n\r\n");
      if (head < 0) return;
      if (!unread.startsWith("HTTP/1.1 200 ")) return void reject(new Error(unread));
      const length = Number(/\r\ncontent-length: (\d+)/i.exec(unread)?.[1]);
      if (unread.length < head + 4 + length) return;
      unread = "";
      count += 1;
      if (performance.now() < end) socket.write(bytes);
      else socket.end(() => resolve(count));
    });
    socket.on("error", reject);
  });
}

// The processor time that workerd has taken, in seconds.
async function processorTime() {
  const [pid] = await worker.processes();
  const fields = (await readFile(`/proc/${pid}/stat`, "utf8")).split(") ")[1].split(" ");
  // User and system time, in ticks of 10 ms; proc(5).
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function median(values) {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.floor(sorted.length / 2)];
}

function spread(values) {
  return `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
}
