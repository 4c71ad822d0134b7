#!/usr/bin/env bash
# Makes a fresh machine able to build and test. Safe to run again: what is there is left alone.
# Everything goes into .tools/, node_modules/ and target/ of this project, except a compiler that can build for
# WebAssembly, which comes in one of two ways:
#   rustup   a dated nightly with the standard library's source, downloaded by rustup
#   debian   the matched compiler and source of Debian's rustc-web, for machines that reach only package registries
# The first that is complete or can be completed is taken; TOOLCHAIN_WAY=rustup or =debian decides instead.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

install_rustup_way() {
  local server="${RUSTUP_DIST_SERVER:-https://static.rust-lang.org}"
  command -v rustup >/dev/null || return 1
  # Without this question a closed network would be noticed only after rustup's own, much longer, retries.
  if command -v curl >/dev/null && ! curl --silent --fail --head --max-time 15 --output /dev/null \
    "$server/dist/channel-rust-stable.toml.sha256"; then
    step "rustup's download server cannot be reached."
    return 1
  fi
  step "Asking rustup for $RUSTUP_NIGHTLY and the WebAssembly target (about 30 seconds)."
  quietly rustup-toolchain rustup toolchain install "$RUSTUP_NIGHTLY" --profile minimal --component rust-src --no-self-update &&
    quietly rustup-target rustup target add wasm32-unknown-unknown &&
    rustup_way_is_complete && return 0
  step "rustup could not provide them; its messages are in .tools/rustup-*.log."
  return 1
}

install_debian_way() {
  command -v apt-get >/dev/null ||
    fail "rustup could not provide the WebAssembly compiler and this is not a Debian machine: give rustup access to the network and run this again."
  apt_install "${DEBIAN_PACKAGES[@]}"
}

# worker-build links OpenSSL, although it never downloads anything here.
require_openssl_headers() {
  [[ -x "$TOOLS/bin/worker-build" ]] && return
  pkg-config --exists openssl 2>/dev/null && return
  command -v apt-get >/dev/null || fail "the OpenSSL headers are missing: install OpenSSL's development package and pkg-config, then run this again."
  apt_install pkg-config libssl-dev
}

choose_toolchain() {
  local way="${TOOLCHAIN_WAY:-}" recorded=""
  [[ -r "$TOOLS/toolchain-way" ]] && recorded="$(<"$TOOLS/toolchain-way")"
  case "${way:-automatic}" in
  rustup)
    rustup_way_is_complete || install_rustup_way || fail "TOOLCHAIN_WAY is rustup, but rustup could not provide $RUSTUP_NIGHTLY with rust-src."
    ;;
  debian)
    debian_way_is_complete || install_debian_way
    ;;
  automatic)
    if [[ "$recorded" == debian ]] && debian_way_is_complete; then
      way=debian
    elif rustup_way_is_complete; then
      way=rustup
    elif debian_way_is_complete; then
      way=debian
    elif install_rustup_way; then
      way=rustup
    else
      install_debian_way
      way=debian
    fi
    ;;
  *) fail "TOOLCHAIN_WAY is '$way': say rustup or debian, or leave it unset." ;;
  esac
  [[ "$recorded" == "$way" ]] || printf '%s\n' "$way" >"$TOOLS/toolchain-way"
  case "$way" in
  rustup) step "WebAssembly compiler: rustup's $RUSTUP_NIGHTLY with the standard library's source." ;;
  debian) step "WebAssembly compiler: Debian's rustc-web, $(/usr/bin/rustc --version), with the standard library's source." ;;
  esac
}

install_node_packages() {
  local digest stamp="node_modules/.lock.sha256"
  digest="$(cat package.json package-lock.json .npmrc | sha256sum | cut -d' ' -f1)"
  if [[ -r "$stamp" && "$(<"$stamp")" == "$digest" ]]; then
    step "npm packages are there."
    return
  fi
  step "Installing the npm packages of package-lock.json: wrangler, esbuild, binaryen, Node (about 20 seconds)."
  # npm itself may run on an older Node than the packages want; they run on the pinned one.
  npm ci --no-fund --no-audit --loglevel=error || fail "npm could not install the packages; the reason is above."
  printf '%s\n' "$digest" >"$stamp"
}

say "Setting up in $PROJECT_ROOT: about 3 minutes on a fresh machine with 2 cores, a second or so when nothing is to be done."
require_native_toolchain
mkdir -p "$TOOLS"
install_node_packages
require_node
choose_toolchain
require_openssl_headers
install_tool worker-build "$WORKER_BUILD_VERSION" worker-build "1 minute"
install_tool wasm-bindgen-cli "$WASM_BINDGEN_VERSION" wasm-bindgen "1 minute"
discard_tool_objects
step "Ready."
