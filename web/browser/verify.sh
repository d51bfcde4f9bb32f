#!/usr/bin/env bash
# Tests the chat page in Chromium; Maven calls it. Without Node 20 or newer, or without Chromium, it says so and does nothing.
#
#   CHROMIUM   the browser to use, instead of looking for one
#   verify.sh FILE…   only the tests of these files
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../../.mvn/npm.sh
. ../../.mvn/npm.sh

if ! has_npm; then
    echo "there is no npm with Node 20 or newer: the chat page is not tested in a browser" >&2
    exit 0
fi
CHROMIUM=${CHROMIUM-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
if [ -z "$CHROMIUM" ]; then
    echo "there is no chromium: the chat page is not tested in a browser" >&2
    exit 0
fi
export CHROMIUM
rm -rf target/surefire-reports target/artifacts
# The packages are those of the page.
cd ..
install_packages
cd browser
JUNIT_FILE=target/surefire-reports/TEST-web-browser.xml ../node_modules/.bin/vitest run "$@"
