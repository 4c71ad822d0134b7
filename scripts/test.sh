#!/usr/bin/env bash
# Everything that must hold before a change is accepted, cheapest first. Stops at the first failure.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked; }
deployable() { DRY_RUN=1 bash scripts/deploy.sh; }
# A failed test may leave its server running; the run ends all the same. Two files at once: they wait more than they compute.
runtime_tests() { node --test --test-force-exit --test-concurrency=2 "tests/runtime/*.test.mjs"; }

run_phase "set-up" bash scripts/setup.sh
run_phase "format" cargo fmt --check
run_phase "lints, native" cargo clippy --workspace --all-targets --locked -- -D warnings
run_phase "lints, WebAssembly" bash scripts/lint-wasm.sh
run_phase "documentation" documentation
run_phase "native tests" cargo test --workspace --locked
run_phase "build" bash scripts/build.sh release
run_phase "build with test hooks" bash scripts/build.sh test
run_phase "deployment, dry run" deployable
run_phase "runtime tests" runtime_tests
say ""
say "All tests passed in $SECONDS s."
