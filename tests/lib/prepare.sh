# shellcheck shell=sh disable=SC2154
# What suites need: Debian packages, npm packages, builds. Each is done once in a run, only when
# needed, and says nothing unless it works or fails visibly.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

# need_packages PACKAGE|TOOL:PACKAGE...: installs those missing; a tool found in PATH will do.
need_packages() {
    missing=
    for item in "$@"; do
        case $item in
            *:*) command -v "${item%%:*}" >/dev/null || missing="$missing ${item#*:}" ;;
            *)
                dpkg-query -W -f '${Status}' "$item" 2>/dev/null | grep -q 'ok installed' ||
                    missing="$missing $item"
                ;;
        esac
    done
    [ -n "$missing" ] || return 0
    say "installing:$missing"
    mkdir -p "$logs"
    # shellcheck disable=SC2086 # a list of names
    if ! { as_root apt-get update -qq &&
        as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends $missing; } >"$logs/apt.log" 2>&1; then
        tail -n 20 "$logs/apt.log"
        say "packages could not be installed; as root: apt-get install$missing"
        return 1
    fi
}

need_build_packages() {
    need_packages cc:gcc make:make cmake:cmake ninja:ninja-build pkg-config:pkg-config git:git \
        libc6-dev libsecp256k1-dev libleveldb-dev libevent-dev libhttp-parser-dev \
        libjansson-dev libwslay-dev libssl-dev libsodium-dev libgmp-dev libqrencode-dev \
        zlib1g-dev libcriterion-dev
}

# What tests/stories/wires.js makes networks of.
need_networks() { need_packages vde_switch:vde2 nft:nftables ip:iproute2; }

# build_folder KIND: where a kind of build lives.
build_folder() {
    if [ "$1" = release ]; then echo build; else echo "build-$1"; fi
}

# build KIND [TARGET...]: configures and builds; shows the compiler's words only on failure.
build() {
    kind=$1
    shift
    need_build_packages
    folder=$(build_folder "$kind")
    mkdir -p "$logs"
    compiler=cc
    if [ "$kind" = fuzz ]; then compiler=clang; fi
    launcher=
    if command -v ccache >/dev/null; then launcher=-DCMAKE_C_COMPILER_LAUNCHER=ccache; fi
    # shellcheck disable=SC2086 # the launcher may be absent
    if ! { CC=$compiler cmake -S . -B "$folder" -G Ninja -DLEITHER_BUILD="$kind" \
        -DLEITHER_TESTS=ON $launcher &&
        cmake --build "$folder" ${1:+--target} "$@"; } >"$logs/build-$kind.log" 2>&1; then
        grep -E -A8 'error|FAILED|undefined reference' "$logs/build-$kind.log" | head -n 60
        say "the $kind build failed; all of it: $logs/build-$kind.log"
        return 1
    fi
}

# install_npm FOLDER: exact versions from its lock file, once for each content of that.
install_npm() {
    lock=$1/package-lock.json stamp=$1/node_modules/.lock-installed
    if cmp -s "$lock" "$stamp"; then return 0; fi
    say "installing npm packages of $1"
    mkdir -p "$logs"
    # Not `npm ci`: it wants every platform's optional package in the lock file, also those
    # that a registry's mirror may lack. The lock file stays as it is in any case.
    cp "$lock" "$logs/package-lock.json"
    rc=0
    (cd "$1" && npm install --no-save --no-audit --no-fund --loglevel=error) \
        >"$logs/npm.log" 2>&1 || rc=$?
    cmp -s "$logs/package-lock.json" "$lock" || cp "$logs/package-lock.json" "$lock"
    if [ "$rc" != 0 ]; then
        tail -n 20 "$logs/npm.log"
        say "npm packages could not be installed; try: cd $1 && npm install --no-save"
        return 1
    fi
    cp "$lock" "$stamp"
}

# JavaScript: the packages of tests/e2e, and npm's own node 22 among them.
need_javascript() {
    need_packages node:nodejs npm:npm
    modules=tests/e2e/node_modules
    [ -x $modules/.bin/node ] || rm -f $modules/.lock-installed
    install_npm tests/e2e || return 1
    # An npm that runs no install scripts leaves node's own program out.
    [ -x $modules/.bin/node ] ||
        (cd $modules/node && node installArchSpecificPackage.js) >>"$logs/npm.log" 2>&1
    NODE=$PWD/$modules/.bin/node
    export NODE
}

# The tools of tests/clients, and the languages of rpc/clients. npm runs on node 22: an older one leaves out what Hardhat 3 needs.
need_clients() {
    need_packages python3:python3 go:golang-go
    need_javascript || return 1
    node_path=$PATH
    PATH=$(dirname "$NODE"):$PATH
    for project in tests/clients/*/package.json; do
        install_npm "$(dirname "$project")" || return 1
    done
    PATH=$node_path
}

# use_build KIND: the programs that JavaScript tests start.
use_build() {
    LEITHER_BIN=$PWD/$(build_folder "$1")/bin
    export LEITHER_BIN
}

# Debian's Prometheus: the one installed, else its package unpacked under build/. Installing it
# would start a service; its programs need nothing but the C library.
need_prometheus() {
    if command -v prometheus >/dev/null && command -v promtool >/dev/null; then
        PROMETHEUS_BIN=$(dirname "$(command -v prometheus)")
    else
        PROMETHEUS_BIN=$PWD/build/prometheus/usr/bin
    fi
    export PROMETHEUS_BIN
    [ ! -x "$PROMETHEUS_BIN/promtool" ] || return 0
    say "unpacking Debian's prometheus"
    mkdir -p build/prometheus "$logs"
    rm -f build/prometheus/*.deb
    if ! { (cd build/prometheus && apt-get download prometheus) ||
        { as_root apt-get update -qq && (cd build/prometheus && apt-get download prometheus); } &&
        dpkg-deb -x build/prometheus/*.deb build/prometheus; } >"$logs/apt.log" 2>&1; then
        tail -n 20 "$logs/apt.log"
        say "prometheus could not be downloaded; install it, or look at apt-get download prometheus"
        return 1
    fi
}
