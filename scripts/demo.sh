#!/usr/bin/env bash
# Runs the main job from end to end against the Worker that would be deployed, saying what it does.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

bash scripts/setup.sh
bash scripts/build.sh release
exec node tests/demo.mjs
