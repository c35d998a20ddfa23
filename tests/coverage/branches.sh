#!/bin/sh
# Branch coverage of a folder from what a coverage build has run: branches.sh BUILD FOLDER LEAST
# A line a file (branches taken, branches, percent) and, with --missing, each branch never taken.
# Branches of assert() are left out: they are never taken both ways. Ends with N passed, M failed.
set -eu
missing=
if [ "$1" = --missing ]; then missing=1; shift; fi
build=$1 folder=$2 least=$3
here=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
find "$here/$build" -path "*/${folder%%/*}.dir/${folder#*/}/*" -name '*.gcda' -exec \
    gcov --branch-probabilities --branch-counts --preserve-paths {} + >/dev/null 2>&1
# Of each source line gcov prints `count: number: text`, then a line a branch: `branch 0 taken 5`.
awk -v folder="$folder/" -v least="$least" -v missing="$missing" '
    /^ *-: *0:Source:/ {
        file = substr($0, index($0, "Source:") + 7)
        sub(/.*\/\.\//, "", file)
        at = index(file, folder)
        is_ours = at > 0 && file ~ /\.c$/
        file = substr(file, at)
        next
    }
    !is_ours { next }
    /^branch / {
        if (is_assert) next
        all[file]++
        if ($0 ~ /taken [1-9]/) taken[file]++
        else if (missing) printf "%s:%d: %s\n", file, line, text
        next
    }
    /^ *[-#=0-9*]+: *[0-9]+:/ {
        text = $0
        sub(/^[^:]*: */, "", text)
        line = text + 0
        sub(/^[0-9]+: */, "", text)
        is_assert = text ~ /(^|[^_a-z])assert\(/
    }
    END {
        for (file in all) {
            printf "%6d of %6d  %5.1f %%  %s\n", taken[file], all[file], 100 * taken[file] / all[file], file | "sort -k6"
            sum += taken[file]
            of += all[file]
        }
        close("sort -k6")
        if (of == 0) { print "no file of " folder " was run"; print "0 passed, 1 failed"; exit 1 }
        percent = 100 * sum / of
        printf "%6d of %6d  %5.1f %%  all of %s, at least %d %%\n", sum, of, percent, folder, least
        print (percent >= least) ? "1 passed, 0 failed" : "0 passed, 1 failed"
        exit !(percent >= least)
    }' ./*.gcov
