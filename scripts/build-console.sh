#!/usr/bin/env bash
# Builds the operator's console into console/dist/, which the control Worker serves. Installs what that needs into
# console/node_modules/ the first time (about 15 seconds). Returns at once when nothing has changed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

install_packages() {
  local digest stamp="console/node_modules/.lock.sha256"
  digest="$(cat console/package.json console/package-lock.json console/.npmrc | sha256sum | cut -d' ' -f1)"
  if [[ -r "$stamp" && "$(<"$stamp")" == "$digest" ]]; then return; fi
  say "Installing the npm packages of the console (about 15 seconds)."
  (cd console && npm ci --no-fund --no-audit --loglevel=error) || fail "npm could not install the console's packages; the reason is above."
  printf '%s\n' "$digest" >"$stamp"
}

inputs_digest() {
  { find console -path console/node_modules -prune -o -path console/dist -prune -o -path console/tests -prune -o \
    -path console/src/lib/api/generated -prune -o -type f -print && printf '%s\n' openapi.json; } |
    LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1
}

install_packages
stamp="console/node_modules/.dist.sha256"
digest="$(inputs_digest)"
if [[ -f console/dist/index.html && -r "$stamp" && "$(<"$stamp")" == "$digest" ]]; then exit; fi
(cd console && npm run --silent build -- --logLevel warn) || fail "the console could not be built; the reason is above."
printf '%s\n' "$digest" >"$stamp"
say "Built console/dist/ in $SECONDS s."
