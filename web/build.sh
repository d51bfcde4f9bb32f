#!/usr/bin/env bash
# Builds the files of the chat page; Maven calls it. What was built of the same sources is not built again. Without npm
# with Node 20 or newer there is no page: it says so, in one line.
#
#   build.sh required   what cannot be built ends it with an error
#   build.sh optional   what cannot be built, for want of a network perhaps, is a line too
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=../.mvn/npm.sh
. ../.mvn/npm.sh

# In it are the files, in the folder chat, and the list of them, by which they are found in the archive.
made=target/classes/io/topicstream/web
stamp=target/page.stamp

without() {
    echo "the chat page is not built: $1" >&2
    rm -rf "$made" "$stamp" target/*.jar
    exit 0
}

# What the page is made of, and from which it tells whether it is another one.
sources() {
    find build.sh index.html package.json package-lock.json tsconfig.json vite.config.ts public src \
        ../clients/typescript/src -type f -exec cksum {} + | LC_ALL=C sort
}


# A folder on the class path must be there, also where nothing is in it.
mkdir -p target/classes
has_npm || without "there is no npm with Node 20 or newer"
now=$(sources)
if [ -f "$made/chat.files" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then
    exit 0
fi
rm -f "$stamp" "$made/chat.files" target/*.jar
if [ "${1-required}" = optional ]; then
    # Without the check of types: a mistake in a test takes the page from nobody.
    { install_packages --fetch-retries=1 --fetch-timeout=30000 && npm exec --no -- vite build; } \
        >target/build.txt 2>&1 || without "npm failed, as $PWD/target/build.txt says"
else
    install_packages
    npm run --silent build
fi
(cd "$made/chat" && find . -type f | sed 's,^\./,,' | LC_ALL=C sort) >"$made/chat.files"
printf '%s\n' "$now" >"$stamp"
