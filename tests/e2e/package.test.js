// The Debian package: what lies in it, and what installing, upgrading, removing and purging it do on a
// copy of this machine.
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { newFolder, program, run } from './lib/node.js';

const script = path.resolve(import.meta.dirname, '../../node/package/build.sh');
const folder = newFolder();
after(() => rmSync(folder, { recursive: true, force: true }));

async function good(file, args, options) {
  const done = await run(file, args, { timeout_ms: 300000, ...options });
  assert.equal(done.code, 0, `${file} ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done.stdout;
}

describe('Debian package', () => {
  let deb;
  before(async () => {
    deb = (await good(script, [path.resolve(program('lnode'), '../..'), folder])).trim();
  });

  test('it says what it is and what it needs', async () => {
    const fields = await good('dpkg-deb', ['--field', deb]);
    const version = (await good(program('lnode'), ['--version'])).match(/[\d.]+/)[0];
    assert.match(path.basename(deb), new RegExp(`^leither_${version}_(amd64|arm64)\\.deb$`));
    assert.match(fields, /^Package: leither$/m);
    assert.match(fields, new RegExp(`^Version: ${version}$`, 'm'));
    const depends = fields.match(/^Depends: (.*)$/m)[1].split(', ');
    for (const name of ['adduser', 'libc6 (>= 2.36)', 'libssl3', 'libleveldb1d', 'libsecp256k1-1'])
      assert.ok(depends.includes(name), `${name}: ${depends}`);
    assert.deepEqual(depends.filter((name) => !/^[a-z0-9.+-]+( \(>= [\d.]+\))?$/.test(name)), []);
    assert.equal(new Set(depends).size, depends.length);
  });

  test('everything lies where Debian wants it, and belongs to root', async () => {
    const lines = (await good('dpkg-deb', ['--contents', deb])).trim().split('\n');
    const files = new Map(lines.map((line) => line.split(/\s+/)).map((one) => [one[5], { mode: one[0], owner: one[1] }]));
    const modes = {
      './usr/bin/lnode': '-rwxr-xr-x', './usr/bin/lwallet': '-rwxr-xr-x', './usr/bin/levm': '-rwxr-xr-x',
      './lib/systemd/system/lnode.service': '-rw-r--r--', './etc/leither/node.json': '-rw-r--r--',
      './usr/share/man/man1/lwallet.1.gz': '-rw-r--r--',
    };
    for (const [name, mode] of Object.entries(modes)) assert.equal(files.get(name)?.mode, mode, name);
    assert.equal(files.get('./').mode, 'drwxr-xr-x');
    for (const [name, { owner }] of files) assert.equal(owner, 'root/root', name);
    assert.ok(![...files.keys()].some((name) => /local|\/var\//.test(name)), 'nothing of /usr/local or /var');
    const conffiles = await good('dpkg-deb', ['--info', deb, 'conffiles']);
    assert.equal(conffiles, '/etc/leither/node.json\n');
  });

  test('systemd accepts the service', async (context) => {
    const inside = path.join(folder, 'inside');
    await good('dpkg-deb', ['--extract', deb, inside]);
    const unit = path.join(inside, 'lib/systemd/system/lnode.service');
    const done = await run('systemd-analyze', ['verify', '--root', inside, 'lnode.service']).catch(() => null);
    if (done === null) {
      context.skip('systemd-analyze is not installed');
      return;
    }
    assert.doesNotMatch(done.stderr, /lnode\.service:\d+|lnode.service: (?!.*(User|not found))/, `${unit}: ${done.stderr}`);
  });

  test('installed, upgraded, removed and purged on a copy of this machine', async (context) => {
    if (process.getuid() !== 0) {
      context.skip('needs root');
      return;
    }
    const place = path.join(folder, 'machine');
    ['', 'upper', 'work', 'all'].forEach((name) => mkdirSync(path.join(place, name), { recursive: true }));
    writeFileSync(path.join(place, 'steps.sh'), `
set -eu
mount -t tmpfs none "$1/upper"
mkdir "$1/upper/files" "$1/upper/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$1/upper/files,workdir=$1/upper/work" "$1/all" || exit 77
mount -t proc proc "$1/all/proc"
mount --bind /dev "$1/all/dev"
cp "$2" "$1/all/leither.deb"
exec chroot "$1/all" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root sh -eu -c '
say() { echo "== $*"; }
dpkg -i /leither.deb >/log 2>&1 || { cat /log; exit 1; }
say installed "$(stat -c "%U %G %a" /var/lib/leither)" "$(dpkg-query -W -f "\\\${Status}" leither)"
say version "$(/usr/bin/lnode --version)"
setpriv --reuid leither --regid leither --clear-groups \\
  /usr/bin/lnode run --config /etc/leither/node.json --rpc-port 0 >/out 2>&1 & pid=$!
for _ in $(seq 600); do if grep -q ^ready /out; then break; fi; sleep 0.1; done
say runs "$(grep -c "^ready .* data-dir /var/lib/leither" /out)"
kill $pid; wait $pid || true
echo "{\\"data_dir\\": \\"/var/lib/leither\\", \\"rpc\\": {\\"port\\": 8599}}" >/etc/leither/node.json
dpkg -i /leither.deb >/log 2>&1 || { cat /log; exit 1; }
say upgraded "$(grep -c 8599 /etc/leither/node.json)"
dpkg -r leither >/log 2>&1 || { cat /log; exit 1; }
say removed "$(ls /usr/bin/lnode 2>/dev/null)" "$(ls /etc/leither)" "$(ls /var/lib/leither/keys | wc -l)"
dpkg -P leither >/log 2>&1 || { cat /log; exit 1; }
say purged "$(ls -d /etc/leither 2>/dev/null)" "$(ls /var/lib/leither/keys | wc -l)" "$(grep -c "kept /var/lib/leither" /log)"
rm -r /var/lib/leither
dpkg -i /leither.deb >/log 2>&1 && dpkg -P leither >>/log 2>&1 || { cat /log; exit 1; }
say empty "$(ls -d /var/lib/leither 2>/dev/null)" "$(getent passwd leither)"
'
`);
    const done = await run('unshare', ['--mount', 'sh', path.join(place, 'steps.sh'), place, deb], { timeout_ms: 600000 });
    if (done.code === 77) {
      context.skip(`no overlay here: ${done.stderr}`);
      return;
    }
    assert.equal(done.code, 0, done.stdout + done.stderr);
    const said = done.stdout.split('\n').filter((line) => line.startsWith('== ')).map((line) => line.slice(3).trimEnd());
    assert.equal(said[0], 'installed leither leither 700 install ok installed');
    assert.match(said[1], /^version lnode [\d.]+/);
    assert.deepEqual(said.slice(2), [
      'runs 1', 'upgraded 1', 'removed  node.json 3', 'purged  3 1', 'empty',
    ]);
    assert.deepEqual(readdirSync(path.join(place, 'all')), [], 'the copy is gone');
  });

  test('it says what is missing', async () => {
    const done = await run(script, [folder, folder]);
    assert.equal(done.code, 1);
    assert.match(done.stderr, /bin\/lnode is not built; first: cmake --build/);
    assert.equal((await run(script, [])).code, 1);
  });
});
