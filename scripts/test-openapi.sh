#!/usr/bin/env bash
# Makes clients of openapi.json with openapi-typescript and openapi-python-client, type-checks them strictly, and takes a
# token through its whole life with each, against the real Worker. Before that spectral and redocly look at the document
# with the rules that they recommend; what is excepted stands with its reason in tests/openapi/.
# Apart from `make test`, because of the 270 packages that this needs. They are installed into .tools/openapi/ on first use
# (about 45 seconds) and never become part of the product. Needs Python 3.11 or newer with its venv module.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

SOURCES="$PROJECT_ROOT/tests/openapi"
OPENAPI="$TOOLS/openapi"
NODE_TOOLS="$OPENAPI/node"
PYTHON_TOOLS="$OPENAPI/python"
CLIENT="$OPENAPI/client"
export REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true PYTHONDONTWRITEBYTECODE=1

install_node_tools() {
  local inputs=("$SOURCES/package.json" "$SOURCES/package-lock.json" .npmrc)
  if cmp --silent <(cat "${inputs[@]}") "$NODE_TOOLS/installed"; then return; fi
  rm -rf "$NODE_TOOLS"
  mkdir -p "$NODE_TOOLS"
  cp "${inputs[@]}" "$NODE_TOOLS/"
  # .npmrc: no package runs code while it is being installed.
  (cd "$NODE_TOOLS" && npm ci --no-fund --no-audit --loglevel=error) ||
    fail "npm could not install the tools for TypeScript; the reason is above."
  cat "${inputs[@]}" >"$NODE_TOOLS/installed"
}

install_python_tools() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed for the generated client: install it and run this again."
  if cmp --silent "$SOURCES/requirements.txt" "$PYTHON_TOOLS/installed"; then return; fi
  rm -rf "$PYTHON_TOOLS"
  python3 -m venv "$PYTHON_TOOLS" ||
    fail "Python's venv module is missing: install it ('apt-get install python3-venv' on Debian) and run this again."
  "$PYTHON_TOOLS/bin/pip" install --quiet --disable-pip-version-check --no-deps --only-binary :all: \
    --requirement "$SOURCES/requirements.txt" || fail "pip could not install the tools for Python; the reason is above."
  cp "$SOURCES/requirements.txt" "$PYTHON_TOOLS/installed"
}

lint() {
  "$NODE_TOOLS/node_modules/.bin/spectral" lint openapi.json --ruleset "$SOURCES/spectral.yaml" --fail-severity=hint
  "$NODE_TOOLS/node_modules/.bin/redocly" lint openapi.json --config "$SOURCES/redocly.yaml" --max-problems=1000 2>&1 |
    tee "$OPENAPI/redocly.log"
  if grep --quiet --ignore-case 'warning' "$OPENAPI/redocly.log"; then fail "redocly warns; see above."; fi
}

typescript_client() {
  # The files stand beside node_modules, so that both tsc and Node find what they import.
  "$NODE_TOOLS/node_modules/.bin/openapi-typescript" openapi.json --output "$NODE_TOOLS/schema.d.ts"
  cp "$SOURCES/tsconfig.json" "$SOURCES/workflow.ts" "$NODE_TOOLS/"
  "$NODE_TOOLS/node_modules/.bin/tsc" --project "$NODE_TOOLS"
  node "$SOURCES/run.mjs" node "$NODE_TOOLS/workflow.ts"
}

python_client() {
  rm -rf "$CLIENT"
  mkdir -p "$CLIENT"
  # The generator formats what it made with ruff. A warning is a part of the document that it left out.
  PATH="$PYTHON_TOOLS/bin:$PATH" openapi-python-client generate --path openapi.json --meta none --fail-on-warning \
    --output-path "$CLIENT/token_auth_client"
  cp "$SOURCES/workflow.py" "$SOURCES/mypy.ini" "$CLIENT/"
  (cd "$CLIENT" && "$PYTHON_TOOLS/bin/mypy" --no-incremental token_auth_client workflow.py)
  node "$SOURCES/run.mjs" "$PYTHON_TOOLS/bin/python" "$CLIENT/workflow.py"
}

run_phase "set-up" bash scripts/setup.sh
run_phase "build" bash scripts/build.sh release
run_phase "tools for TypeScript" install_node_tools
run_phase "tools for Python" install_python_tools
run_phase "spectral and redocly" lint
run_phase "client for TypeScript" typescript_client
run_phase "client for Python" python_client
say ""
say "Both clients made of openapi.json passed in $SECONDS s."
