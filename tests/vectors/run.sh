#!/bin/sh
# Runs Ethereum's public test vectors: tests/vectors/run.sh [BUILD_DIR]
# The build stands in BUILD_DIR (default: build), made with -DLEITHER_TESTS=ON; the vectors in
# LEITHER_VECTORS (default: ../shared/vectors beside the project). Ends with one line,
# `N passed, N failed, N skipped`.
set -eu
cd "$(dirname "$0")/../.."
build=${1:-build}
vectors=${LEITHER_VECTORS:-../shared/vectors}

for program in levm run_vectors; do
    if [ ! -x "$build/bin/$program" ]; then
        echo "vectors: $build/bin/$program is missing; build with -DLEITHER_TESTS=ON first" >&2
        exit 2
    fi
done
if [ ! -d "$vectors" ]; then
    echo "vectors: no folder $vectors; set LEITHER_VECTORS to where they are"
    echo "0 run, absent"
    echo "0 passed, 0 failed, 1 skipped"
    exit 0
fi
exec "$build/bin/run_vectors" "$build/bin/levm" "$vectors"
