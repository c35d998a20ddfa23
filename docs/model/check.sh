#!/bin/sh
# Runs the models of this folder with Spin: the faithful ones find nothing, each with a rule deleted
# finds a counterexample. usage: docs/model/check.sh [--full] [NAME]   (only rows whose name holds NAME)
# A counterexample is left in build/model/NAME.trail as a list of steps. Ends with N passed, M failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(cd "$here/../.." && pwd)/build/model
limit_s=120 memory_mb=2000
optimise=-O0 # compiling takes longer than a small search
full=
if [ "${1:-}" = --full ]; then full=1 limit_s=3600 optimise=-O2; shift; fi
only=${1:-}
passed=0 failed=0
mkdir -p "$work"

# run NAME EXPECTED MODEL [-DSWITCH...]: EXPECTED is none, found, or redundant: a deleted rule of which
# the bound explored shows no counterexample, as README.md says.
run() {
    name=$1 expected=$2 model=$3
    shift 3
    case $name in *"$only"*) ;; *) return 0 ;; esac
    folder=$work/$name
    rm -rf "$folder"
    mkdir -p "$folder"
    cp "$here/$model.pml" "$folder/"
    began=$(date +%s)
    if ! (cd "$folder" && spin -a "$@" "$model.pml" >spin.log 2>&1 &&
        cc "$optimise" -w -DSAFETY -DNOREDUCE -DCOLLAPSE -DMEMLIM=$memory_mb -o pan pan.c >cc.log 2>&1); then
        tail -n 5 "$folder/spin.log"
        found=broken
    else
        rc=0
        (cd "$folder" && timeout "$limit_s" ./pan -m100000 >pan.log 2>&1) || rc=$?
        found=unfinished
        if grep -q 'errors: [1-9]' "$folder/pan.log"; then
            found=found
            (cd "$folder" && timeout 60 spin -t "$@" "$model.pml" 2>/dev/null | grep -v '^spin:' \
                >"$work/$name.trail") || true
        elif [ "$rc" = 0 ] && grep -q 'errors: 0' "$folder/pan.log" &&
            ! grep -qE 'Search not completed|max search depth too small|out of memory' "$folder/pan.log"; then
            found=none
        fi
    fi
    states=$(sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$folder/pan.log" 2>/dev/null | head -n 1)
    seconds=$(($(date +%s) - began))
    wanted=$expected
    if [ "$expected" = redundant ]; then wanted=none; fi
    if [ "$found" = "$wanted" ]; then
        passed=$((passed + 1)) verdict=
    else
        failed=$((failed + 1)) verdict='  <- FAILED'
    fi
    printf '%-34s %-10s %-10s %10s %4s%s\n' "$name" "$expected" "$found" "${states:--}" "$seconds" "$verdict"
    rm -f "$folder/pan" "$folder"/pan.[bchmpt]
}

printf '%-34s %-10s %-10s %10s %4s\n' name expected found states s

# Every rule: votes with one liar, all delays; any two final blocks on one chain.
run votes none votes -DVIEWS=2
run votes-two-members none votes -DVIEWS=3 -DH=2 -DNEED=2
run votes-depth-limit none votes -DVIEWS=2 -DCAP=1
run votes-too-many-liars found votes -DVIEWS=2 -DNEED=1 -DCHAIN_ONLY
run no-R0 found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R0
run no-R1-once found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R1
run no-R2 found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R2
run no-R3-nullified found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R3_NULLIFY
run no-R3-notarization found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R3_NOTARIZATION
run no-R3-own-notarize redundant votes -DVIEWS=2 -DCHAIN_ONLY -DNO_R3_OWN
run no-ancestry-certificate found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_ANCESTRY_CERT
run no-ancestry-skipped-views found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_ANCESTRY_SKIP
run no-log-before-sending found votes -DVIEWS=2 -DCHAIN_ONLY -DNO_WAL

# Epochs.
run epoch-seal none votes -DVIEWS=3 -DEPOCH=3
run epoch-next none votes -DVIEWS=3 -DEPOCH=2
run no-seal-rule found votes -DVIEWS=3 -DEPOCH=3 -DCHAIN_ONLY -DNO_SEAL
run no-signing-domains found votes -DVIEWS=3 -DEPOCH=2 -DNO_DOMAIN

# Lost vote logs, two in all if not told otherwise: two members at once or in turn, or one twice.
run amnesia none amnesia
run amnesia-three-losses none amnesia -DFORGET=3
run no-amnesia found amnesia -DNO_AMNESIA
run no-amnesia-plus-one found amnesia -DNO_PLUS_ONE
run no-amnesia-quorum found amnesia -DANSWERS=1
run no-exclusion-of-amnesiacs found amnesia -DNO_EXCLUSION
run no-bound-in-answers found amnesia -DANSWER_WITHOUT_BOUND
run no-bound-in-log found amnesia -DBOUND_NOT_LOGGED

# R7: a block is built by a worker, the process dies at any point.
run leader none leader
run no-R7-mark found leader -DNO_R7_MARK
run no-R7-log found leader -DNO_R7_LOG
run no-R7-sync found leader -DNO_R7_SYNC

# Progress: one member wakes a sleeping committee of which one member is off.
run idle-wake none live
run asynchronous none live -DASYNC -DVIEWS=2 -DLOSS=0
run asynchronous-one-lost none live -DASYNC -DVIEWS=1
run early-timers none live -DEARLY=2 -DLOSS=0
run depth-limit none live -DENDLESS -DCAP=1 -DEARLY=2 -DLOSS=0
run no-resend found live -DNO_RESEND
run no-reproposal found live -DNO_REPROPOSAL
run no-reproposal-at-limit found live -DNO_REPROPOSAL -DENDLESS -DCAP=1 -DEARLY=2 -DLOSS=0
run no-status found live -DNO_STATUS -DSPLIT -DLOSS=0 -DVIEWS=5
run no-nullify-after-notarize found live -DNULLIFY_OR_NOTARIZE -DSPLIT -DLOSS=0 -DVIEWS=5

# Only with --full: larger committees and more views; some ten minutes in all.
if [ -n "$full" ]; then
    memory_mb=6000
    run full-split-view none live -DSPLIT -DLOSS=0 -DVIEWS=5
    run full-asynchronous-one-lost none live -DASYNC -DVIEWS=2
    run full-amnesia-seven-members none amnesia -DH=5 -DNEED=3 -DVIEWS=3
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
