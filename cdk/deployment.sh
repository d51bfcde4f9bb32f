# What `deploy` and `destroy` have in common. It is read by them, with
#
#   here    this folder
#
# shellcheck shell=bash disable=SC2034,SC2154
#
# Exit codes: 1 for what AWS refuses, 2 for values that cannot be, 69 when a program, a region or an account is missing, 70 when
# the build fails.

root=$(cd "$here/.." && pwd -P)
template=$here/template/topicstream.template.json
# The account's stack, of which there is one in a region.
account_stack=topicstream-account
export AWS_PAGER=
# Ranges of letters are those of ASCII.
export LC_COLLATE=C

fail() {
    echo "${0##*/}: $1" >&2
    exit "${2-1}"
}

# The same of the stack, with where to read why.
fail_of_stack() {
    fail "the stack $1. Why: aws cloudformation describe-stack-events --region $region --stack-name $stack \
  --query \"StackEvents[?contains(ResourceStatus, 'FAILED')].[LogicalResourceId, ResourceStatusReason]\" --output text"
}

say() {
    echo "$1"
}

# Ends with the head of the script as the help.
show_help() {
    sed -n '2,/^set /s/^# \{0,1\}//p' "$0"
    exit 0
}

# The parameters of the template, in its order, each with its variable: UserPoolId=USER_POOL_ID.
parameters=$(awk '
    /^  "Parameters" : [{]/ { on = 1; next }
    on && /^  [}]/ { exit }
    on && /^    "/ {
        gsub(/[" :{]/, "")
        name = $0
        while (match($0, /[a-z0-9][A-Z]/)) { $0 = substr($0, 1, RSTART) "_" substr($0, RSTART + 1) }
        print name "=" toupper($0)
    }' "$template")

# What the template says of the parameter $1 under the name $2, as JSON; nothing where it says nothing.
property() {
    awk -v parameter="    \"$1\" : {" -v name="      \"$2\" : " '
        $0 == parameter { on = 1; next }
        on && /^    [}]/ { exit }
        on && index($0, name) == 1 { sub(/,$/, ""); print substr($0, length(name) + 1) }' "$template"
}

# Whether the variable $1 is set.
is_given() {
    [ -n "${!1+x}" ]
}

# The text that stands as JSON in $1.
text_of() {
    sed -e 's/^"//' -e 's/"$//' -e 's/\\\(["\\]\)/\1/g' <<<"$1"
}

# What the parameter $1 is without a stack that says otherwise: its variable $2, or what the template says.
value() {
    if is_given "$2"; then
        printf '%s' "${!2}"
    else
        printf '%s' "$(text_of "$(property "$1" Default)")"
    fi
}

# Ends where the variable $2 of the parameter $1 has a value that cannot be.
check() {
    local values pattern least most what="$2 is \"${!2}\""
    set -- "$1" "${!2}"
    values=$(property "$1" AllowedValues)
    if [ -n "$values" ]; then
        case $values in
            *" \"$2\""*) ;;
            *) fail "$what; it has to be one of $(tr -d '[]"' <<<"$values" | xargs)" 2 ;;
        esac
    fi
    pattern=$(property "$1" AllowedPattern)
    if [ -n "$pattern" ]; then
        pattern="^($(text_of "$pattern"))\$"
        [[ $2 =~ $pattern ]] || fail "$what; it has to be of the form $(text_of "$(property "$1" AllowedPattern)")" 2
    fi
    least=$(property "$1" MinValue)
    most=$(property "$1" MaxValue)
    if [ -n "$least" ]; then
        if ! [[ $2 =~ ^(0|[1-9][0-9]{0,9})$ ]] || [ "$2" -lt "$least" ] || [ "$2" -gt "$most" ]; then
            fail "$what; it has to be a number from $least to $most" 2
        fi
    fi
}

# The word $1 as a shell takes it.
quoted() {
    if [[ $1 =~ ^[A-Za-z0-9_./:=@%+,-]+$ ]]; then
        printf '%s' "$1"
    else
        printf "'%s'" "${1//\'/\'\\\'\'}"
    fi
}

sha256() {
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d' ' -f1
}

# Runs a command that changes something, and prints it before; in a dry run prints it only.
run() {
    local word line=
    for word in "$@"; do
        line="$line $(quoted "$word")"
    done
    say "+$line"
    [ "$dry_run" = true ] || "$@"
}

# Asks AWS something: what it answers, or an error where there is no such thing. In a dry run without an account nothing is there.
ask() {
    [ -n "$account" ] && aws "$@" 2>/dev/null
}

# The same as text; nothing where it says None.
ask_text() {
    local answer
    answer=$(ask "$@" --output text) || return 0
    [ "$answer" = None ] || printf '%s' "$answer"
}

# Reads what both scripts are told: dry_run, region, project, environment, stack, account.
begin() {
    case ${1-} in
        --help | -h) show_help ;;
        ?*) fail "$1 is not understood; all is told by variables, which --help lists" 2 ;;
    esac
    dry_run=${DRY_RUN-false}
    [[ $dry_run =~ ^(true|false)$ ]] || fail "DRY_RUN is \"$dry_run\"; it has to be true or false" 2

    local parameter
    for parameter in $parameters; do
        if is_given "${parameter#*=}" && ! [[ $parameter =~ ^(AssetsPrefix|Revision)= ]]; then
            check "${parameter%=*}" "${parameter#*=}"
        fi
    done
    project=$(value ProjectName PROJECT_NAME)
    environment=$(value Environment ENVIRONMENT)
    stack=${STACK_NAME-$project-$environment}
    [[ $stack =~ ^[A-Za-z][A-Za-z0-9-]{0,127}$ ]] ||
        fail "STACK_NAME is \"$stack\"; it has to be letters, digits and -, and begin with a letter" 2

    if ! command -v aws >/dev/null && [ "$dry_run" = false ]; then
        fail "there is no command aws: install the AWS Command Line Interface" 69
    fi
    region=${REGION-${AWS_REGION-${AWS_DEFAULT_REGION-}}}
    if [ -z "$region" ] && command -v aws >/dev/null; then
        region=$(aws configure get region 2>/dev/null || true)
    fi
    [ -n "$region" ] || fail "there is no region: set REGION, for instance to eu-central-1" 69
    [[ $region =~ ^[a-z]{2}(-[a-z]+)+-[0-9]$ ]] || fail "REGION is \"$region\"; it has to be of the form eu-central-1" 2
    export AWS_REGION=$region AWS_DEFAULT_REGION=$region

    account=
    if command -v aws >/dev/null; then
        account=$(aws sts get-caller-identity --query Account --output text 2>/dev/null || true)
    fi
    if [ -z "$account" ] && [ "$dry_run" = false ]; then
        fail "AWS does not know you: run \`aws configure\` or \`aws sso login\`, or set AWS_PROFILE" 69
    fi
    say "The stack $stack in $region, account ${account:-unknown}:"
}

# The bucket for archives: the one that is given, that of the stack, or our own.
own_assets_bucket() {
    printf 'topicstream-assets-%s-%s' "${account:-ACCOUNT}" "$region"
}

assets_bucket() {
    local of_stack
    if is_given ASSETS_BUCKET; then
        printf '%s' "$ASSETS_BUCKET"
    else
        of_stack=$(stack_parameter AssetsBucket)
        printf '%s' "${of_stack:-$(own_assets_bucket)}"
    fi
}

# What the stack has for the parameter $1; nothing without a stack.
stack_parameter() {
    ask_text cloudformation describe-stacks --stack-name "${2-$stack}" \
        --query "Stacks[0].Parameters[?ParameterKey=='$1'].ParameterValue | [0]"
}

# What the stack says under the name $1.
stack_output() {
    ask_text cloudformation describe-stacks --stack-name "$stack" \
        --query "Stacks[0].Outputs[?OutputKey=='$1'].OutputValue | [0]"
}

# The state of the stack $1, once nothing is being done to it any more; nothing if it does not exist.
settled() {
    local state
    while :; do
        state=$(ask_text cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus')
        case $state in
            REVIEW_IN_PROGRESS | *_FAILED | *_COMPLETE | '') break ;;
            DELETE_IN_PROGRESS) set -- "$1" stack-delete-complete ;;
            CREATE_IN_PROGRESS) set -- "$1" stack-create-complete ;;
            UPDATE_ROLLBACK_*) set -- "$1" stack-rollback-complete ;;
            UPDATE_*) set -- "$1" stack-update-complete ;;
            *) set -- "$1" stack-rollback-complete ;;
        esac
        [ "$dry_run" = false ] || break
        echo "the stack $1 is in the state $state; waiting…" >&2
        aws cloudformation wait "$2" --stack-name "$1" >/dev/null 2>&1 || sleep "${PAUSE_SECONDS-2}"
    done
    printf '%s' "$state"
}
