// Every text of the console, in English. Another language is another file of this shape.

const joinWords = new Intl.ListFormat("en", { style: "long", type: "conjunction" });
const number = new Intl.NumberFormat("en");

const subjects: Record<string, string> = {
  identity: "machine identities",
  role: "roles",
  workspace: "projects",
  project: "the project",
  environments: "environments",
  routes: "routes",
  requests: "requests through the gateway",
  "route-delegations": "route delegations",
  "audit-logs": "the audit log",
  "*": "everything",
};
const actions: Record<string, string> = {
  read: "see",
  create: "create",
  edit: "change",
  delete: "delete",
  "grant-privileges": "give roles to",
  "edit-auth": "configure the authentication of",
  "revoke-auth": "remove the authentication of",
  "create-token": "create tokens for",
  "delete-token": "revoke tokens of",
  "*": "do everything with",
};

export const texts = {
  locale: "en",
  product: "Token Auth",
  skip: "Skip to the content",

  actions: {
    cancel: "Cancel",
    close: "Close",
    copy: "Copy",
    copied: "Copied",
    copyOf: (what: string) => `Copy ${what}`,
    copyCurl: "Copy as curl",
    create: "Create",
    save: "Save changes",
    tryAgain: "Try again",
    undo: "Undo",
    back: "Back",
    remove: "Remove",
    clearFilters: "Clear search and filters",
    more: (name: string) => `More for ${name}`,
    hide: "Dismiss",
  },

  navigation: {
    label: "Console",
    open: "Open navigation",
    identities: "Machine identities",
    requests: "Requests",
    keys: "Keyboard shortcuts",
    reference: "API reference",
    account: "Account",
  },

  theme: { label: "Appearance", system: "As the system", light: "Light", dark: "Dark" },

  times: { never: "Never", justNow: "just now", inMoments: "in a moment", at: (time: string) => `at ${time}` },

  // Why something was not done, in the words of this console.
  failures: {
    noAnswer: "No answer from the server. Check your connection and try again.",
    signedOut: "Your session has ended. Sign in again to go on.",
    forbidden: "You may not do this.",
    boundary: "This would give more than you hold yourself.",
    missing: "You would also need to be allowed to:",
    withheld: "What is missing is told only to those who may see roles.",
    gone: "This does not exist any more.",
    changed: "Somebody changed this while you were looking at it.",
    invalid: "Some fields need another look.",
    tooOften: "Too many failures from this address. Wait ten seconds and try again.",
    unavailable: "The server cannot answer for certain right now. Look whether it was done before you try again.",
    defect: "Something went wrong on the server. This request failed alone.",
    request: (id: string) => `Request ${id}`,
    loading: (what: string) => `Could not load ${what}`,
  },
  permission: (action: string, subject: string) =>
    action === "*" && subject === "*" ? "do everything" : `${actions[action] ?? action} ${subjects[subject] ?? subject}`,

  faults: {
    needed: "This is needed.",
    tooShort: (least: number) => `At least ${number.format(least)} characters.`,
    tooLong: (most: number, length: number) => `At most ${number.format(most)} characters; these are ${number.format(length)}.`,
    characters: "Contains a character that is not allowed here.",
    wholeNumber: "A whole number.",
    below: (least: number) => `At least ${number.format(least)}.`,
    above: (most: number) => `At most ${number.format(most)}.`,
  },

  table: {
    loading: "Loading…",
    noMatch: "Nothing matches",
    noMatchHint: "Try another search, or take a filter away.",
    sortBy: (column: string) => `Sort by ${column}`,
    rowsPerPage: "Rows per page",
    previous: "Previous page",
    next: "Next page",
    range: (first: string, last: string, total: string) => `${first}–${last} of ${total}`,
    openRange: (first: string, last: string) => `${first}–${last}`,
  },

  durations: {
    amount: "Amount",
    unit: "Unit",
    never: "Never",
    after: "After",
    units: { second: "seconds", minute: "minutes", hour: "hours", day: "days" },
    same: (words: string, seconds: string) => `${words} = ${seconds} s`,
  },
  limits: { unlimited: "Unlimited", limited: "Limited to", uses: { one: "use", other: "uses" } },

  trustedIps: {
    label: "Trusted IPs",
    help: "Addresses and ranges from which its tokens may be used. One per line, or paste a list.",
    everywhere: "From everywhere",
    addresses: { one: "address", other: "addresses" },
    notAnAddress: (text: string) => `“${text}” is neither an address nor a range such as 192.0.2.0/24.`,
    atLeastOne: "At least one address or range.",
    tooMany: (most: number) => `At most ${number.format(most)} addresses and ranges.`,
    yours: (address: string) => `Your address ${address} is included.`,
    notYours: (address: string) => `Your address is ${address}: not included.`,
    every4: "every IPv4 address",
    every6: "every IPv6 address",
    read: "How these are read",
  },

  conflict: {
    title: "Somebody changed this",
    text: "It is no longer what you began with. Nothing has been saved.",
    field: "Field",
    was: "When you began",
    now: "Now",
    yours: "Yours",
    takeTheirs: "Start again from theirs",
    keepMine: "Save mine over it",
  },

  signIn: {
    title: "Sign in",
    lead: "Manage machine identities, their tokens, and what they may do.",
    token: "Access token",
    tokenHelp: "It is exchanged for a session and then forgotten: this page never stores it.",
    submit: "Sign in",
    access: "Continue with Cloudflare Access",
    or: "or",
    refused: "These credentials do not sign you in.",
    code: "Signing in with the link…",
    codeRefused: "This link does not sign you in. A link works once, for a minute: make dev prints a new one.",
    ended: "Your session has ended. Sign in to go on where you were.",
    insecure: "This page is reached over http. That is meant for local development only.",
    tokenMissing: "Paste an access token.",
    noWay: "No way to sign in is set up here.",
  },

  session: {
    signedInAs: "Signed in as",
    via: { accessToken: "with an access token", cloudflareAccess: "with Cloudflare Access", signInCode: "with a sign-in link" },
    ends: "Session ends",
    signOut: "Sign out",
    signOutEverywhere: "Sign out everywhere",
    everywhereText: "Every session of this identity ends, in every browser. Tokens are not touched.",
    endsSoon: (left: string) => `Your session ends in ${left}.`,
    lastsNoLonger: (left: string) => `Your session ends in ${left} and cannot be made longer. Sign in again before you begin something long.`,
    stay: "Stay signed in",
    checking: "Looking who you are…",
  },

  keys: {
    title: "Keyboard shortcuts",
    search: "Search this list",
    create: "Create",
    help: "Show this list",
    close: "Close what is open",
    goIdentities: "Go to machine identities",
  },

  requests: {
    title: "Requests",
    lead: "What this page has asked the API, newest first. Put a token into TOKEN to ask the same from a terminal. Nothing here holds a secret, and it is gone when the page is closed.",
    none: "Nothing has been asked yet.",
    waiting: "waiting",
  },

  identities: {
    title: "Machine identities",
    lead: "Each workload that calls your services is one identity: it has a role, and tokens to prove who it is.",
    caption: "machine identities",
    create: "Create identity",
    createLead: "You go on from its page: authentication, tokens, projects.",
    search: "Search by name",
    roleFilter: "Filter by role",
    everyRole: "Every role",
    name: "Name",
    nameHelp: "What people call the workload, such as “billing worker”.",
    role: "Organization role",
    roleHelp: "Decides what the identity itself may manage in the organization. Most workloads need nothing there.",
    roleOf: (name: string) => `Organization role of ${name}`,
    roleChanged: (name: string, role: string) => `${name} now has the role ${role}.`,
    methods: "Authentication",
    noMethod: "None",
    method: { "token-auth": "Token Auth", "universal-auth": "Universal Auth" },
    lastLogin: "Last login",
    id: "Id",
    idOf: (name: string) => `the id of ${name}`,
    protected: "Protected from deletion",
    protection: "Delete protection",
    protectionHelp: "It cannot be deleted by mistake: the protection has to be taken away first.",
    metadata: "Metadata",
    metadataHelp: "Keys and values to find it by, such as team and owner.",
    metadataKey: "Key",
    metadataValue: "Value",
    metadataAdd: "Add entry",
    empty: "No machine identities yet",
    emptyText: "Create one for each workload, so that each can be cut off alone.",
  },

  notFound: { title: "There is nothing here", text: "The address may be mistyped, or what it named is gone.", home: "Go to machine identities" },
  crashed: { title: "This screen could not be shown", text: "Load it again. If that does not help, a new version may just have been deployed.", reload: "Load again" },
} as const;

export function list(words: readonly string[]): string {
  return joinWords.format(words);
}
