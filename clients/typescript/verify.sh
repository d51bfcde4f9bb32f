#!/usr/bin/env bash
# Builds, checks and tests the client; Maven calls it. Without Node 20 or newer it says so and does nothing.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../../.mvn/npm.sh
. ../../.mvn/npm.sh

if ! has_npm; then
    echo "there is no npm with Node 20 or newer: the client in TypeScript is not built and not tested" >&2
    exit 0
fi
rm -rf target/surefire-reports
install_packages
JUNIT_FILE=target/surefire-reports/TEST-client-typescript.xml npm run --silent verify
