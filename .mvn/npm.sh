# What the scripts have in common that build and test npm projects. To be sourced, in the folder of the project.

# Whether there is npm, with a Node that is new enough.
has_npm() {
    command -v npm >/dev/null && node -e 'process.exit(process.versions.node.split(".")[0] < 20 ? 1 : 0)'
}

# Installs the packages once, until their versions change. Options of npm may be given.
install_packages() {
    cmp -s package-lock.json node_modules/installed-of && return
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error "$@" &&
        cp package-lock.json node_modules/installed-of
}
