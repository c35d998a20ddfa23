#!/bin/sh
# In a network namespace of its own: a machine without a router, then a cable to one. Runs the helper
# (LNODE) with the router (NODE ROUTER.JS) at the other end; prints, in hex, what the helper said.
# Exit code 77: this system lets no such network be made.
set -eu
lnode=$1 node=$2 router=$3
folder=$(mktemp -d)
mkfifo "$folder/in"
"$lnode" port-helper 30800 <"$folder/in" >"$folder/said" &
helper=$!
exec 3>"$folder/in"
unshare -n "$node" "$router" >"$folder/router" 3>&- &
far=$!
trap 'exec 3>&-; kill "$far" 2>/dev/null || true; rm -rf "$folder"' EXIT

# wait_for FILE SIZE: until so much was said, two minutes at most.
wait_for() {
    for _ in $(seq 1200); do
        [ "$(stat -c %s "$folder/$1")" -lt "$2" ] || return 0
        sleep 0.1
    done
    echo "$1: only $(stat -c %s "$folder/$1") bytes of $2" >&2
    return 1
}
wait_for said 14
for _ in $(seq 100); do # until the router has its own network
    [ "$(readlink "/proc/$far/ns/net")" = "$(readlink /proc/self/ns/net)" ] || break
    sleep 0.1
done
ip link add here type veth peer name there netns "$far" 2>/dev/null || exit 77
ip addr add 10.99.0.2/24 dev here
ip link set here up
wait_for router 1
ip route add default via 10.99.0.1
wait_for said 42
exec 3>&-
wait "$helper"
od -An -v -tx1 "$folder/said" | tr -d ' \n'
