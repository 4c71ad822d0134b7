#!/usr/bin/env bash
# Measures what the gateway and /validate cost, and the first requests of fresh isolates. Usage: scripts/bench.sh [rounds] [seconds of a turn]
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

run_phase "set-up" bash scripts/setup.sh
run_phase "build" bash scripts/build.sh release
run_phase "throughput" node bench/gateway.mjs "$@"
run_phase "first requests" node bench/first_request.mjs
