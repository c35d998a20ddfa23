#!/bin/sh
# A fresh clone, node/start.sh, then the README's tour line by line, as a newcomer would: with a
# home of its own, so that nothing of this machine's user is touched, and on a free port.
set -eu
cd "$(dirname "$0")/../.."
here=$(mktemp -d)
passed=0
failed=0

shows() { # shows CODE TEXT
    if [ "$1" = 0 ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "  NOT SO: $2 (exit code $1)"
    fi
}

# The node that start.sh left running, found by the lock it holds on its own data; ended by pid.
node_pid() {
    for process in /proc/[0-9]*; do
        if [ "$(readlink "$process/exe" 2>/dev/null)" = "$here/leither/build/bin/lnode" ]; then
            echo "${process#/proc/}"
        fi
    done
}
stop_node() {
    for pid in $(node_pid); do kill "$pid" 2>/dev/null || true; done
    tries=0
    while [ -n "$(node_pid)" ] && [ "$tries" -lt 50 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
}
trap 'stop_node; rm -rf "$here"' EXIT

HOME=$here/home
XDG_DATA_HOME=$HOME/.local/share
XDG_CONFIG_HOME=$HOME/.config
XDG_STATE_HOME=$HOME/.local/state
XDG_RUNTIME_DIR=$here/run
LEITHER_RPC_PORT=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 20000))
export HOME XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_RUNTIME_DIR LEITHER_RPC_PORT
mkdir -p "$XDG_DATA_HOME" "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"
mkdir -m 700 "$XDG_RUNTIME_DIR"

echo "\$ git clone leither && cd leither"
git clone --quiet --no-hardlinks . "$here/leither"
cd "$here/leither"

for time in first second; do
    echo "\$ node/start.sh"
    rc=0
    sh node/start.sh >"$here/start.log" 2>&1 </dev/null || rc=$?
    tail -n 25 "$here/start.log"
    shows "$rc" "node/start.sh, run the $time time"
done
grep -q "$LEITHER_RPC_PORT" "$here/start.log" || shows 1 "node/start.sh prints the RPC address"

# The first fenced block after the marker, one command a line.
awk '/^<!-- tour:/ { armed = 1 } /^```/ { if (inside) exit; if (armed) { inside = 1; next } }
     inside { print }' README.md >"$here/tour"
shows "$([ "$(wc -l <"$here/tour")" -ge 8 ] && echo 0 || echo 1)" "README.md holds a tour"
LEITHER_RPC=http://127.0.0.1:$LEITHER_RPC_PORT
export LEITHER_RPC
while IFS= read -r line; do
    printf '$ %s\n' "$line"
    rc=0
    eval "$line" </dev/null || rc=$?
    shows "$rc" "$line"
done <"$here/tour"

cd /
before=$(node_pid)
stop_node
shows "$([ -n "$before" ] && [ -z "$(node_pid)" ] && echo 0 || echo 1)" "the node ran, and stopped when asked"
echo "story first-hour: $([ "$failed" = 0 ] && echo 'as told' || echo 'not as told')"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
