#!/usr/bin/env bash
# Builds, checks and tests the client; Maven calls it. Without Node 20 or newer it says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v npm >/dev/null || ! node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'; then
    echo "there is no npm with Node 20 or newer: the client in TypeScript is not built and not tested" >&2
    exit 0
fi
rm -rf target/surefire-reports
# Installed once, until the versions change.
if ! cmp -s package-lock.json node_modules/installed-of; then
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    cp package-lock.json node_modules/installed-of
fi
JUNIT_FILE=target/surefire-reports/TEST-client-typescript.xml npm run --silent verify
