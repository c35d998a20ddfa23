# shellcheck shell=sh disable=SC2154
# Other processors: levm and its tests cross-built in a debootstrap folder of Debian 12 with its
# cross compilers and libraries, and run by qemu's user emulation. Nothing of another architecture
# is installed on the machine itself; the folder is kept between runs.

cross_suite=bookworm
cross_architectures='s390x arm64'
cross_tools='ca-certificates cmake ninja-build pkg-config gcc-s390x-linux-gnu gcc-aarch64-linux-gnu
    qemu-user-static'
cross_libraries='libc6-dev libsecp256k1-dev libleveldb-dev libjansson-dev libssl-dev libsodium-dev
    libgmp-dev'
cross_cache=${XDG_CACHE_HOME:-$HOME/.cache}/leither-cross
cross_root=$cross_cache/$cross_suite

# cross_lacks: what this machine does not allow, in words; nothing if all is well.
cross_lacks() {
    mkdir -p "$cross_cache"
    if ! as_root true 2>/dev/null; then
        say "root, or sudo without a password"
    elif ! as_root chroot / true 2>/dev/null; then
        say "chroot (CAP_SYS_CHROOT)"
    elif ! as_root unshare --mount true 2>/dev/null; then
        say "mounts of its own (CAP_SYS_ADMIN)"
    elif ! { as_root rm -f "$cross_cache/null" && as_root mknod "$cross_cache/null" c 1 3 &&
        as_root tee "$cross_cache/null" </dev/null; } 2>/dev/null; then
        say "device files in $cross_cache (CAP_MKNOD, and no mount option nodev)"
    fi
    as_root rm -f "$cross_cache/null" 2>/dev/null || true
}

# in_cross COMMAND...: inside the folder, with mounts that end with the command.
in_cross() {
    as_root unshare --mount chroot "$cross_root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin \
        HOME=/root LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"
}

# cross_mirror: where this machine's own apt takes Debian 12 from. Its first release alone, without
# updates, which some architectures get later or not at all: versions of all must be the same.
cross_mirror() {
    # shellcheck disable=SC2016 # apt's own variables
    apt-get indextargets --format '$(RELEASE) $(COMPONENT) $(REPO_URI)' \
        'Created-By: Packages' 'Origin: Debian' |
        sed -nE "s#^$cross_suite main (https?://.*)#\\1#p" | head -n 1
}

# The first time some minutes and 1.1 GB; then nothing, until the lists above change.
make_cross_root() {
    recipe="$cross_suite $cross_tools $cross_architectures $cross_libraries"
    stamp=$cross_root/made-with
    if [ "$(cat "$stamp" 2>/dev/null)" = "$recipe" ]; then return 0; fi
    need_packages debootstrap || return 1
    mirror=$(cross_mirror)
    if [ -z "$mirror" ]; then
        as_root apt-get update -qq >"$logs/cross-root.log" 2>&1 || return 1
        mirror=$(cross_mirror)
    fi
    if [ -z "$mirror" ]; then
        say "apt's sources on this machine name no mirror of Debian $cross_suite"
        return 1
    fi
    say "making $cross_root: debootstrap, two cross compilers and their libraries, 1.1 GB"
    if ! { fill_cross_root "$mirror" && printf '%s' "$recipe" | as_root tee "$stamp" >/dev/null; } \
        >"$logs/cross-root.log" 2>&1; then
        tail -n 20 "$logs/cross-root.log"
        say "the folder could not be made; all of it: $logs/cross-root.log"
        return 1
    fi
}

fill_cross_root() {
    proxy=
    eval "$(apt-config shell proxy Acquire::http::Proxy)"
    as_root rm -rf --one-file-system "$cross_root" || return 1
    as_root ${proxy:+env http_proxy="$proxy"} unshare --mount debootstrap --variant=minbase \
        --arch="$(dpkg --print-architecture)" \
        --include="$(printf '%s' "$cross_tools" | tr -s ' \n' ',')" \
        $cross_suite "$cross_root" "$1" || return 1
    { apt-config dump | grep -E '^Acquire::https?::' || true; } |
        as_root tee "$cross_root/etc/apt/apt.conf.d/90machine" >/dev/null || return 1
    names=
    for architecture in $cross_architectures; do
        in_cross dpkg --add-architecture "$architecture" || return 1
        for name in $cross_libraries; do names="$names $name:$architecture"; done
    done
    in_cross apt-get update -qq || return 1
    # shellcheck disable=SC2086 # a list of names
    in_cross apt-get install -y -qq --no-install-recommends $names
}

# The sources as they are now. What is the same as the last time keeps its time, whichever checkout
# that came from, so that exactly what changed is built again.
copy_to_cross() {
    as_root rm -rf --one-file-system "$cross_root/src.new" && as_root mkdir "$cross_root/src.new" &&
        git ls-files --cached --others --exclude-standard -- CMakeLists.txt .cmake vm ledger tests docs |
        while IFS= read -r file; do [ ! -f "$file" ] || printf '%s\n' "$file"; done |
        tar -T - -cf - | as_root tar -C "$cross_root/src.new" -xmf - || return 1
    # shellcheck disable=SC2016 # expanded by the inner shell
    as_root sh -euc '
        cd "$1/src.new"
        find . -type f | while IFS= read -r file; do
            ! cmp -s "$file" "../src/$file" || touch -r "../src/$file" "$file"
        done
        rm -rf --one-file-system ../src
        mv ../src.new ../src' sh "$cross_root"
}

# cross_emulator ARCHITECTURE: qemu's name for it.
cross_emulator() {
    case $1 in
        arm64) say "$cross_root/usr/bin/qemu-aarch64-static" ;;
        *) say "$cross_root/usr/bin/qemu-$1-static" ;;
    esac
}

# cross_build ARCHITECTURE: levm and the programs that drive it.
cross_build() {
    { in_cross cmake -S /src -B "/build/$1" -G Ninja \
        -DCMAKE_TOOLCHAIN_FILE="/src/.cmake/$1.cmake" -DLEITHER_TESTS=ON -DLEITHER_ONLY_LEVM=ON &&
        in_cross cmake --build "/build/$1"; } >"$logs/cross-build-$1.log" 2>&1 || {
        grep -E -A8 'error|FAILED|undefined reference|CMake Error' "$logs/cross-build-$1.log" |
            head -n 60
        say "$1: the build failed; all of it: $logs/cross-build-$1.log"
        return 1
    }
}

# cross_run ARCHITECTURE: what it said, in three parts that each end with a tally.
cross_run() {
    architecture=$1
    cross_build "$architecture" || return 1
    emulator=$(cross_emulator "$architecture")
    programs=$cross_root/build/$architecture/bin
    levm=$PWD/build/cross/levm-$architecture
    mkdir -p build/cross
    printf '#!/bin/sh\nexec "%s" -L "%s" "%s/levm" "$@"\n' "$emulator" "$cross_root" "$programs" \
        >"$levm"
    chmod +x "$levm"
    say "$architecture: $("$levm" --version), $(byte_order "$programs/levm")"
    cross_unit "$architecture"
    vectors=${LEITHER_VECTORS:-../shared/vectors}
    if [ -d "$vectors" ]; then
        timeout 2400 "$emulator" -L "$cross_root" "$programs/run_vectors" "$levm" "$vectors"
        set -- "$vectors/state_tests"
    else
        say "$architecture: no folder $vectors; random programs only"
        tally 0 0 1
        set --
    fi
    timeout 1200 "$emulator" -L "$cross_root" "$programs/gas_cut" --cuts 4 --programs 200 "$@"
}

# cross_unit ARCHITECTURE: the unit tests of what was built.
cross_unit() {
    good=0 tested=0
    for program in "$cross_root/build/$1/bin"/unit_*; do
        name=$(basename "$program")
        timeout 1200 "$emulator" -L "$cross_root" "$program" >"$logs/cross-$1-$name.log" 2>&1 ||
            grep -v '^skipped:' "$logs/cross-$1-$name.log" | tail -n 20
        counts=$(sed -n 's/.*Tested: \([0-9]*\) | Passing: \([0-9]*\) .*/\1 \2/p' \
            "$logs/cross-$1-$name.log")
        if [ -z "$counts" ]; then
            say "$name came to no end"
            counts="1 0"
        fi
        tested=$((tested + ${counts% *})) good=$((good + ${counts#* }))
    done
    say "$1: unit tests"
    tally "$good" $((tested - good))
}

# byte_order PROGRAM: as its ELF header has it.
byte_order() {
    case $(od -An -tu1 -j5 -N1 "$1" | tr -d ' ') in
        1) say little-endian ;;
        2) say big-endian ;;
        *) say "no ELF file" ;;
    esac
}
