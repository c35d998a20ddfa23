#!/bin/sh
# The tests of this repository: `tests/run.sh` runs the quick tier, `tests/run.sh --help` says
# the rest. Installs what is missing, builds, runs; safe to run again.
set -eu
cd "$(dirname "$0")/.."
. tests/lib/suite.sh
. tests/lib/prepare.sh
. tests/lib/cross.sh
. tests/lib/suites.sh

usage() {
    cat <<'TEXT'
tests/run.sh                     the quick tier: rules unit threads vectors gas-cut sim twins culprits e2e crash
tests/run.sh all                 every suite, story and bench in short form
tests/run.sh SUITE [options]     one suite:
    rules                        house rules that a machine can check
    unit                         unit tests, in release and with address and undefined sanitizers
    threads                      thread tests under the thread sanitizer
    vectors [options]            Ethereum's public test vectors
    gas-cut [--quick] [--seed N] [--cuts N] [--programs N] [--only TEXT]
                                 gas that runs out at every step leaves the state as it was
    cross [ARCHITECTURE...]      levm on s390x (big-endian) and arm64 under qemu
    e2e [FILE...]                unchanged Ethereum clients and bad input against lnode
    clients [FILE...]            Hardhat 2 and 3, Ignition, OpenZeppelin upgrades, forge against lnode
    crash [--kills N] [--seed N] [--full]    kill -9 under load, restart, check
    fuzz [--minutes M] [--jobs N]            decoders and the machine on anything
    model [--full] [NAME]        Spin on the rules of agreement, whole and with each rule deleted
    coverage [--missing]         branches of node/consensus that its unit tests take: at least 95 %
    sim [--seeds N | --minutes M] [--first SEED] [--full]
                                 a committee in virtual time under faults and liars, a seed a run
    watch [SEED|partition] [--plain] [--speed X]    one such run, drawn in the terminal
    twins [--seven] [--sample N] [--leads VIEW]
                                 one of four members runs twice: all scenarios, or N; or two of seven
    culprits [--seeds N] [--first SEED]  more liars than is safe: whoever splits the ledger is named
    mutants [--seeds N]          the simulator notices each rule of agreement that is left out
    tidy                         clang-tidy: bugprone-*, clang-analyzer-*
tests/run.sh story NAME          first-hour foreign-tools two-organisations yesterday
                                 power-cut replay set-code levm-tour liar wallet-tour
                                 clients dapp-developer metrics subscriptions evidence power-cut-4 netns restore
                                 three-friends model,
                                 or a suite's name
                                 (fuzz: ten minutes of each target)
tests/run.sh bench NAME [--json] [--full]    transfers footprint vm rpc consensus; bench vm --worst: opcode by opcode;
                                 bench consensus [engine] [etcd] [distance]
Ends with `N passed, N failed`; exit 0 only if nothing failed. Logs: build/test-logs/.
TEXT
}

stories="first-hour foreign-tools two-organisations yesterday power-cut replay set-code levm-tour liar wallet-tour clients dapp-developer metrics subscriptions evidence power-cut-4 netns restore three-friends model"
benches="transfers footprint vm rpc consensus"

quick_tier() {
    run_suite rules
    run_suite unit
    run_suite threads
    run_suite vectors
    run_suite gas_cut --quick
    run_suite sim --minutes 1
    run_suite twins --sample 1024
    run_suite twins --seven --sample 500
    run_suite culprits --seeds 200
    run_suite e2e
    run_suite crash --kills 10
}

# Stories share code with e2e tests, but run on the release build. Of the story `clients` the suites
# e2e and clients have run every test; power-cut is the suite crash, model tells the suite model.
everything() {
    quick_tier
    run_suite gas_cut
    run_suite cross
    run_suite clients
    run_suite crash --kills 25
    run_suite tidy
    run_suite coverage
    run_suite model
    run_suite sim --minutes 5
    run_suite watch
    run_suite twins
    run_suite twins --seven
    run_suite culprits --seeds 5000
    run_suite mutants
    run_suite fuzz --minutes 1
    for name in $stories; do
        one_of "$name" "power-cut clients model" || run_suite story "$name"
    done
    for name in $benches; do
        run_suite bench "$name"
    done
}

# one_of NAME LIST: is NAME a word of LIST?
one_of() {
    case " $2 " in *" $1 "*) return 0 ;; *) return 1 ;; esac
}

what=${1:-quick}
[ $# -eq 0 ] || shift
case $what in
    -h | --help | help) usage; exit 0 ;;
    quick) quick_tier ;;
    all) everything ;;
    rules | unit | threads | vectors | cross | e2e | clients | crash | fuzz | tidy | model | sim | watch | twins | culprits | mutants | coverage) run_suite "$what" "$@" ;;
    gas-cut) run_suite gas_cut "$@" ;;
    story)
        name=${1:?story: which one? $stories}
        shift
        if one_of "$name" "$stories"; then
            run_suite story "$name" "$@"
        elif [ "$name" = fuzz ]; then
            run_suite fuzz --minutes 10 "$@"
        elif one_of "$name" "rules unit threads vectors gas-cut cross e2e crash fuzz tidy model sim watch twins culprits mutants coverage"; then
            run_suite "$(printf '%s' "$name" | tr - _)" "$@"
        elif [ "$name" = bench ]; then
            run_suite bench "$@"
        elif one_of "$name" "$benches"; then
            run_suite bench "$name" "$@"
        else
            echo "tests/run.sh: no story '$name'; expected one of: $stories" >&2
            exit 3
        fi
        ;;
    bench)
        name=${1:?bench: which one? $benches}
        one_of "$name" "$benches" || {
            echo "tests/run.sh: no bench '$name'; expected one of: $benches" >&2
            exit 3
        }
        run_suite bench "$@"
        ;;
    *)
        echo "tests/run.sh: no suite '$what'; see tests/run.sh --help" >&2
        exit 3
        ;;
esac
finish
