#!/bin/sh
# From a bare Debian 12 to a running one-node organisation:
#   node/start.sh          installs what is missing, builds, founds, starts; safe to run again
#   node/start.sh stop     stops the node; the data stays
# Settings: LEITHER_RPC_PORT (8545), LEITHER_DATA_DIR, LEITHER_ORG (home).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$here"
bin=$here/build/bin
data=${LEITHER_DATA_DIR:-${XDG_DATA_HOME:-$HOME/.local/share}/leither}
config=${XDG_CONFIG_HOME:-$HOME/.config}/leither
port=${LEITHER_RPC_PORT:-8545}
org=${LEITHER_ORG:-home}
log=$data/lnode.log
pid_file=$data/lnode.pid
export LEITHER_DATA_DIR="$data"
unset LEITHER_ORG # the wallet would take it for the organisation to work with

say() { printf '%s\n' "$*"; }
die() {
    printf 'start.sh: %s\n' "$*" >&2
    exit 1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -n "$@" || die "packages need root; run as root: $*"
    else
        die "packages need root; run as root: $*"
    fi
}

install_packages() {
    missing=
    for package in gcc libc6-dev make cmake ninja-build pkg-config libsecp256k1-dev libleveldb-dev \
        libevent-dev libhttp-parser-dev libjansson-dev libssl-dev libsodium-dev libgmp-dev \
        libqrencode-dev libwslay-dev zlib1g-dev; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing="$missing $package"
    done
    [ -n "$missing" ] || return 0
    say "installing:$missing"
    as_root apt-get update -qq
    # shellcheck disable=SC2086 # a list of names
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
        die "apt-get could not install:$missing"
}

build() {
    say "building in $here/build (some minutes the first time)"
    mkdir -p "$here/build"
    launcher=
    if command -v ccache >/dev/null; then launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache; fi
    # shellcheck disable=SC2086 # the launcher may be absent
    if ! { cmake -S . -B build -G Ninja $launcher && cmake --build build --target lnode lwallet levm; } \
        >build/start.log 2>&1; then
        grep -E -A5 'error|FAILED|undefined' build/start.log | head -n 40 >&2 || true
        die "the build failed; all of it is in build/start.log"
    fi
}

node_pid() { # of the running node, empty if none runs
    [ -x "$bin/lnode" ] || return 0
    "$bin/lnode" status --json 2>/dev/null | sed -n 's/.*"pid": *\([0-9]*\).*/\1/p'
}

node_url() {
    "$bin/lnode" status --json 2>/dev/null | sed -n 's/.*"rpc": *"\([^"]*\)".*/\1/p'
}

make_founder() {
    password=$config/founder.password
    if [ ! -s "$password" ]; then
        mkdir -p "$config"
        chmod 700 "$config"
        (umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$password")
    fi
    if "$bin/lwallet" config | grep -q '^password_file .*(not set)'; then
        "$bin/lwallet" config set password_file "$password" >/dev/null
    fi
    "$bin/lwallet" account list --json | grep -q '"founder"' ||
        "$bin/lwallet" account new founder >/dev/null ||
        die "lwallet could not make the founder's account; see the line above"
}

start_node() {
    mkdir -p "$data"
    chmod 700 "$data"
    [ ! -e "$log" ] || mv "$log" "$log.old"
    (umask 077 && : >"$log")
    symbol=$(printf '%s' "$org" | tr -cd '[:alnum:]' | tr '[:lower:]' '[:upper:]' | cut -c1-5)
    setsid nohup "$bin/lnode" run --rpc-port "$port" --found "$org" --symbol "${symbol:-HOME}" \
        --founder "$(founder_address)" >"$log" 2>&1 </dev/null &
    pid=$!
    echo "$pid" >"$pid_file"
    tries=0
    until grep -q '^ready' "$log"; do
        if ! kill -0 "$pid" 2>/dev/null; then
            rm -f "$pid_file"
            cat "$log" >&2
            die "the node did not start; if the port is taken, choose another: LEITHER_RPC_PORT=8546 node/start.sh"
        fi
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || die "the node was not ready after 30 s; see $log"
        sleep 0.1
    done
}

# The wallet is told where the node is, unless its owner said otherwise.
tell_wallet() {
    for setting in "rpc $url" "token_file $data/admin.token"; do
        if "$bin/lwallet" config | grep -q "^${setting%% *} .*(\(default\|not set\))"; then
            "$bin/lwallet" config set "${setting%% *}" "${setting#* }" >/dev/null
        fi
    done
}

founder_address() {
    "$bin/lwallet" account list --json | tr -d '\n ' |
        grep -o '{[^{}]*"founder"[^{}]*}' | sed -n 's/.*\(0x[0-9a-fA-F]\{40\}\).*/\1/p'
}

show() {
    status=$("$bin/lnode" status) || die "the node runs but is not well: $status"
    chain=$(say "$status" | sed -n 's/^org  *.*chain id \([0-9]*\).*default.*/\1/p')
    label=$(say "$status" | sed -n 's/^org  *\([^ ]*\) .*default.*/\1/p')
    founder=$(founder_address)
    say ""
    say "Organisation $label is running."
    say "  RPC          $url"
    say "  chain id     $chain"
    say "  founder      $founder"
    say "  status page  $url/"
    say "  data, log    $data, $log"
    say "  stop         node/start.sh stop"
    say "  start again  node/start.sh"
    say ""
    say "Try next (after: export PATH=\"$bin:\$PATH\"):"
    say "  lwallet balance"
    say "  lwallet org create acme --symbol ACM --transparency open"
    say "  lnode status"
}

stop_node() {
    pid=$(node_pid)
    if [ -z "$pid" ]; then
        say "no node runs in $data"
        return 0
    fi
    kill "$pid"
    tries=0
    while kill -0 "$pid" 2>/dev/null; do
        tries=$((tries + 1))
        [ "$tries" -lt 100 ] || die "process $pid did not stop within 10 s; see $log"
        sleep 0.1
    done
    rm -f "$pid_file"
    say "stopped; start again: node/start.sh"
}

case ${1:-start} in
    start) ;;
    stop)
        stop_node
        exit 0
        ;;
    *) die "unknown word \"$1\"; expected nothing or: stop" ;;
esac

install_packages
if [ -z "$(node_pid)" ]; then
    build
    make_founder
    start_node
else
    say "the node already runs"
fi
url=$(node_url)
tell_wallet
show
