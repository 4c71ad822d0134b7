#!/usr/bin/env bash
# Builds the Workers. Usage: scripts/build.sh release|test|digest [edge|control]
#   release  build/ and control/build/            what is deployed
#   test     build-test/ and control/build-test/  the same programs with the cargo feature `test-hooks`; for tests only
#   digest   builds nothing; prints what tells whether a build is up to date
# All share one target directory. Without a Worker's name both are built.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

variant="${1:-release}"
case "$variant" in
release) output=build ;;
test) output=build-test ;;
digest) output="" ;;
*) fail "unknown build '$variant': say release, test or digest." ;;
esac
case "${2:-both}" in
edge) workers=(.) ;;
control) workers=(control) ;;
both) workers=(control .) ;;
*) fail "unknown Worker '$2': say edge or control." ;;
esac
options=(--release --panic-unwind --no-opt)
# worker-build takes arguments for cargo only after its own.
cargo_options=(--locked)
[[ "$variant" == test ]] && cargo_options+=(--features test-hooks)
# FAST=1: an edit is compiled again in seconds, into a program that is a sixth larger. Never for what is deployed.
if [[ -n "${FAST:-}" && "$variant" == release ]]; then
  export CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_INCREMENTAL=true CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64
fi

# Everything that can change the result; folders and files that do not exist are left out.
inputs_digest() {
  local existing=() candidate
  # Relative names only, so that a checkout that was copied or moved is still up to date.
  for candidate in src crates control/src control/Cargo.toml openapi.json Cargo.toml Cargo.lock .cargo package-lock.json \
    scripts/build.sh scripts/environment.sh scripts/toolchain .tools/toolchain-way; do
    [[ -e "$candidate" ]] && existing+=("$candidate")
  done
  {
    printf '%s\n' "${CARGO_PROFILE_RELEASE_LTO:-}"
    find "${existing[@]}" -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum
  } | sha256sum | cut -d' ' -f1
}

print_size() {
  local wasm="$1/index_bg.wasm"
  say "$1/: index_bg.wasm is $(wc -c <"$wasm") bytes, $(gzip -9 -c "$wasm" | wc -c) bytes gzipped."
}

# build <folder of the Worker>
build() {
  local folder="$1" built stamp started
  built="$(realpath -m --relative-to=. "$folder/$output")"
  stamp="$built/.inputs.sha256"
  if [[ -r "$stamp" && "$(<"$stamp")" == "$digest" && -s "$built/index.js" && -s "$built/index_bg.wasm" ]]; then
    say "$built/ is up to date."
  else
    say "Building $built/ (about 2 minutes when the standard library and the dependencies have to be compiled too)."
    started=$SECONDS
    rm -f "$stamp"
    (
      use_wasm_toolchain
      cd "$folder"
      "$TOOLS/bin/worker-build" "${options[@]}" --out-dir "$output" -- "${cargo_options[@]}"
    )
    # The digest from before the build: an edit made meanwhile causes another build, as it should.
    printf '%s\n' "$digest" >"$stamp"
    say "Built $built/ in $((SECONDS - started)) s."
  fi
  print_size "$built"
}

# wrangler wants the folder of the control Worker's static assets, whether there is anything in it or not.
mkdir -p console/dist

digest="$(inputs_digest)"
if [[ "$variant" == digest ]]; then
  say "$digest"
  exit 0
fi
for worker in "${workers[@]}"; do build "$worker"; done
# What is deployed with control.
if [[ "$variant" == release && " ${workers[*]} " == *" control "* ]]; then bash scripts/build-console.sh; fi
