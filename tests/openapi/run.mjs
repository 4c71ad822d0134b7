// Runs a program against the real Worker that nobody has bootstrapped; URL and AUTH_SECRET say where it is and what opens it.
//   node run.mjs <program> <argument>…

import { spawn } from "node:child_process";

import { Harness } from "../support/harness.mjs";

const [program, ...parameters] = process.argv.slice(2);
const worker = new Harness();
try {
  await worker.start();
  const env = { PATH: process.env.PATH, URL: worker.entrance.origin, AUTH_SECRET: worker.authSecret };
  const child = spawn(program, parameters, { stdio: "inherit", env });
  process.exitCode = await new Promise((resolve) => child.on("close", (code) => resolve(code ?? 1)));
} finally {
  await worker.stop();
}
