#!/usr/bin/env bash
# Builds the Worker. Usage: scripts/build.sh release|test|digest
#   release  build/       what is deployed
#   test     build-test/  the same program with the cargo feature `test-hooks`, not size-optimised; for tests only
#   digest   builds nothing; prints what tells whether a build is up to date
# Both share one target directory: only the crate itself is compiled twice.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

variant="${1:-release}"
case "$variant" in
release) output=build options=(--release --panic-unwind) ;;
test) output=build-test options=(--release --panic-unwind --no-opt) ;;
digest) ;;
*) fail "unknown build '$variant': say release, test or digest." ;;
esac
# worker-build takes arguments for cargo only after its own.
cargo_options=(--locked)
[[ "$variant" == test ]] && cargo_options+=(--features test-hooks)

# Everything that can change the result; folders and files that do not exist are left out.
inputs_digest() {
  local existing=() candidate
  # Relative names only, so that a checkout that was copied or moved is still up to date.
  for candidate in src console migrations build.rs openapi.json Cargo.toml Cargo.lock .cargo package-lock.json \
    scripts/build.sh scripts/environment.sh scripts/toolchain .tools/toolchain-way; do
    [[ -e "$candidate" ]] && existing+=("$candidate")
  done
  find "${existing[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

print_sizes() {
  local wasm="$output/index_bg.wasm"
  say "$output/: index_bg.wasm is $(wc -c <"$wasm") bytes, $(gzip -9 -c "$wasm" | wc -c) bytes gzipped."
}

digest="$(inputs_digest)"
if [[ "$variant" == digest ]]; then
  say "$digest"
  exit 0
fi
stamp="$output/.inputs.sha256"
if [[ -r "$stamp" && "$(<"$stamp")" == "$digest" && -s "$output/index.js" && -s "$output/index_bg.wasm" ]]; then
  say "$output/ is up to date."
  print_sizes
  exit 0
fi

use_wasm_toolchain
say "Building $output/ (about 2 minutes when the standard library and the dependencies have to be compiled too)."
started=$SECONDS
rm -f "$stamp"
"$TOOLS/bin/worker-build" "${options[@]}" --out-dir "$output" -- "${cargo_options[@]}"
# The digest from before the build: an edit made meanwhile causes another build, as it should.
printf '%s\n' "$digest" >"$stamp"
say "Built $output/ in $((SECONDS - started)) s."
print_sizes
