#!/usr/bin/env bash
# Tests introspection and revocation with real OAuth clients from npm, as they are. Apart from `make test`, because they are
# packages that nothing else needs.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

CLIENTS=tests/proxies/oauth_clients

install_clients() { npm ci --prefix "$CLIENTS" --ignore-scripts --no-audit --no-fund --loglevel=error; }
client_tests() { node --test --test-force-exit "$CLIENTS/*.test.mjs"; }

run_phase "set-up" bash scripts/setup.sh
run_phase "OAuth clients" install_clients
run_phase "build" bash scripts/build.sh release
run_phase "OAuth client tests" client_tests
