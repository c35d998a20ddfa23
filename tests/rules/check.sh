#!/bin/sh
# The house rules that a machine can check, in seconds. Every finding is one line
# `file:line: what is wrong`; ends with `N passed, N failed[, N skipped]`, a rule counting one.
set -eu
cd "$(dirname "$0")/../.."

passed=0
failed=0
skipped=0
out=$(mktemp)
trap 'rm -f "$out"' EXIT

# Files under version control or about to be, never build output.
files() { git ls-files --cached --others --exclude-standard -- "$@" | while IFS= read -r f; do
    if [ -f "$f" ]; then printf '%s\n' "$f"; fi
done; }

# verdict RULE: what the rule's check wrote into $out are its findings.
verdict() {
    if [ -s "$out" ]; then
        failed=$((failed + 1))
        sed "s|\$|  [$1]|" "$out"
    else
        passed=$((passed + 1))
    fi
    : >"$out"
}
skip() {
    skipped=$((skipped + 1))
    echo "rules: skipped $1: $2"
}

# includes FOLDER FORBIDDEN_REGEX: no file of the folder includes what stands above it.
includes() {
    files "$1/*.c" "$1/*.h" | xargs -r grep -HnE "^[[:space:]]*#[[:space:]]*include[[:space:]]*\"($2)/" >>"$out" || true
}
includes vm 'ledger|rpc|node|wallet|tests'
includes ledger 'rpc|node|wallet|tests'
includes rpc 'node|wallet|tests'
includes node 'wallet|tests'
includes wallet 'node|tests'
verdict "includes run downward only: vm, ledger, rpc, node; wallet beside node"

# The wallet speaks to a node through the client alone; QR codes are drawn where both programs can.
files 'wallet/*.c' 'wallet/*.h' |
    xargs -r grep -HnE '#[[:space:]]*include[[:space:]]*"rpc/' |
    grep -vE '"rpc/(client|qr)\.h"' >>"$out" || true
verdict "of rpc/ the wallet includes client.h and qr.h only"

# A path in quotes starts at the repository's root and exists.
files '*.c' '*.h' | xargs -r grep -HnoE '#[[:space:]]*include[[:space:]]*"[^"]+"' |
    while IFS=: read -r file line text; do
        path=${text#*\"}
        path=${path%\"}
        [ -f "$path" ] || [ "${path#*generated}" != "$path" ] ||
            echo "$file:$line: $path is not a path from the repository's root"
    done >>"$out"
verdict "includes are paths from the root"

# links FOLDER FORBIDDEN_REGEX: the folder's library links nothing above it.
links() {
    [ -f "$1/CMakeLists.txt" ] || return 0
    awk -v bad="^($2)\$" -v file="$1/CMakeLists.txt" '
        { sub(/#.*/, "") }
        /target_link_libraries\(/ { inside = 1 }
        inside { n = split($0, w, /[ \t()]+/)
                 for (i = 1; i <= n; i++) if (w[i] ~ bad) print file ":" FNR ": links " w[i] }
        /\)/ { inside = 0 }' "$1/CMakeLists.txt" >>"$out"
}
links vm 'ledger|rpc|node|wallet'
links ledger 'rpc|node|wallet'
links rpc 'node|wallet'
links node 'wallet'
links wallet 'node'
verdict "libraries link downward only"

# wrapper HEADER_REGEX ALLOWED_REGEX: a library's header is included by its wrapper files only.
wrapper() {
    files 'vm/*.[ch]' 'ledger/*.[ch]' 'rpc/*.[ch]' 'node/*.[ch]' 'wallet/*.[ch]' |
        xargs -r grep -HnE "#[[:space:]]*include[[:space:]]*<($1)>" |
        grep -vE "^($2)" >>"$out" || true
}
wrapper 'secp256k1[a-z_]*\.h' 'vm/crypto/'
wrapper 'leveldb/[^>]*' 'ledger/store/'
wrapper 'gmp\.h' 'vm/crypto/'
wrapper 'http_parser\.h' 'rpc/client'
wrapper 'wslay/[^>]*' 'rpc/websocket/'
wrapper 'event2/[^>]*' 'rpc/http/|rpc/websocket/sockets|rpc/server|node/'
wrapper 'sodium[^>]*' 'ledger/codec/|wallet/|vm/crypto/'
wrapper 'openssl/[^>]*' 'vm/crypto/|ledger/codec/|ledger/chain/reveal|rpc/server|rpc/pages/|rpc/websocket/handshake|node/|wallet/'
verdict "libraries are included by their wrappers only"

files '*.c' '*.h' '*.sh' '*.js' '*.sol' '*.cmake' '*CMakeLists.txt' |
    grep -v '^tests/rules/check\.sh$' |
    xargs -r grep -HnwE 'TODO|FIXME|XXX|HACK' >>"$out" || true
verdict "nothing is left to do in the code"

files '*.c' '*.h' | grep -v '^tests/' | xargs -r grep -HnE '\b(gets|strcpy|strcat|sprintf|alloca)[[:space:]]*\(' >>"$out" || true
verdict "no function that cannot be told a size"

files '*.c' '*.h' '*.sh' '*.js' '*.json' '*.md' '*.cmake' '*CMakeLists.txt' '.ci/*' |
    grep -vE '^tests/(rules/check\.sh$|vectors/data/)' |
    xargs -r grep -HnE '(^|[^[:alnum:]_.$}/-])/(work|root|home/[a-z])/' >>"$out" || true
files '*package*.json' '*.sh' '*.js' '.ci/*' | grep -v '^tests/rules/check\.sh$' |
    xargs -r grep -HnE '"resolved"|registry\.[a-z]+\.[a-z]+' >>"$out" || true
verdict "no path of one machine, no address of a registry"

files '*.c' | while IFS= read -r f; do
    lines=$(wc -l <"$f")
    [ "$lines" -le 900 ] || echo "$f:$lines: more than 900 lines; one idea a file"
done >>"$out"
verdict "a source file is one idea, at most 900 lines"

files '*.h' | while IFS= read -r f; do
    grep -q '^#ifndef' "$f" || grep -q 'X-macro\|included more than once' "$f" ||
        echo "$f:1: no include guard"
done >>"$out"
verdict "headers are guarded"

git ls-files --cached --others --exclude-standard | cut -d/ -f1 | sort -u |
    grep -vxE 'CMakeLists\.txt|node|ledger|vm|rpc|wallet|tests|docs|README\.md|\..+' >>"$out" || true
verdict "only the agreed entries at the top"

for folder in vm ledger rpc node wallet tests docs; do
    [ ! -d "$folder" ] || [ -f "$folder/README.md" ] || echo "$folder/README.md:1: is missing"
done >>"$out"
verdict "each top folder has a README"

if command -v clang-format >/dev/null; then
    files '*.c' '*.h' | xargs -r clang-format --dry-run 2>&1 | grep 'warning:' |
        cut -d: -f1,2 | sort -t: -u -k1,1 | sed 's/$/: differs from .clang-format/' >>"$out" || true
    verdict "layout is .clang-format's"
else
    skip "layout" "clang-format is not installed"
fi

if command -v shellcheck >/dev/null; then
    { files '*.sh'; files '.ci/run'; } | xargs -r shellcheck -f gcc >>"$out" || true
    verdict "shell scripts are clean under shellcheck"
else
    skip "shell scripts" "shellcheck is not installed"
fi

echo "$passed passed, $failed failed$([ "$skipped" = 0 ] || echo ", $skipped skipped")"
[ "$failed" = 0 ]
