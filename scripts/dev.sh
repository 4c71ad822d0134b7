#!/usr/bin/env bash
# Runs both Workers on this machine until Ctrl-C. PORT (8787) and PERSIST (.wrangler/state) may be set, and FAST=1, by
# which an edit is there in seconds; the first build then takes longer.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

port="${PORT:-8787}"
persist="${PERSIST:-.wrangler/state}"

bash scripts/setup.sh
bash scripts/build.sh release

if ! grep -qs '^AUTH_SECRET=' .dev.vars; then
  # Readable by its owner only, from the moment it exists.
  (
    umask 077
    printf 'AUTH_SECRET=%s\n' "$(od -An -v -N32 -tx1 /dev/urandom | tr -d ' \n')" >>.dev.vars
  )
  say "Wrote a random AUTH_SECRET into .dev.vars."
fi
chmod 600 .dev.vars
# wrangler looks for the settings of each Worker beside its own wrangler.toml.
install -m 600 .dev.vars control/.dev.vars
# Only here, and never in a file that is deployed: whoever knows AUTH_SECRET may sign in to the console of this machine.
printf '\nCONSOLE_SIGN_IN_CODES=true\n' >>control/.dev.vars

cat <<EOF

The Workers will answer on http://127.0.0.1:$port and keep its state in $persist.
Create the first organization, its administrator and a token for it, in another terminal in this folder:

  curl -X POST http://127.0.0.1:$port/api/v1/admin/bootstrap \\
    -H "Authorization: Bearer \$(sed -n 's/^AUTH_SECRET=//p' .dev.vars)" \\
    -H 'content-type: application/json' -d '{"organization":"Acme"}'

That works once; to start over, delete $persist before this runs. Ctrl-C stops it.
The console is at http://127.0.0.1:$port/console/; 'make sign-in' prints a link that signs in.

EOF
# Once the Workers answer, and as long as this process, which becomes wrangler, lives.
(
  for _ in {1..240}; do
    kill -0 $$ 2>/dev/null || exit 0
    if curl -sf -o /dev/null "http://127.0.0.1:$port/healthz"; then
      PORT="$port" bash scripts/sign-in.sh || true
      exit 0
    fi
    sleep 0.5
  done
) &
# In the place of this script, so that a signal reaches it directly.
exec wrangler dev -c wrangler.toml -c control/wrangler.toml --ip 127.0.0.1 --port "$port" --persist-to "$persist"
