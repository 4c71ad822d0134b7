#!/usr/bin/env bash
# Checks the Worker against openapi.json with schemathesis, which is installed into .tools/schemathesis the first time.
# Needs Python 3.11 or newer with its venv module; about 4 minutes. The seed is fixed in tests/schema/schemathesis.toml.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

environment="$TOOLS/schemathesis"
requirements=tests/schema/requirements.txt

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  fail "Python 3.11 or newer is needed for the schema tests: install it and run this again."
if ! cmp --silent "$requirements" "$environment/installed"; then
  say "Installing schemathesis into .tools/schemathesis (about 30 seconds)."
  rm -rf "$environment"
  python3 -m venv "$environment" ||
    fail "Python's venv module is missing: install it ('apt-get install python3-venv' on Debian) and run this again."
  "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement "$requirements" ||
    fail "pip could not install schemathesis; the reason is above."
  cp "$requirements" "$environment/installed"
fi

node tests/schema/run.mjs "$environment/bin/schemathesis"
