# shellcheck shell=sh disable=SC2154
# The suites: suite_NAME prints what it did and ends with a tally.

suite_rules() {
    need_packages git:git clang-format:clang-format shellcheck:shellcheck
    tests/rules/check.sh
}

# What sanitizers print even where the exit code stays 0: Criterion forks, so a leak does not
# fail its test.
sanitizer_words='LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:'

# A program's output without the leaks that are Criterion's own (48 bytes for a test it waits for, now
# and then): those of which every frame below calloc() is in its library.
without_criterions_leaks() {
    awk '
        function settle() {
            if (block != "" && (is_foreign || !is_criterions)) { print block; has_ours = 1 }
            block = ""
        }
        /leak of .* object\(s\) allocated from:/ {
            settle(); block = $0; is_foreign = is_criterions = 0; next
        }
        block != "" && /^ +#/ {
            block = block "\n" $0
            if (/libcriterion/) is_criterions = 1; else if ($1 != "#0") is_foreign = 1
            next
        }
        { settle() }
        /LeakSanitizer: detected memory leaks|SUMMARY: AddressSanitizer: .* leaked in/ {
            held = held $0 "\n"; next
        }
        { print }
        END { settle(); if (has_ours) printf "%s", held }' "$1"
}

# run_unit_tests KIND: every Criterion program of that build; adds to passed and failed.
run_unit_tests() {
    for program in "$(build_folder "$1")"/tests/unit/*/unit_* "$(build_folder "$1")"/bin/unit_*; do
        if ! [ -f "$program" ] || ! [ -x "$program" ]; then continue; fi
        name=$(basename "$program")
        output=$logs/$1-$name.log
        rc=0
        timeout 600 "$program" >"$output" 2>&1 </dev/null || rc=$?
        # [====] Synthesis: Tested: 20 | Passing: 20 | Failing: 0 | Crashing: 0
        counts=$(sed 's/\x1b\[[0-9;]*m//g' "$output" | grep 'Synthesis:' | tail -n 1 | tr -dc '0-9 ')
        # shellcheck disable=SC2086 # four numbers
        set -- "$1" $counts
        good=${3:-0}
        bad=$((${2:-1} - good))
        without_criterions_leaks "$output" >"$output.ours"
        if grep -qE "$sanitizer_words" "$output.ours"; then bad=$((bad + 1)); fi
        if [ "$bad" = 0 ] && [ "$rc" != 0 ] && cmp -s "$output" "$output.ours"; then bad=1; fi
        if [ "$bad" != 0 ]; then
            grep -vE '^\[(----|PASS|RUN )' "$output" | head -n 60
            say "$name ($1) failed, exit code $rc; all of it: $output"
        fi
        passed=$((passed + good))
        failed=$((failed + bad))
        programs=$((programs + 1))
    done
}

suite_unit() {
    passed=0 failed=0 programs=0
    build release || return 1
    run_unit_tests release
    build asan || return 1
    run_unit_tests asan
    say "unit: $programs programs, release and with address and undefined sanitizers"
    [ "$programs" -gt 0 ] || failed=1
    tally "$passed" "$failed"
}

# Criterion does not run under the thread sanitizer, so these are plain programs: exit 0 is good.
suite_threads() {
    passed=0 failed=0
    build tsan thread_tests || return 1
    for program in build-tsan/bin/threads_*; do
        [ -x "$program" ] || continue
        name=$(basename "$program")
        rc=0
        timeout 300 "$program" >"$logs/$name.log" 2>&1 </dev/null || rc=$?
        if [ "$rc" = 0 ] && ! grep -qE "$sanitizer_words" "$logs/$name.log"; then
            passed=$((passed + 1))
            tail -n 1 "$logs/$name.log"
        else
            failed=$((failed + 1))
            head -n 60 "$logs/$name.log"
            say "$name failed, exit code $rc"
        fi
    done
    [ $((passed + failed)) -gt 0 ] || failed=1
    say "threads: $passed programs without a race"
    tally "$passed" "$failed"
}

suite_vectors() {
    build release || return 1
    tests/vectors/run.sh "$@"
}

# gas-cut [--quick] [--seed N] [--cuts N] [--programs N] [--only TEXT]: the vectors' transactions,
# and random ones, at every gas limit that ends at a step.
suite_gas_cut() {
    build release gas_cut || return 1
    vectors=${LEITHER_VECTORS:-../shared/vectors}/state_tests
    if [ "${1:-}" = --quick ]; then
        shift
        set -- --cuts 10 --programs 500 "$@"
    else
        set -- --programs 1000 "$@"
    fi
    if [ -d "$vectors" ]; then
        set -- "$@" "$vectors"
    else
        say "gas-cut: no folder $vectors; random programs only"
    fi
    build/bin/gas_cut --jobs "$(nproc)" "$@"
}

# cross [ARCHITECTURE...]: unit tests, vectors and gas cut at some steps on other processors.
suite_cross() {
    lacks=$(cross_lacks)
    if [ -n "$lacks" ]; then
        skip_suite "cross works in a debootstrap folder, which needs $lacks"
        return
    fi
    exec 8>"$cross_cache/lock" # one run at a time, whoever shares the folder
    flock 8
    make_cross_root || return 1
    copy_to_cross || return 1
    # shellcheck disable=SC2086 # a list of words
    [ $# -gt 0 ] || set -- $cross_architectures
    for architecture in "$@"; do
        { rc=0; cross_run "$architecture" || rc=$?; echo "$rc" >"$logs/cross-$architecture.rc"; } \
            >"$logs/cross-$architecture.log" 2>&1 &
    done
    wait
    passed=0 failed=0 skipped=0
    for architecture in "$@"; do
        say "-- $architecture --"
        cat "$logs/cross-$architecture.log"
        counts=$(awk '/^[0-9]+ passed, [0-9]+ failed/ { p += $1; f += $3; s += $5; n++ }
            END { print p + 0, f + 0, s + 0, n + 0 }' "$logs/cross-$architecture.log")
        read -r p f s n <<COUNTS
$counts
COUNTS
        # Three tallies, or something ended before its time; an exit code says the same again.
        if [ "$n" != 3 ] || { [ "$(cat "$logs/cross-$architecture.rc")" != 0 ] && [ "$f" = 0 ]; }; then
            f=$((f + 1))
        fi
        passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    done
    say "cross: $* under qemu's user emulation"
    tally "$passed" "$failed" "$skipped"
}

# The counts that node:test prints at its end, as a tally.
tally_of_node_tests() {
    counts=$(sed 's/\x1b\[[0-9;]*m//g' "$1" |
        awk '$2 == "pass" { p = $3 } $2 == "fail" { f = $3 } $2 == "skipped" { s = $3 }
             END { print p + 0, f + 0, s + 0 }')
    # shellcheck disable=SC2086 # three numbers
    set -- $counts
    [ $(($1 + $2)) -gt 0 ] || set -- 0 1 0
    tally "$1" "$2" "$3"
}

# node_tests FILE...: runs them with node:test; sanitizers' words on the node's own log fail it.
node_tests() {
    output=$logs/node-tests.$$.log
    rc=0
    timeout 1200 "$NODE" --test --test-reporter=spec --test-concurrency=2 "$@" \
        >"$output" 2>&1 </dev/null || rc=$?
    sed 's/\x1b\[[0-9;]*m//g' "$output" | grep -vE '^ℹ (tests|suites|pass|fail|cancelled|skipped|todo) '
    tally_of_node_tests "$output"
}

# The clients meet the sanitizer build; timing and sizes are the benches' business.
suite_e2e() {
    need_javascript || return 1
    build asan || return 1
    use_build asan
    need_packages curl:curl
    if [ $# -eq 0 ]; then set -- tests/e2e/*.test.js; fi
    node_tests "$@"
}

# Tools with projects of their own, hundreds of megabytes of packages: not in the quick tier.
suite_clients() {
    need_clients || return 1
    build asan || return 1
    use_build asan
    if [ $# -eq 0 ]; then set -- tests/clients/*.test.js; fi
    node_tests "$@"
}

suite_crash() {
    need_javascript || return 1
    build release || return 1
    use_build release
    "$NODE" tests/crash/crash.js "$@"
}

# One target: prints its line, "ok NAME ..." or "bad NAME ...".
fuzz_one() {
    name=$(basename "$1")
    corpus=build-fuzz/corpus/$name
    mkdir -p "$corpus"
    seeds=tests/fuzz/seeds/${name#fuzz_}
    if [ ! -d "$seeds" ]; then seeds=; fi
    # shellcheck disable=SC2086 # a folder or nothing
    if timeout $((minutes * 60 + 60)) "$1" -max_total_time=$((minutes * 60 + 1)) \
        -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build-fuzz/$name-" "$corpus" $seeds >"$logs/$name.log" 2>&1 </dev/null; then
        say "ok $name: $(sed -n 's/.*number_of_executed_units: *//p' "$logs/$name.log") inputs"
    else
        tail -n 40 "$logs/$name.log"
        say "bad $name: the input is in build-fuzz/$name-*"
    fi
}

# [--minutes M] of each target, as many at a time as there are processors, or [--jobs N].
suite_fuzz() {
    need_packages clang:clang llvm-symbolizer:llvm
    minutes=1 jobs=$(nproc)
    while [ $# -ge 2 ]; do
        case $1 in
            --minutes) minutes=$2 ;;
            --jobs) jobs=$2 ;;
        esac
        shift 2
    done
    build fuzz fuzz_targets || return 1
    findings=$logs/fuzz-findings
    : >"$findings"
    running=0
    for program in build-fuzz/bin/fuzz_*; do
        [ -x "$program" ] || continue
        fuzz_one "$program" | tee -a "$findings" &
        running=$((running + 1))
        if [ $((running % jobs)) -eq 0 ]; then wait; fi
    done
    wait
    passed=$(grep -c '^ok ' "$findings" || true)
    failed=$((running - passed))
    say "fuzz: $minutes minutes of each of $running targets"
    [ "$running" -gt 0 ] || failed=1
    tally "$passed" "$failed"
}

# The rules of agreement under Debian's spin, one model at a time: docs/model/README.md.
suite_model() {
    need_packages spin:spin cc:gcc libc6-dev
    docs/model/check.sh "$@"
}

# A committee in virtual time under faults and liars, a seed a run: tests/sim/README.md.
# [--seeds N | --minutes M] [--first SEED]; without a limit one minute; --full: 20,000 seeds or an
# hour, whichever is first.
suite_sim() {
    build release sim || return 1
    if [ "${1:-}" = --full ]; then
        shift
        set -- --seeds 20000 --minutes 60 "$@"
    fi
    build/bin/sim --saved tests/sim/saved_seeds "$@"
}

# A network that breaks and heals, drawn; frames as text, and what must hold is checked.
suite_watch() {
    build release sim || return 1
    if [ $# -eq 0 ]; then set -- partition --plain; fi
    build/bin/sim --watch "$@"
}

# Four members, one of which runs twice: 65,536 ways to cut the network in the first four views, for
# each view that the twins may lead; --seven: two of seven, 20,000 ways, or N.
# [--sample N] [--leads VIEW]
suite_twins() {
    build release twins || return 1
    build/bin/twins "$@"
}

# Committees in which more members lie than is safe: when two blocks of one height become final, what
# was said proves who lied. [--seeds N] [--first SEED]
suite_culprits() {
    build release culprits || return 1
    build/bin/culprits "$@"
}

# The simulator with each rule of the engine left out in turn (node/consensus/rule.h): it must
# notice within so many seeds. [--seeds N]
suite_mutants() {
    seeds=400
    if [ "${1:-}" = --seeds ]; then seeds=$2; fi
    build release sim_mutants || return 1
    passed=0 failed=0
    for program in build/bin/sim_without_*; do
        rule=$(basename "$program" | sed 's/sim_without_//' | tr '[:lower:]' '[:upper:]')
        output=$logs/mutant-$rule.log
        rc=0
        "$program" --first 1 --seeds "$seeds" --until-broken >"$output" 2>&1 </dev/null || rc=$?
        found=$(sed -n -E 's/^BROKEN seed=([0-9]+) .*: (.*)$/seed \1: \2/p; s/^BROKEN: (.*)$/\1/p; s/.*(Assertion .* failed).*/\1/p' \
            "$output" | head -n 1)
        if [ "$rc" = 1 ] && [ -n "$found" ]; then
            passed=$((passed + 1))
            say "ok     $rule left out: $found"
        else
            failed=$((failed + 1))
            say "FAILED $rule left out, and $seeds seeds show nothing; exit code $rc, $output"
        fi
    done
    [ "$passed" -gt 0 ] || failed=1
    tally "$passed" "$failed"
}

# Branches of the agreement that its unit tests take, asserts left out; nothing else is counted.
# coverage [--missing]: also names each branch that no test takes.
suite_coverage() {
    build coverage unit_node || return 1
    find build-coverage -name '*.gcda' -exec rm -f {} +
    if ! timeout 600 build-coverage/bin/unit_node >"$logs/coverage-unit_node.log" 2>&1 </dev/null; then
        grep -vE '^\[(----|PASS|RUN )' "$logs/coverage-unit_node.log" | head -n 20
        say "unit_node (coverage) failed; all of it: $logs/coverage-unit_node.log"
        tally 0 1
        return 1
    fi
    tests/coverage/branches.sh "$@" build-coverage node/consensus 95
}

suite_tidy() {
    need_packages clang-tidy:clang-tidy
    build release || return 1
    passed=0 failed=0
    list=$logs/tidy-files
    git ls-files 'vm/*.c' 'ledger/*.c' 'rpc/*.c' 'node/*.c' 'wallet/*.c' >"$list"
    # The database holds flags that only gcc knows.
    mkdir -p build/tidy
    sed -E 's/ -f(no-)?(gcse|rename-registers|schedule-insns2|tree-[a-z-]+)//g' build/compile_commands.json \
        >build/tidy/compile_commands.json
    # shellcheck disable=SC2016 # expanded by the inner shell
    xargs -n 1 -P "$(nproc)" sh -c '
        out=$(clang-tidy --quiet -p build/tidy --extra-arg=-Wno-unknown-warning-option "$1" \
            2>/dev/null) &&
            echo "ok $1" || { printf "%s\n" "$out"; echo "bad $1"; }' tidy \
        <"$list" >"$logs/tidy-findings" || true
    passed=$(grep -c '^ok ' "$logs/tidy-findings" || true)
    failed=$(grep -c '^bad ' "$logs/tidy-findings" || true)
    grep -v '^ok ' "$logs/tidy-findings" | grep -E 'error:|warning:|^bad ' || true
    say "tidy: $((passed + failed)) files"
    tally "$passed" "$failed"
}

# bench NAME [--json] [--full]: prints figures beside the yardstick of the same run; fails only
# when it could not measure.
suite_bench() {
    need_javascript || return 1
    build release || return 1
    use_build release
    name=$1
    shift
    if [ "$name" = rpc ]; then need_packages curl:curl; fi
    if [ "$name" = consensus ]; then need_networks && need_packages etcd:etcd-server || return 1; fi
    "$NODE" "tests/bench/$name.js" "$@"
}

suite_story() {
    name=$1
    shift
    if [ "$name" = model ]; then # judges the rules, not the programs
        need_packages spin:spin cc:gcc libc6-dev
        sh tests/stories/model.sh "$@"
        return
    fi
    build release || return 1
    use_build release
    if [ -f "tests/stories/$name.sh" ]; then
        if [ "$name" != first-hour ]; then need_javascript || return 1; fi
        sh "tests/stories/$name.sh" "$@"
    elif [ "$name" = power-cut ]; then
        suite_crash "${@:---kills=25}"
    else
        if one_of "$name" "clients dapp-developer"; then need_clients; else need_javascript; fi || return 1
        if [ "$name" = metrics ]; then need_prometheus || return 1; fi
        if one_of "$name" "netns three-friends"; then need_networks || return 1; fi
        "$NODE" "tests/stories/$name.js" "$@"
    fi
}
