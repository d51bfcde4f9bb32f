# Of the `run` scripts of the examples: builds an example, and runs its programs and the gateway. It is read by them, with
#
#   name    of the example, in front of what is said
#   here    its folder
#   root    the folder of the project
#   data    the folder for logs, once it is known
#
# Exit codes: 2 for words that are not understood, 69 when there is no JDK or no Maven, 70 when the build fails. When one of
# the programs ends by itself, the others are ended, and its exit code is that of the script.

say() {
    echo "$name: $1" >&2
}

# Ends with the head of the script $1 as the help.
show_help() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$1"
    exit 0
}

# The word $1 is not understood.
unknown() {
    say "$1 is not understood; --help lists what is"
    exit 2
}

# The option $1 must have a value: $2 is how many words are left.
wants_value() {
    [ "$2" -ge 2 ] || {
        say "$1 wants a value"
        exit 2
    }
}

# The value $2 of the option $1 must be a port; not 0, for each program is told the ports of the others.
wants_port() {
    if ! [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || [ "$2" -gt 65535 ]; then
        say "$1 is a port, 1 to 65535, not $2"
        exit 2
    fi
}

# Builds what must be: the gateway, by its own launcher; then the example, when it is older than its sources. $1 is the
# archive of the example. Sets jdk and jar.
build() {
    # shellcheck source=../.mvn/find-jdk.sh
    . "$root/.mvn/find-jdk.sh"
    jdk=$(find_jdk) || exit 69
    "$root/topicstream" --version >/dev/null || exit $?
    jar=$here/target/$1
    local sources=("$root/pom.xml" "$here/pom.xml" "$here/src/main") module
    for module in core rocksdb examples/back-end; do
        sources+=("$root/$module/pom.xml" "$root/$module/src/main")
    done
    # Where a build was given up what it has made may be half of it.
    local half=$here/target/run-build.half output=$here/target/run-build.txt
    if [ ! -f "$jar" ] || [ -e "$half" ] || [ -n "$(find "${sources[@]}" -newer "$jar" 2>/dev/null | head -n 1)" ]; then
        command -v mvn >/dev/null || {
            say "it is built on first use, and that needs Maven 3.8.7 or newer; the command mvn was not found"
            exit 69
        }
        say "building…"
        mkdir -p "$here/target"
        : >"$half"
        if ! (cd "$root" && JAVA_HOME=$jdk mvn -B -q -DskipTests -Pquick -pl "${here#"$root"/}" -am package) \
            >"$output" 2>&1 </dev/null; then
            cat "$output" >&2
            say "the build failed; its output stands above"
            exit 70
        fi
        touch "$jar"
        rm -f "$half"
    fi
}

# A secret of this run, in hexadecimal digits: $1 bytes.
secret() {
    od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'
}

# With a key of this run a back end signs its calls, and the gateway takes no others. What is set already prevails.
sign() {
    local made
    made=$(secret 16)
    export AWS_REGION=${AWS_REGION-us-east-1}
    if [ -z "${AWS_ACCESS_KEY_ID-}" ]; then
        export AWS_ACCESS_KEY_ID=EXAMPLEKEY AWS_SECRET_ACCESS_KEY=$made
    fi
    export TOPICSTREAM_GATEWAY_SIGNATURES=verify
    export TOPICSTREAM_GATEWAY_KEYS="[{id: \"$AWS_ACCESS_KEY_ID\", secret: \"${AWS_SECRET_ACCESS_KEY-}\", name: back-end}]"
}

# The programs that were started, in their order: their names, processes, and how long their logs were before.
programs=()
processes=()
lengths=()
stopping=

# Ends all, the last one first and each before the next: so those behind the gateway still hear of its connections.
stop() {
    local i
    trap - EXIT
    trap '' INT TERM HUP
    for ((i = ${#processes[@]} - 1; i >= 0; i--)); do
        kill "${processes[i]}" 2>/dev/null || true
        wait "${processes[i]}" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'stopping=1; stop; exit 0' INT TERM HUP

# Starts the program $1 with the command behind it, and waits until it is ready. Each is started with "set -m", as a group
# of its own, so that a Ctrl-C reaches the script alone.
start() {
    local program=$1
    shift
    touch "$data/$program.log"
    : >"$data/$program.out"
    programs+=("$program")
    lengths+=("$(wc -c <"$data/$program.log" | tr -d ' ')")
    set -m
    "$@" >"$data/$program.out" 2>>"$data/$program.log" </dev/null &
    local process=$!
    processes+=("$process")
    set +m
    until grep -q '^ready: ' "$data/$program.out"; do
        kill -0 "$process" 2>/dev/null || failed $((${#programs[@]} - 1))
        sleep 0.1
    done
}

# Starts the program $1 of the class $2.
start_java() {
    start "$1" "$jdk/bin/java" --enable-native-access=ALL-UNNAMED -XX:+UseCompactObjectHeaders \
        -XX:+ExitOnOutOfMemoryError -cp "$jar:$here/target/lib/*" "$2"
}

# Starts the gateway on port $1, with the API of the example and the words behind.
start_gateway() {
    local port=$1
    shift
    start gateway "$root/topicstream" gateway --template "$here/gateway.yaml" --port "$port" --data "$data/gateway" \
        --set "server.run_dir=$data/run" "$@"
}

# The program at place $1 has ended by itself: says the last words of its log, and ends as it did.
failed() {
    local code=0
    wait "${processes[$1]}" || code=$?
    [ -z "$stopping" ] || exit 0
    say "the ${programs[$1]} ended with $code; the end of $data/${programs[$1]}.log:"
    tail -c "+$((lengths[$1] + 1))" "$data/${programs[$1]}.log" | tail -n 5 >&2
    [ "$code" != 0 ] || code=70
    exit "$code"
}

# Until one of them ends, or the trap ends them all.
watch() {
    local i
    while :; do
        for i in "${!processes[@]}"; do
            kill -0 "${processes[i]}" 2>/dev/null || failed "$i"
        done
        sleep 0.2
    done
}
