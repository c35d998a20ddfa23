#!/bin/sh
# A Debian package of what was built:
#   node/package/build.sh BUILD_FOLDER OUTPUT_FOLDER
# Prints the path of the package. Its architecture is that of the programs, its version lnode's; the
# libraries that it depends on are those the programs name, as packages of this Debian.
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
die() {
    printf 'package: %s\n' "$*" >&2
    exit 1
}
[ $# -eq 2 ] || die "expected a build folder and a folder for the package"
build=$1 output=$2
for tool in dpkg-deb dpkg-query readelf cmake gzip md5sum; do
    command -v "$tool" >/dev/null || die "$tool is missing; as root: apt-get install dpkg binutils cmake"
done
for name in lnode lwallet levm; do
    [ -x "$build/bin/$name" ] || die "$build/bin/$name is not built; first: cmake --build $build"
done

# Of the programs, since a cross build packs for another machine than this one.
architecture() {
    case $(readelf -h "$build/bin/lnode" | sed -n 's/^ *Machine: *//p') in
        *X86-64) echo amd64 ;;
        AArch64) echo arm64 ;;
        *) die "$build/bin/lnode is for no processor that is packed for: amd64, arm64" ;;
    esac
}

# The packages of the libraries that the programs name. They have the same names on all architectures.
dependencies() {
    for name in lnode lwallet levm; do
        readelf -d "$build/bin/$name" | sed -n 's/.*(NEEDED).*\[\(.*\)\]$/\1/p'
    done | sort -u | while IFS= read -r library; do
        package=$(dpkg-query -S "*/$library" 2>/dev/null | sed 's/[:,].*//' | sort -u | head -n 1)
        [ -n "$package" ] || die "no package of this machine has $library"
        case $package in
            libc6) echo 'libc6 (>= 2.36)' ;; # what Debian 12 has, and programs built on it need
            *) echo "$package" ;;
        esac
    done | sort -u
}

version=$(sed -n 's/^project(leither VERSION \([0-9.]*\).*/\1/p' "$here/../../CMakeLists.txt")
architecture=$(architecture)
dependencies=$(dependencies)
[ -n "$dependencies" ] || die "the programs name no library"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
stage=$work/root
install -d -m 755 "$stage"

DESTDIR=$stage cmake --install "$build" --prefix /usr --strip >/dev/null
# Debian's places: bash completions and manuals as cmake puts them; manuals compressed.
find "$stage/usr/share/man" -type f -name '*.1' -exec gzip -9n {} + 2>/dev/null || true
install -D -m 644 "$here/lnode.service" "$stage/lib/systemd/system/lnode.service"
install -D -m 644 "$here/node.json" "$stage/etc/leither/node.json"
install -D -m 644 "$here/../../docs/operations/README.md" "$stage/usr/share/doc/leither/operations.md"
install -d "$stage/DEBIAN"
echo /etc/leither/node.json >"$stage/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$stage/DEBIAN/$script"
done
(cd "$stage" && find . -type f ! -path './DEBIAN/*' ! -path './etc/*' -printf '%P\0' | sort -z |
    xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
cat >"$stage/DEBIAN/control" <<CONTROL
Package: leither
Version: $version
Architecture: $architecture
Maintainer: Leither <leither@localhost>
Installed-Size: $(du -sk --exclude DEBIAN "$stage" | cut -f 1)
Depends: adduser, init-system-helpers, $(printf '%s' "$dependencies" | paste -sd, - | sed 's/,/, /g')
Section: net
Priority: optional
Description: node, wallet and contract machine of organisations' ledgers
 lnode keeps the ledgers of organisations and serves JSON-RPC on loopback;
 lwallet is the wallet, levm the contract machine as a tool. The service
 lnode.service runs as the user leither with its data in /var/lib/leither.
CONTROL
mkdir -p "$output"
package=$output/leither_${version}_$architecture.deb
dpkg-deb --root-owner-group -Zxz --build "$stage" "$package" >/dev/null
echo "$package"
