# shellcheck shell=bash
# Finds a JDK 25 or newer. Sourced by the launcher, by with-jdk and by .ci/run; works in bash 3.2 and newer.

jdk_feature_wanted=25

# The feature version (25, 26, ...) of the Java in folder $1; nothing if there is none.
jdk_feature() {
    local version=
    [ -x "$1/bin/java" ] || return 0
    if [ -r "$1/release" ]; then
        version=$(sed -n 's/^JAVA_VERSION="\([^"]*\)".*/\1/p' "$1/release")
    fi
    if [ -z "$version" ]; then
        version=$("$1/bin/java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p')
    fi
    # 25.0.3 is 25, 26-ea is 26, and 1.8.0 is 1: too old either way.
    printf '%s\n' "${version%%[!0-9]*}"
}

# Whether folder $1 is a JDK (it has a compiler) that is new enough.
jdk_fits() {
    local feature
    [ -x "$1/bin/javac" ] || return 1
    feature=$(jdk_feature "$1")
    [ -n "$feature" ] && [ "$feature" -ge "$jdk_feature_wanted" ]
}

# The folder of the Java that the command "java" on PATH starts, links followed.
jdk_on_path() {
    local file link
    file=$(command -v java) || return 0
    while [ -L "$file" ]; do
        link=$(readlink "$file")
        case $link in
            /*) file=$link ;;
            *) file=$(dirname "$file")/$link ;;
        esac
    done
    (cd "$(dirname "$file")/.." && pwd -P)
}

# Every folder that may be a JDK, one a line, the user's own wishes first.
jdk_candidates() {
    # Without HOME, as in a service, the shell knows it from the list of users.
    local folder home=~
    printf '%s\n' "${JAVA_HOME-}"
    if [ -r "$home/.m2/toolchains.xml" ]; then
        sed -n 's:.*<jdkHome>[[:space:]]*\(.*[^[:space:]]\)[[:space:]]*</jdkHome>.*:\1:p' "$home/.m2/toolchains.xml"
    fi
    jdk_on_path
    for folder in \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /usr/local/lib/jvm/* /opt/java/* /opt/jdk* /opt/*jdk* \
        "$home"/.sdkman/candidates/java/* "$home"/.jdks/* "$home"/.asdf/installs/java/* \
        "$home"/.local/share/mise/installs/java/* "$home"/.gradle/jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "$home"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        "$home"/.jdks/*/Contents/Home "$home"/.gradle/jdks/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        printf '%s\n' "$folder"
    done
}

# Prints the folder of a fitting JDK; says on stderr why not and returns 1 if there is none.
find_jdk() {
    local folder
    if [ -n "${TOPICSTREAM_JAVA_HOME-}" ]; then
        if jdk_fits "$TOPICSTREAM_JAVA_HOME"; then
            printf '%s\n' "$TOPICSTREAM_JAVA_HOME"
            return 0
        fi
        echo "TOPICSTREAM_JAVA_HOME is $TOPICSTREAM_JAVA_HOME, but no JDK $jdk_feature_wanted or newer is there." >&2
        return 1
    fi
    while IFS= read -r folder; do
        if [ -n "$folder" ] && jdk_fits "$folder"; then
            printf '%s\n' "$folder"
            return 0
        fi
    done <<<"$(jdk_candidates)"
    cat >&2 <<MESSAGE
TopicStream needs a JDK $jdk_feature_wanted or newer, and none was found: not by JAVA_HOME, in ~/.m2/toolchains.xml, on the
PATH, nor in the usual folders (/usr/lib/jvm, ~/.sdkman, ~/.jdks, /Library/Java/JavaVirtualMachines and the like).
Install one, for instance from https://adoptium.net, or set TOPICSTREAM_JAVA_HOME to the folder of one you have.
MESSAGE
    return 1
}
