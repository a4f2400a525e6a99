# Sourced by the scripts beside it: where things are, and how to say that something is missing.
# shellcheck shell=bash

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# What is made once and shared by every clone: Python environments and, in CI, compiled dependencies.
cache_directory=${SLUICE_CACHE_DIRECTORY:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/sluice}

say() {
    printf '\n=== %s\n' "$*" >&2
}

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# Where cargo puts what it builds: CARGO_TARGET_DIR, or `target` in the clone.
target_directory() {
    printf '%s\n' "${CARGO_TARGET_DIR:-$repository/target}"
}

# Installs Debian packages when that needs no question: as root, with apt-get.
install_packages() {
    [ "$(id -u)" = 0 ] && have apt-get || return 1
    say "installing $*"
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >&2 && apt-get install -y -qq --no-install-recommends "$@" >&2
}

# A TCP port on 127.0.0.1 that nothing listens on at the moment.
free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
