#!/usr/bin/env bash
# Licences, duplicate and banned crates, and where crates come from: see deny.toml.
# Apart from scripts/test.sh because the tool itself takes minutes to compile.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

install_tool cargo-deny "$CARGO_DENY_VERSION" cargo-deny "2 minutes"
discard_tool_objects
"$TOOLS/bin/cargo-deny" --locked --all-features check --hide-inclusion-graph licenses bans sources
