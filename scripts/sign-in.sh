#!/usr/bin/env bash
# Prints a link that signs the first administrator of the installation that `make dev` runs in to its console: once, within
# a minute. PORT (8787) may be set.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

address="http://127.0.0.1:${PORT:-8787}"
secret="$(sed -n 's/^AUTH_SECRET=//p' .dev.vars 2>/dev/null || true)"
[[ -n "$secret" ]] || fail "There is no AUTH_SECRET in .dev.vars: run 'make dev' first."
# The secret goes in by a file descriptor: arguments can be read by everybody on the machine.
answer="$(curl -s -w '\n%{http_code}' -X POST "$address/api/v1/console/sign-in-codes" \
  -H @<(printf 'Authorization: Bearer %s\n' "$secret"))" || fail "Nothing answers on $address: is 'make dev' running?"
status="${answer##*$'\n'}"
case "$status" in
200)
  code="$(sed -n 's/.*"signInCode":"\([^"]*\)".*/\1/p' <<<"$answer")"
  say "Sign in to the console with this link, once, within 60 seconds:"
  say
  say "  $address/console/#sign-in=$code"
  say
  say "'make sign-in' prints another one."
  ;;
404)
  say "The console is at $address/console/. Nobody can sign in yet: create the first organization, then 'make sign-in'."
  ;;
*) fail "$address answered $status: ${answer%$'\n'*}" ;;
esac
