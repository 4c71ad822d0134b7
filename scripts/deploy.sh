#!/usr/bin/env bash
# Deploys both Workers to the account that wrangler is logged in to, step by step, and says what it does. Safe to run again.
#   DRY_RUN=1     shows every step, builds and checks both Workers, and changes nothing anywhere
#   SECRETS=file  where AUTH_SECRET and other secrets stand as NAME=value, readable by its owner only (.deploy.vars); made
#                 with a random AUTH_SECRET if it is not there
#   URL=https://… where the edge answers, if it is not under workers.dev
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

secrets="${SECRETS:-.deploy.vars}"
dry_run="${DRY_RUN:-}"
placeholder=00000000000000000000000000000000
configurations=(control/wrangler.toml wrangler.toml)

steps=0
announce() {
  steps=$((steps + 1))
  say ""
  say "$steps. $*"
}

# would <what>: whether this is a dry run, in which case it says what would be done.
would() {
  [[ -n "$dry_run" ]] || return 1
  say "   (dry run) would $*"
}

# The id of the namespace in a listing of wrangler's, or nothing.
namespace_in() {
  node --input-type=module -e '
    const text = await new Response(process.stdin).text();
    const found = JSON.parse(text.slice(text.indexOf("["))).find(({ title }) => title === "token-auth-TOKENS");
    if (found) console.log(found.id);'
}

announce "Tools and builds."
bash scripts/setup.sh
# What is deployed is never built in haste.
unset FAST
bash scripts/build.sh release

announce "Account."
would "ask wrangler who is logged in" || wrangler whoami ||
  fail "wrangler is not logged in: run 'npx wrangler login', or set CLOUDFLARE_API_TOKEN, and run this again."

announce "KV namespace, the read replica of both Workers."
if grep -q "^id = \"$placeholder\"" "${configurations[@]}"; then
  if ! would "look for the namespace token-auth-TOKENS, create it if there is none, and put its id into both wrangler.toml"; then
    id="$(wrangler kv namespace list | namespace_in)"
    if [[ -z "$id" ]]; then
      say "   There is none: creating it."
      wrangler kv namespace create token-auth-TOKENS
      id="$(wrangler kv namespace list | namespace_in)"
    fi
    [[ "$id" =~ ^[0-9a-f]{32}$ ]] || fail "wrangler lists no namespace token-auth-TOKENS: create it and put its id into both wrangler.toml."
    sed -i.before "s/^id = \"$placeholder\"/id = \"$id\"/" "${configurations[@]}"
    rm -f "${configurations[@]/%/.before}"
    say "   Both wrangler.toml name $id now: commit them."
  fi
else
  say "   Both wrangler.toml name one already."
fi

announce "Secrets, the same for both Workers, in $secrets."
if [[ -r "$secrets" ]]; then
  grep -q '^AUTH_SECRET=' "$secrets" || fail "$secrets holds no AUTH_SECRET=…: at least 32 random bytes, for example from 'openssl rand -hex 32'."
  say "   They are there."
elif ! would "write a random AUTH_SECRET into $secrets"; then
  (
    umask 077
    printf 'AUTH_SECRET=%s\n' "$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')" >"$secrets"
  )
  say "   Wrote a random AUTH_SECRET. Keep the file: whoever has it owns the installation."
fi

output="$(mktemp)"
trap 'rm -f "$output"' EXIT
# Control first: the edge binds the classes of its objects.
for configuration in "${configurations[@]}"; do
  [[ "$configuration" == wrangler.toml ]] && name="the edge Worker" || name="the control Worker"
  announce "Deploying $name ($configuration)."
  if [[ -n "$dry_run" ]]; then
    wrangler deploy --config "$configuration" --dry-run
  else
    wrangler deploy --config "$configuration" --secrets-file "$secrets" | tee "$output"
  fi
done

announce "Status."
if ! would "ask /api/status until the installation answers"; then
  url="${URL:-$(grep -oE 'https://[^ ]+\.workers\.dev' "$output" | head -n 1)}"
  [[ -n "$url" ]] || fail "the edge was deployed, but wrangler named no address: say where it answers by URL=https://…"
  for ((attempt = 1; ; attempt++)); do
    curl --silent --fail --max-time 10 "$url/api/status" && break
    ((attempt < 12)) || fail "$url/api/status does not answer as it should; 'npx wrangler tail' shows what the Workers say."
    sleep 5
  done
  say ""
fi

say ""
if [[ -n "$dry_run" ]]; then
  say "Nothing was changed. Without DRY_RUN these $steps steps are carried out."
else
  cat <<EOF
$url answers. What to do next:
  * Create the first organization, its administrator and a token for it:
      curl -X POST $url/api/v1/admin/bootstrap \\
        -H "Authorization: Bearer \$(sed -n 's/^AUTH_SECRET=//p' $secrets)" \\
        -H 'content-type: application/json' -d '{"organization":"Acme"}'
EOF
  if grep -q '^CONTROL_HOSTS = ' wrangler.toml; then
    say "  * Open the console at $url/console/ and sign in with that token."
  else
    host="${url#*://}"
    cat <<EOF
  * For the console this host must serve no origins. Say so, and deploy once more:
      sed -i 's/^# CONTROL_HOSTS = .*/CONTROL_HOSTS = "${host%%[:\/]*}"/' wrangler.toml control/wrangler.toml && make deploy
    Then open $url/console/ and sign in with that token.
EOF
  fi
  say "  * Give the edge the hosts it protects: [[routes]] in wrangler.toml; see docs/deployment.md."
fi
