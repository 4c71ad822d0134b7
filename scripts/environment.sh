# Shared by every script in this folder: source it, do not run it.
# It fixes versions, paths and the way the WebAssembly compiler is called, so that each of these is written down once.
# shellcheck shell=bash disable=SC2034

PROJECT_ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$PROJECT_ROOT"

# worker-build accepts exactly one wasm-bindgen; Cargo.toml pins the same one.
WORKER_BUILD_VERSION=0.8.7
WASM_BINDGEN_VERSION=0.2.129
CARGO_DENY_VERSION=0.20.2
# Nightly only because the standard library is rebuilt with unwinding; dated so that a build can be repeated.
RUSTUP_NIGHTLY=nightly-2026-05-20
DEBIAN_PACKAGES=(rustc-web cargo-web rust-web-src rust-web-clippy)
NODE_MINIMUM_MAJOR=24

TOOLS="$PROJECT_ROOT/.tools"
# Apart from target/: another compiler builds here, and the two would invalidate each other's caches.
WASM_TARGET_DIRECTORY="$PROJECT_ROOT/target/wasm"

# The pinned Node (an npm package) comes before whatever Node the machine has.
export PATH="$PROJECT_ROOT/node_modules/.bin:$PATH"
export WRANGLER_SEND_METRICS=false
# A local run asks no server for an example of a request's location, and starts without a network.
export CLOUDFLARE_CF_FETCH_ENABLED=false

say() { printf '%s\n' "$*"; }
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# run_phase "name" command…: says what runs, and how long it took, also when it fails.
run_phase() {
  local name="$1" started=$SECONDS status=0
  shift
  say ""
  say "==> $name"
  # A subshell with its own `set -e`; `|| status=$?` here would switch `set -e` off inside functions.
  set +e
  (
    set -e
    "$@"
  )
  status=$?
  set -e
  if ((status == 0)); then
    say "<== $name: passed in $((SECONDS - started)) s"
  else
    say "<== $name: FAILED in $((SECONDS - started)) s (exit code $status)"
    exit "$status"
  fi
}

step() { say "[setup, $SECONDS s] $*"; }

# quietly <log name> command…: keeps the output in .tools/ and shows it only where a script asks for it.
quietly() {
  local log="$TOOLS/$1.log"
  shift
  "$@" >"$log" 2>&1 </dev/null
}

# apt_install <package>…
apt_install() {
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "root is needed once: run 'apt-get install --no-install-recommends $*' as root, then run this again."
    as_root=(sudo)
  fi
  step "Installing the Debian packages $* (about 30 seconds)."
  # An unreachable third-party source must not stop the installation from the others.
  quietly apt-update "${as_root[@]}" apt-get update -qq ||
    step "apt-get update reported a problem (.tools/apt-update.log); trying to install all the same."
  # --no-remove: where another package of the same kind is installed, stop instead of replacing it.
  quietly apt-install "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
    --no-install-recommends --no-remove -o DPkg::Lock::Timeout=120 "$@" || {
    tail -n 20 "$TOOLS/apt-install.log" >&2
    fail "the Debian packages could not be installed; the reason is above."
  }
}

# install_tool <crate> <version> <program> <how long it takes>
install_tool() {
  local crate="$1" version="$2" program="$3" duration="$4"
  if [[ "$("$TOOLS/bin/$program" --version 2>/dev/null)" == *"$version" ]]; then
    step "$crate $version is there."
    return
  fi
  step "Compiling $crate $version into .tools/ (about $duration on 2 cores)."
  # These programs run for seconds: optimising them costs minutes here and saves 3 seconds of a build.
  # One target directory, so that the crates they share are compiled once.
  CARGO_TARGET_DIR="$TOOLS/target" \
    CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_LTO=off \
    CARGO_PROFILE_RELEASE_DEBUG=0 CARGO_PROFILE_RELEASE_STRIP=symbols \
    cargo install "$crate@$version" --locked --quiet --root "$TOOLS" --bin "$program" ||
    fail "$crate $version could not be compiled; the reason is above."
}

# What compiling the tools left behind is of no further use, and large.
discard_tool_objects() { rm -rf "$TOOLS/target"; }

require_native_toolchain() {
  command -v cargo >/dev/null || fail "cargo is missing: install a stable Rust toolchain from https://rustup.rs and run this again."
  if ! { cargo clippy --version && cargo fmt --version; } >/dev/null 2>&1; then
    fail "clippy or rustfmt is missing: run 'rustup component add clippy rustfmt' and run this again."
  fi
  command -v npm >/dev/null || fail "npm is missing: install Node.js with npm 10 or newer and run this again."
}

require_node() {
  local major
  major="$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')"
  ((${major:-0} >= NODE_MINIMUM_MAJOR)) ||
    fail "Node ${NODE_MINIMUM_MAJOR} or newer is needed and no pinned one exists for this platform: install it and run this again."
}

rustup_way_is_complete() {
  local sysroot
  command -v rustup >/dev/null || return 1
  sysroot="$(rustup run "$RUSTUP_NIGHTLY" rustc --print sysroot 2>/dev/null)" || return 1
  [[ -d "$sysroot/lib/rustlib/src/rust/library" ]] || return 1
  # Only for clippy; the build compiles its own standard library.
  [[ -d "$(rustc --print target-libdir --target wasm32-unknown-unknown 2>/dev/null)" ]]
}

debian_way_is_complete() {
  [[ -x /usr/bin/cargo && -x /usr/bin/rustc && -x /usr/bin/cargo-clippy && -d /usr/lib/rustlib/src/rust/library ]] &&
    dpkg-query --show "${DEBIAN_PACKAGES[@]}" >/dev/null 2>&1
}

# Sets the variables that the wrappers in scripts/toolchain read, and puts those wrappers first in PATH.
use_wasm_toolchain() {
  local way sysroot host
  [[ -r "$TOOLS/toolchain-way" ]] || fail "the tools are not set up: run 'make setup' first."
  way="$(<"$TOOLS/toolchain-way")"
  case "$way" in
  rustup)
    WASM_CARGO="$(rustup which --toolchain "$RUSTUP_NIGHTLY" cargo)"
    WASM_RUSTC="$(rustup which --toolchain "$RUSTUP_NIGHTLY" rustc)"
    ;;
  debian)
    WASM_CARGO=/usr/bin/cargo
    WASM_RUSTC=/usr/bin/rustc
    # Rebuilding the standard library is an unstable feature; this lets a stable compiler do it.
    export RUSTC_BOOTSTRAP=1
    # Debian's compiler has no WebAssembly linker of its own; the native toolchain brings one.
    sysroot="$(rustc --print sysroot)"
    host="$(rustc -vV | sed -n 's/^host: //p')"
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$sysroot/lib/rustlib/$host/bin/rust-lld"
    [[ -x "$CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER" ]] ||
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$(command -v wasm-ld)" ||
      fail "no WebAssembly linker found: install a stable Rust toolchain with rustup, which contains rust-lld."
    export CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER
    ;;
  *) fail "'$TOOLS/toolchain-way' says '$way': delete the file and run 'make setup'." ;;
  esac
  export WASM_CARGO WASM_RUSTC
  export CARGO_TARGET_DIR="$WASM_TARGET_DIRECTORY"
  # Source paths end up in panic messages: the program should neither name the machine that built it nor differ by it.
  # Cargo compiles this project by relative paths, so its own folder is not named here: a flag that changes with the folder
  # would make a moved checkout compile everything again.
  export RUSTFLAGS="--remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
  # With these set worker-build downloads nothing.
  export WASM_BINDGEN_BIN="$TOOLS/bin/wasm-bindgen"
  export WASM_OPT_BIN="$PROJECT_ROOT/node_modules/.bin/wasm-opt"
  export ESBUILD_BIN="$PROJECT_ROOT/node_modules/.bin/esbuild"
  export PATH="$PROJECT_ROOT/scripts/toolchain:$PATH"
}
