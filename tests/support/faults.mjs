// Runs inside workerd: bindings that count what is asked of them and fail on demand.
//
// An operation is named `<who>.<binding>.<what>`: who asks is `worker`, `directory` or `counter`; what is asked is a KV
// method, or the kind of a message to a Durable Object. Puts are also counted by key: `directory.TOKENS.put token/…`.
// A rule is written for one operation, or for all that begin like it (`worker.DIRECTORY.*`). It says which `fault` to
// apply and, optionally, how many `times`, or that it `sparesRepeats`: a message that suffered it and is sent again gets
// through.

const counts = {};
let rules = {};
let snapshot = new Map();

// Replaces all rules. A snapshot is what KV holds now; `snapshot` faults go on serving it, absent keys included.
export async function control(message, store) {
  if (message.snapshot) snapshot = await readAll(store);
  if (message.rules) rules = message.rules;
  if (message.resetCounts) for (const operation of Object.keys(counts)) delete counts[operation];
  return { counts };
}

async function readAll(store) {
  const values = new Map();
  for (let cursor; ; ) {
    const page = await store.list({ cursor });
    for (const { name } of page.keys) values.set(name, await store.get(name));
    if (page.list_complete) return values;
    cursor = page.cursor;
  }
}

// The bindings of `env`, watched.
export function watch(env, who) {
  const limiters = Object.keys(env).filter((name) => name.endsWith("_LIMITER"));
  return {
    ...env,
    // Each is asked on its own machine and costs nothing, so it is not counted.
    ...Object.fromEntries(limiters.map((name) => [name, watchLimiter(env[name], `${who}.${name}`)])),
    TOKENS: watchStore(env.TOKENS, `${who}.TOKENS`),
    DIRECTORY: watchNamespace(env.DIRECTORY, `${who}.DIRECTORY`),
    USE_COUNTER: watchNamespace(env.USE_COUNTER, `${who}.USE_COUNTER`),
  };
}

// Counts an operation and says which fault it is to suffer. A repeated message is recognised by its text.
function begin(operation, message) {
  count(operation);
  const name = Object.keys(rules).find(
    (name) => name === operation || (name.endsWith("*") && operation.startsWith(name.slice(0, -1))),
  );
  const rule = name && rules[name];
  if (!rule || rule.times === 0) return {};
  if (rule.times !== undefined) rule.times -= 1;
  if (rule.sparesRepeats) {
    rule.seen ??= new Set();
    if (rule.seen.has(message)) return {};
    rule.seen.add(message);
  }
  return rule;
}

function count(operation) {
  add(operation, 1);
}

// Adds to a count that the harness reads.
export function add(name, amount) {
  counts[name] = (counts[name] ?? 0) + amount;
}

function never() {
  return new Promise(() => {});
}

// Waits until the rule has been replaced. By asking again and again: a promise that another request keeps is not one
// that workerd would let this request wait for.
async function released(rule) {
  while (Object.values(rules).includes(rule)) await new Promise((resolve) => setTimeout(resolve, 5));
}

function watchStore(store, name) {
  return watchMethods(store, {
    async get(key, ...options) {
      const { fault } = begin(`${name}.get`);
      switch (fault) {
        case "fail":
          throw new Error("KV GET failed: 503 Service Unavailable");
        case "hang":
          return never();
        case "miss":
          return null;
        case "snapshot":
          return snapshot.get(key) ?? null;
        default:
          return store.get(key, ...options);
      }
    },
    async put(key, ...rest) {
      const { fault } = begin(`${name}.put`);
      count(`${name}.put ${key}`);
      switch (fault) {
        case "fail":
          throw new Error("KV PUT failed: 429 Too Many Requests");
        case "hang":
          return never();
        case "lose":
          return undefined;
        default:
          return store.put(key, ...rest);
      }
    },
  });
}

function watchLimiter(limiter, name) {
  return watchMethods(limiter, {
    async limit(options) {
      switch (rules[`${name}.limit`]?.fault) {
        case "fail":
          throw new Error("the limiter failed");
        case "hang":
          return never();
        case "garbage":
          return { success: "perhaps" };
        default:
          return limiter.limit(options);
      }
    },
  });
}

function watchNamespace(namespace, name) {
  return watchMethods(namespace, {
    getByName: (object) => ({ fetch: (request) => answer(namespace, object, request, name) }),
  });
}

async function answer(namespace, object, request, name) {
  const body = await request.text();
  const rule = begin(`${name}.${JSON.parse(body).request}`, body);
  const send = (to = object) =>
    namespace
      .getByName(to)
      .fetch(new Request(request.url, { method: request.method, headers: request.headers, body }));
  switch (rule.fault) {
    case "fail":
      throw new Error("Network connection lost.");
    case "overloaded":
      throw Object.assign(new Error("Durable Object is overloaded."), { overloaded: true });
    case "reset":
      throw Object.assign(new Error("Durable Object reset because its code was updated."), { retryable: true });
    case "hang":
      return never();
    case "hold":
      await released(rule);
      return send();
    case "replaced":
      // Another object answers, which knows nothing of what the first one was told.
      return send(`${object} ${rule.by}`);
    case "lost reply":
      // Done and durable, and the caller never hears of it.
      await (await send()).text();
      throw new Error("Network connection lost.");
    case "garbage":
      return new Response("<html>502 Bad Gateway</html>");
    default:
      return send();
  }
}

// `target` with some methods replaced. It stays an instance of its own class, which the Worker checks.
function watchMethods(target, methods) {
  return new Proxy(target, {
    get(_, property) {
      if (Object.hasOwn(methods, property)) return methods[property];
      const value = Reflect.get(target, property);
      return typeof value === "function" && property !== "constructor" ? value.bind(target) : value;
    },
  });
}
