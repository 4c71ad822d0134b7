#!/usr/bin/env bash
# Clippy for the target that is deployed: the code behind cfg(target_arch = "wasm32") exists only there.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

options=(--locked --target wasm32-unknown-unknown --lib -p token-auth-edge -p token-auth-control
  --features token-auth-edge/test-hooks,token-auth-control/test-hooks)
[[ -r "$TOOLS/toolchain-way" ]] || fail "the tools are not set up: run 'make setup' first."
case "$(<"$TOOLS/toolchain-way")" in
rustup)
  # The stable toolchain, whose lints the native check uses too.
  CARGO_TARGET_DIR="$WASM_TARGET_DIRECTORY" cargo clippy "${options[@]}" -- -D warnings
  ;;
debian)
  use_wasm_toolchain
  # There is no precompiled standard library for this target. The flags are those of worker-build, so that what it
  # compiled is used again; cargo-clippy finds its compiler beside itself.
  WASM_BINDGEN_USE_JS_SYS=1 RUSTFLAGS="$RUSTFLAGS -Cpanic=unwind" RUSTC="$WASM_RUSTC" CARGO="$WASM_CARGO" \
    /usr/bin/cargo-clippy clippy --release -Z build-std=std,panic_unwind "${options[@]}" -- -D warnings
  ;;
esac
