#!/usr/bin/env bash
# The official clients, pinned, against the Worker on the real runtime: see tests/clients/.
# Apart from scripts/test.sh because the clients bring some 250 packages of their own. They are installed into
# .tools/clients/ on first use and never become part of the product: nothing there is linked, bundled or deployed.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

CLIENTS="$TOOLS/clients"
SOURCES="$PROJECT_ROOT/tests/clients"
PYTHON_MINIMUM=3.10

# is_installed <stamp> <digest>
is_installed() { [[ -r "$1" && "$(<"$1")" == "$2" ]]; }

digest_of() { cat "$@" | sha256sum | cut -d' ' -f1; }

install_node_client() {
  local folder="$CLIENTS/node" inputs=("$SOURCES/node/package.json" "$SOURCES/node/package-lock.json" .npmrc) digest
  digest="$(digest_of "${inputs[@]}")"
  if is_installed "$folder/.stamp" "$digest"; then
    step "The Node client is there."
    return
  fi
  step "Installing the Node client and its 74 packages into .tools/clients/node/ (about 15 seconds)."
  rm -rf "$folder"
  mkdir -p "$folder"
  cp "${inputs[@]}" "$folder/"
  # .npmrc: no package runs code while it is being installed.
  (cd "$folder" && npm ci --no-fund --no-audit --loglevel=error) ||
    fail "npm could not install the Node client; the reason is above."
  printf '%s\n' "$digest" >"$folder/.stamp"
}

require_python() {
  python3 -c "import sys; sys.exit(sys.version_info < tuple(map(int, '$PYTHON_MINIMUM'.split('.'))))" 2>/dev/null ||
    fail "Python $PYTHON_MINIMUM or newer is needed for the Python client: install python3 and run this again."
  python3 -c 'import ensurepip, venv' 2>/dev/null ||
    fail "Python's venv is missing: install python3-venv and run this again."
}

install_python_client() {
  local folder="$CLIENTS/python" requirements="$SOURCES/python/requirements.txt" digest
  require_python
  digest="$(digest_of "$requirements") $(python3 -c 'import sys; print(sys.version, sys.prefix)')"
  if is_installed "$folder/.stamp" "$digest"; then
    step "The Python client is there."
    return
  fi
  step "Installing the Python client and its 12 packages into .tools/clients/python/ (about 20 seconds)."
  rm -rf "$folder"
  python3 -m venv "$folder"
  "$folder/bin/python" -m pip install --quiet --disable-pip-version-check \
    --no-deps --require-hashes --only-binary :all: --requirement "$requirements" ||
    fail "pip could not install the Python client; the reason is above."
  printf '%s\n' "$digest" >"$folder/.stamp"
}

install_rust_client() {
  local note="up to a minute when its 150 crates have to be compiled"
  step "Compiling the Rust client into .tools/clients/rust/ ($note)."
  CARGO_TARGET_DIR="$CLIENTS/rust" CARGO_PROFILE_DEV_DEBUG=0 \
    cargo build --quiet --locked --manifest-path "$SOURCES/rust/Cargo.toml" ||
    fail "the Rust client could not be compiled; the reason is above."
}

install_clients() {
  mkdir -p "$CLIENTS"
  install_node_client
  install_python_client
  install_rust_client
}

run_phase "set-up" bash scripts/setup.sh
run_phase "build" bash scripts/build.sh release
run_phase "clients' installation" install_clients
run_phase "format of the Rust client" cargo fmt --check --manifest-path "$SOURCES/rust/Cargo.toml"
run_phase "official clients" node --test --test-force-exit "$SOURCES/*.test.mjs"
say ""
say "All tests with official clients passed in $SECONDS s."
