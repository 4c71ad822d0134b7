// Runs inside workerd in front of the unmodified edge Worker, with watched bindings.
// The harness puts the program beside this file, under the name that is imported here.

import { WorkerEntrypoint } from "cloudflare:workers";

import { control, watch } from "./faults.mjs";
import Program from "./program/index.js";

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (new URL(request.url).pathname === "/__control") {
      return Response.json(await control(await request.json(), this.env.TOKENS));
    }
    return new Program(this.ctx, watch(this.env, "worker")).fetch(request);
  }
}
