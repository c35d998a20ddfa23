#!/bin/sh
# The rules of agreement before a judge that tries every order of events: whole, Spin finds no fault;
# with any one of them deleted it finds one, and how it comes about. usage: model.sh [--full] [NAME]
# What is deleted and what then happens is said in docs/model/README.md: a row without that fails.
set -eu
cd "$(dirname "$0")/../.."
echo "Each line is a search through every order of events of a small committee; minutes in all."
echo
docs/model/check.sh "$@" | awk -v readme=docs/model/README.md -v work=build/model '
    # | `row`, `row` | deleted | what then happens |; where a cell says several, one a row.
    function learn(line, cells, names, deleted, then, count, i) {
        split(line, cells, / *\| */)
        count = split(cells[2], names, /, */)
        split(cells[3], deleted, /; */)
        split(cells[4], then, /; */)
        for (i = 1; i <= count; i++) {
            gsub(/`/, "", names[i])
            what[names[i]] = (i in deleted) ? deleted[i] : cells[3]
            effect[names[i]] = (i in then) ? then[i] : cells[4]
        }
    }
    function steps_of(name, line, steps) {
        steps = 0
        while ((getline line < (work "/" name ".trail")) > 0 && line !~ /^#/) steps++
        close(work "/" name ".trail")
        return steps
    }
    BEGIN {
        while ((getline line < readme) > 0) {
            if (line ~ /^## /) is_table = line ~ /Deleted rules/
            if (is_table && line ~ /^\| `/) learn(line)
        }
    }
    $1 == "name" { next }
    /^[0-9]+ passed, [0-9]+ failed$/ { tally = $0; next }
    $3 == "none" && $2 == "none" { whole++; printf "%s: no fault in %s states, %s s\n", $1, $4, $5; fflush(); next }
    $2 == "redundant" && $3 == "none" { printf "%s: deleted, and still no fault (a second line; see %s)\n", $1, readme; fflush(); next }
    $2 == "found" && $3 == "found" {
        steps = steps_of($1)
        caught++
        if (!($1 in effect) && !($1 ~ /bound/)) unexplained = unexplained " " $1
        printf "%s: caught\n    without: %s\n    then:    %s\n    found in %s states; %d events: %s/%s.trail\n", $1, \
            ($1 in what) ? what[$1] : "a correction that Spin itself asked for", \
            ($1 in effect) ? effect[$1] : "see Corrections to the rules in " readme, $4, steps, work, $1
        if (steps > 2 && (shortest == 0 || steps < shortest)) { shortest = steps; example = $1 }
        fflush()
        next
    }
    { bad++; print; fflush() }
    END {
        if (example != "") {
            printf "\nOne of them, event by event: %s\n", example
            while ((getline line < (work "/" example ".trail")) > 0 && line !~ /^#/) {
                sub(/^ +/, "", line)
                print "    " line
            }
        }
        printf "\n%d whole rule sets without a fault, %d deleted rules caught\n", whole, caught
        if (unexplained != "") print "not explained in " readme ":" unexplained
        split(tally, words, " ")
        failed = words[3] + (unexplained != "")
        if (tally == "") failed = 1
        printf "story model: %s\n%d passed, %d failed\n", failed ? "not as told" : "as told", words[1], failed
        exit failed > 0
    }'
