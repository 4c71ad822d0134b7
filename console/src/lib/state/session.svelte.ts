// Who is signed in. The cookie is the server's and no script can read it; what stands here is what the server says of it.

import * as sessions from "$lib/api/sessions";
import type { Session } from "$lib/api/sessions";
import type { Failure } from "$lib/api/failure";

type State =
  | { readonly is: "asking" }
  | { readonly is: "signed out"; readonly ended: boolean }
  | { readonly is: "signed in"; readonly session: Session }
  | { readonly is: "unknown"; readonly failure: Failure };

// Other tabs hear when somebody signs in or out.
const tabs = new BroadcastChannel("console-session");
// Whoever comes back to a tab that was long in the background sees at once whether the session is still there.
const LOOK_AGAIN_AFTER = 60_000;

let state = $state.raw<State>({ is: "asking" });
let looked = 0;

async function look(): Promise<void> {
  looked = Date.now();
  const answer = await sessions.current();
  if (answer.ok) state = { is: "signed in", session: answer.data.session };
  else if (answer.failure.status === 401) session.lost();
  else if (state.is !== "signed in") state = { is: "unknown", failure: answer.failure };
}

function enter(found: Session): void {
  state = { is: "signed in", session: found };
  tabs.postMessage("changed");
}

export const session = {
  get state(): State {
    return state;
  },
  // The session of a screen that is only shown to those who are signed in.
  get current(): Session {
    if (state.is !== "signed in") throw new Error("Nobody is signed in.");
    return state.session;
  },
  look,
  async start(): Promise<void> {
    tabs.addEventListener("message", () => void look());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - looked > LOOK_AGAIN_AFTER) void look();
    });
    await look();
  },
  entered: enter,
  // The server no longer knows the session.
  lost(): void {
    state = { is: "signed out", ended: state.is === "signed in" || (state.is === "signed out" && state.ended) };
  },
  async signOut(everywhere: boolean): Promise<Failure | undefined> {
    const answer = everywhere ? await sessions.endAll() : await sessions.end();
    if (!answer.ok && answer.failure.status !== 401) return answer.failure;
    state = { is: "signed out", ended: false };
    tabs.postMessage("changed");
    return undefined;
  },
};
