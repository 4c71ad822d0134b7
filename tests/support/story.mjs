// Prints requests and answers as a story that can be followed without knowing the code, and keeps count of what held.

import { TOKEN_PATTERN } from "./api.mjs";

const LONGEST_LINE = 400;

export class Story {
  constructor(secrets, print = console.log) {
    this.secrets = secrets;
    this.print = print;
    this.steps = 0;
    this.failures = [];
  }

  // Begins a step.
  step(title) {
    this.steps += 1;
    this.print(`\n${this.steps}. ${title}`);
  }

  // Shows a request and its answer. Fits `Api`'s `onAnswer`.
  show = (request, answer) => {
    const headers = Object.entries(request.headers)
      .filter(([name]) => name !== "content-type")
      .map(([name, value]) => ` -H '${name}: ${value}'`);
    const body = request.body === undefined ? "" : ` -d '${request.body}'`;
    this.#line("  $ ", `curl -X ${request.method} ${request.path}${headers.join("")}${body}`);
    const challenge = answer.headers.get("www-authenticate");
    this.#line("  > ", `${answer.status} ${answer.text}${challenge ? `   WWW-Authenticate: ${challenge}` : ""}`);
  };

  // Says whether a promise was kept.
  promise(kept, sentence) {
    this.print(`  ${kept ? "ok     " : "FAILED "} ${sentence}`);
    if (!kept) this.failures.push(`step ${this.steps}: ${sentence}`);
  }

  // Tokens stay recognisable by their first characters; nothing that is printed can be used.
  #line(mark, text) {
    let shown = text.replaceAll(new RegExp(TOKEN_PATTERN, "g"), (token) => `${token.slice(0, 10)}...`);
    for (const secret of this.secrets) shown = shown.replaceAll(secret, "<AUTH_SECRET>");
    if (shown.length > LONGEST_LINE) shown = `${shown.slice(0, LONGEST_LINE)} ...`;
    this.print(mark + shown);
  }
}
