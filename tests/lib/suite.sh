# shellcheck shell=sh
# Running suites and adding up what they say. A suite is a function suite_NAME (suites.sh) that
# prints, and ends with the plain line `N passed, N failed[, N skipped]`.

logs=build/test-logs
total_passed=0
total_failed=0
total_skipped=0
suites_run=0
started_at=$(date +%s)

say() { printf '%s\n' "$*"; }

# tally PASSED FAILED [SKIPPED]: the line that ends a suite; false if anything failed.
tally() {
    if [ "${3:-0}" -gt 0 ]; then
        say "$1 passed, $2 failed, $3 skipped"
    else
        say "$1 passed, $2 failed"
    fi
    [ "$2" -eq 0 ]
}

# skip_suite REASON: what this machine lacks, counted.
skip_suite() {
    say "skipped: $1"
    tally 0 0 1
}

# run_suite NAME [arguments]: runs it, keeps its log, adds up its last tally. A suite that fails
# without saying how many did counts as one failure.
run_suite() {
    suite=$1
    mkdir -p "$logs"
    log=$logs/$(printf '%s' "$suite${2:+-$2}" | tr -c 'a-z0-9\n' '-').log
    began=$(date +%s)
    say "== $* =="
    shift
    { rc=0; ("suite_$suite" "$@") </dev/null || rc=$?; echo "$rc" >"$log.rc"; } 2>&1 | tee "$log"
    rc=$(cat "$log.rc")
    rm -f "$log.rc"
    line=$(grep -E '^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$' "$log" | tail -n 1) || line=
    counts=$(printf '%s' "$line" | tr -dc '0-9 ')
    # shellcheck disable=SC2086 # three numbers
    set -- $counts
    failed=${2:-0}
    if [ "$failed" = 0 ] && { [ "$rc" != 0 ] || [ -z "$line" ]; }; then
        say "suite $suite: ended with exit code $rc and no failure counted: that is one"
        failed=1
    fi
    total_passed=$((total_passed + ${1:-0}))
    total_failed=$((total_failed + failed))
    total_skipped=$((total_skipped + ${3:-0}))
    suites_run=$((suites_run + 1))
    say "-- $suite: $(($(date +%s) - began)) s --"
}

# The total; the exit code of the whole run.
finish() {
    if [ "$suites_run" -gt 1 ]; then
        say "== $suites_run suites in $(($(date +%s) - started_at)) s; logs in $logs =="
        tally "$total_passed" "$total_failed" "$total_skipped" || exit 1
    fi
    [ "$total_failed" -eq 0 ] || exit 1
}
