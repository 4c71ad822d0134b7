#!/usr/bin/env bash
# Tests forward auth and introspection with real reverse proxies in front of the Worker (nginx, Caddy, Traefik, Envoy and
# Apache), and then the OAuth clients. Apart from `make test`, because the proxies are about 120 MB to download.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

# One file at a time: the proxies get the machine for themselves.
proxy_tests() { node --test --test-force-exit --test-concurrency=1 "tests/proxies/*.test.mjs"; }

run_phase "set-up" bash scripts/setup.sh
run_phase "proxies" bash scripts/install-proxies.sh
run_phase "build" bash scripts/build.sh release
run_phase "proxy tests" proxy_tests
run_phase "OAuth clients" bash scripts/test-oauth-clients.sh
