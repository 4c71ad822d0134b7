// Runs inside workerd in front of the unmodified control Worker: the same classes, with watched bindings.
// The harness puts the program beside this file, under the name that is imported here.

import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";

import { add, control, watch } from "./faults.mjs";
import Program, { Directory as ProgramDirectory, UseCounter as ProgramUseCounter } from "./program/index.js";

export default class extends WorkerEntrypoint {
  async fetch(request) {
    if (new URL(request.url).pathname === "/__control") {
      return Response.json(await control(await request.json(), this.env.TOKENS));
    }
    return new Program(this.ctx, watch(this.env, "worker")).fetch(request);
  }
}

class Watched extends DurableObject {
  constructor(state, env, Inner, who) {
    super(state, env);
    countRows(state.storage.sql, who);
    this.inner = new Inner(state, watch(env, who));
  }

  fetch(request) {
    return this.inner.fetch(request);
  }

  alarm() {
    return this.inner.alarm();
  }
}

// Counts the rows that the object's statements read and write, as Cloudflare bills them. What a cursor counts is certain
// once its rows have been fetched.
function countRows(sql, who) {
  const { exec } = sql;
  sql.exec = (...statement) => {
    const cursor = exec.apply(sql, statement);
    const rows = [...cursor.raw()];
    add(`${who}.rows.read`, cursor.rowsRead);
    add(`${who}.rows.written`, cursor.rowsWritten);
    return { raw: () => rows[Symbol.iterator](), columnNames: cursor.columnNames };
  };
}

export class Directory extends Watched {
  constructor(state, env) {
    super(state, env, ProgramDirectory, "directory");
  }
}

export class UseCounter extends Watched {
  constructor(state, env) {
    super(state, env, ProgramUseCounter, "counter");
  }
}
