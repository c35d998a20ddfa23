#!/bin/sh
# In a network namespace of its own: a machine on a cable to its router (NODE ROUTER.JS), and on it a
# node of a ledger of two members, run by LNODE with the data FOLDER and the FLAGS given. Once the node
# is ready and had some seconds it is ended by SIGTERM. Prints the node's log, `--`, and what the router
# was asked. Exit code 77: this system lets no such network be made.
set -eu
lnode=$1 node=$2 router=$3 data=$4 seconds=$5
shift 5
folder=$(mktemp -d)
unshare -n "$node" "$router" >"$folder/router" &
far=$!
trap 'kill "$far" 2>/dev/null || true; rm -rf "$folder"' EXIT

# wait_for FILE WORDS: two minutes at most.
wait_for() {
    for _ in $(seq 1200); do
        ! grep -q "$2" "$folder/$1" || return 0
        sleep 0.1
    done
    cat "$folder/$1" >&2
    return 1
}
for _ in $(seq 100); do # until the router has its own network
    [ "$(readlink "/proc/$far/ns/net")" = "$(readlink /proc/self/ns/net)" ] || break
    sleep 0.1
done
ip link set lo up
ip link add here type veth peer name there netns "$far" 2>/dev/null || exit 77
ip addr add 10.99.0.2/24 dev here
ip link set here up
wait_for router ready
ip route add default via 10.99.0.1
"$lnode" run --data-dir "$data" --rpc-port 0 "$@" >"$folder/log" 2>&1 &
lnode_pid=$!
wait_for log '^ready'
sleep "$seconds"
kill -TERM "$lnode_pid"
wait "$lnode_pid"
sleep 2 # the helper takes the mapping back when the node is gone
cat "$folder/log"
echo --
cat "$folder/router"
