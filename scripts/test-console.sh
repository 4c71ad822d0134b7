#!/usr/bin/env bash
# The console in Chromium against both Workers: the workflow, by keyboard alone, states, appearance, secrets, sizes.
# Chromium is Debian's, and installed when it is not there. Pictures of every screen are left in console/tests/pictures/.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

export CHROMIUM="${CHROMIUM:-/usr/bin/chromium}"

if [[ ! -x "$CHROMIUM" ]]; then
  command -v apt-get >/dev/null || fail "Chromium is missing: install it, and name it in CHROMIUM."
  apt_install chromium
fi
bash scripts/build.sh release
run_phase "console: types" npm run --silent --prefix console check
run_phase "console: in the browser" node --test --test-force-exit --test-concurrency=2 "console/tests/*.test.mjs"
