// `lnode doctor`: each kind of trouble is named, with the next command; exit code 0 only if nothing
// is wrong. Trouble is real: a taken port, a full disk, a slow one, a damaged store, open keys.
import assert from 'node:assert/strict';
import {
  chmodSync, chownSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { until } from './lib/members.js';
import { newFolder, program, run, startNode } from './lib/node.js';
import { shim } from './lib/shim.js';

const chainId = 77021;
const folders = [];

function folder() {
  const made = newFolder();
  folders.push(made);
  return made;
}
after(() => folders.forEach((one) => rmSync(one, { recursive: true, force: true })));

// What the doctor found: { code, ok, findings, todo (by area) }.
async function examine(dataDir, { args = [], env = {}, uid } = {}) {
  const done = await run(program('lnode'), ['doctor', '--json', '--data-dir', dataDir, ...args], { env, uid });
  assert.ok(done.code === 0 || done.code === 1, `exit ${done.code}: ${done.stderr}`);
  assert.equal(done.stderr, '');
  const report = JSON.parse(done.stdout);
  assert.equal(report.ok, done.code === 0);
  const todo = report.findings.filter((one) => one.level === 'todo');
  assert.equal(report.todo, todo.length);
  return { ...report, code: done.code, todo };
}

// Of the things to do one says these words, and the command to type next.
function says(report, area, words, next) {
  const found = report.todo.find((one) => one.area === area && words.test(one.text));
  assert.ok(found, `${area} ${words}: ${JSON.stringify(report.todo, null, 1)}`);
  assert.match(found.next ?? '', next);
  assert.equal(report.code, 1);
}

async function stoppedNode(options) {
  const dataDir = folder();
  const node = await startNode({ chainId, dataDir, ...options });
  await node.stop();
  return dataDir;
}

describe('lnode doctor', () => {
  let dataDir;
  before(async () => { dataDir = await stoppedNode(); });

  test('a node that runs well: nothing of it is to be done', async () => {
    const node = await startNode({ chainId, dataDir });
    const report = await examine(dataDir);
    const good = (area) => report.findings.filter((one) => one.area === area && one.level === 'good');
    for (const area of ['folder', 'secrets', 'node', 'ports', 'ledgers', 'disk', 'files', 'memory'])
      assert.ok(good(area).length > 0, `${area}: ${JSON.stringify(report.findings)}`);
    assert.match(good('node')[0].text, new RegExp(`process ${node.pid}`));
    assert.ok(good('ports')[0].text.includes(node.url));
    assert.deepEqual(report.todo, []);
    assert.equal(report.code, 0);

    const text = await run(program('lnode'), ['doctor', '--data-dir', dataDir]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /^nothing is wrong\n/);
    await node.stop();
  });

  test('a node that is down: how to start it, and its ledgers all the same', async () => {
    const report = await examine(dataDir);
    says(report, 'node', /does not run/, /^lnode run --data-dir |systemctl/);
    assert.ok(report.findings.some((one) => one.area === 'ledgers' && /is well at block 0/.test(one.text)));
    assert.ok(report.findings.some((one) => one.area === 'ports' && /is free/.test(one.text)));
    const text = await run(program('lnode'), ['doctor', '--data-dir', dataDir]);
    assert.equal(text.code, 1);
    assert.match(text.stdout, /^1 thing to do\nTO DO  node     lnode does not run\n +next: /);
    await (await startNode({ chainId, dataDir })).stop(); // it left the folder as a node needs it
  });

  test('a folder that never was one', async () => {
    const empty = folder();
    says(await examine(empty), 'folder', /is empty/, /lnode run/);
    says(await examine(path.join(empty, 'absent')), 'folder', /there is no data folder/, /lnode/);
    assert.deepEqual(readdirSync(empty), []);
  });

  test('a port that is taken, and by whom', async () => {
    const taken = net.createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await new Promise((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
    const { port } = taken.address();
    says(await examine(dataDir, { args: ['--rpc-port', String(port)] }), 'ports',
      new RegExp(`port ${port} .* is taken by another program`), new RegExp(`ss .*${port}`));
    taken.close();

    const other = await startNode({ chainId });
    says(await examine(dataDir, { args: ['--rpc-port', other.url.match(/\d+$/)[0]] }), 'ports',
      /another Ethereum node, or an lnode of another folder/, /ss /);
    await other.stop();
  });

  test('keys that others can read, and keys that are lost', async () => {
    const key = path.join(dataDir, 'keys/consensus.key');
    chmodSync(key, 0o644);
    says(await examine(dataDir), 'secrets', /consensus\.key is open to other users \(mode 644/, /^chmod 600 /);
    chmodSync(key, 0o600);
    const good = readFileSync(key);
    writeFileSync(key, 'nonsense');
    says(await examine(dataDir), 'secrets', /consensus\.key is no key/, /lnode restore/);
    rmSync(key);
    says(await examine(dataDir), 'secrets', /consensus\.key is missing/, /lnode restore/);
    writeFileSync(key, good, { mode: 0o600 });
    assert.deepEqual((await examine(dataDir)).todo.map((one) => one.area), ['node']);
  });

  test('a damaged store', async () => {
    const damaged = await stoppedNode();
    const ledgers = path.join(damaged, 'ledgers');
    const label = readdirSync(ledgers)[0];
    const current = readdirSync(ledgers, { recursive: true }).find((one) => path.basename(one) === 'CURRENT');
    writeFileSync(path.join(ledgers, current), 'nonsense');
    says(await examine(damaged), 'ledgers', new RegExp(label), new RegExp(`^lnode check --org ${label} --data-dir`));
    const node = await startNode({ chainId, dataDir: damaged }).catch(() => null);
    if (node === null) return; // a throw-away ledger that cannot be opened ends its node
    says(await examine(damaged), 'ledgers', /stands still|left out/, /lnode check/);
    await node.stop();
  });

  test('a key that is not the one of the committee', async () => {
    const strange = await stoppedNode();
    writeFileSync(path.join(strange, 'keys/consensus.key'), `${'11'.repeat(32)}\n`, { mode: 0o600 });
    const node = await startNode({ chainId, dataDir: strange });
    try {
      await until('it knows that nobody is there', async () => (await examine(strange)).todo.some((one) => one.area === 'ledgers'), 15000);
      says(await examine(strange), 'ledgers', /follows, and none of the 1 members is reachable.*put its key back into keys\/consensus\.key/, /lnode doctor/);
    } finally {
      await node.stop();
    }
  });

  test('a clock that is behind the last block', async () => {
    const ahead = await stoppedNode({ env: await shim(folder(), { SHIM_CLOCK_AHEAD_S: '7200' }) });
    says(await examine(ahead), 'clock', /the clock is (119 minutes|2 hours) behind the last block of /, /date/);
    const node = await startNode({ chainId, dataDir: ahead });
    says(await examine(ahead), 'clock', /behind the last block/, /date/);
    await node.stop();
  });

  test('a clock that was never set', async () => {
    const env = await shim(folder(), { SHIM_CLOCK_AHEAD_S: String(-Math.floor(Date.now() / 1000) + 100) });
    says(await examine(dataDir, { env }), 'clock', /never set/, /timedatectl/);
  });

  test('a disk that is slow', async () => {
    const report = await examine(dataDir, { env: await shim(folder(), { SHIM_SYNC_MS: '400' }) });
    says(report, 'disk', /takes 4\d\d ms .* three times/, /pressure/);
    const note = await examine(dataDir, { env: await shim(folder(), { SHIM_SYNC_MS: '120' }) });
    assert.ok(note.findings.some((one) => one.level === 'note' && /memory card/.test(one.text)));
  });

  test('a disk that is full', async (context) => {
    const place = folder();
    const inside = ['-Urm', 'sh', '-c', `
      mount -t tmpfs -o size=1m,mode=700 none "$1" && cp -r "$2/." "$1/" &&
      { dd if=/dev/zero of="$1/fill" bs=4k 2>/dev/null || true; } &&
      { "$3" doctor --json --data-dir "$1"; echo "exit $?"; }`, 'sh', place, dataDir, program('lnode')];
    const done = await run('unshare', inside).catch(() => ({ code: 1, stderr: 'no unshare' }));
    if (done.code !== 0) {
      context.skip(`no namespaces here: ${done.stderr}`);
      return;
    }
    const [line, exit] = done.stdout.trim().split('\n');
    assert.equal(exit, 'exit 1');
    const todo = JSON.parse(line).findings.filter((one) => one.level === 'todo');
    const disk = todo.filter((one) => one.area === 'disk');
    assert.match(disk[0].text, /only 0 B are free in .*expected at least 1\.00 GB/);
    assert.match(disk[1].text, /could not write in .*No space left on device/);
    disk.forEach((one) => assert.match(one.next, /^df -h /));
  });

  test('root looks as the owner does, and leaves nothing behind that is root\'s', async (context) => {
    if (process.getuid() !== 0) {
      context.skip('needs root');
      return;
    }
    const theirs = await stoppedNode();
    const all = () => [theirs, ...readdirSync(theirs, { recursive: true }).map((one) => path.join(theirs, one))];
    all().forEach((one) => chownSync(one, 65534, 65534));
    assert.deepEqual((await examine(theirs)).todo.map((one) => one.area), ['node']);
    all().forEach((one) => assert.equal(statSync(one).uid, 65534, one));
    const report = await examine(dataDir, { uid: 65534 }).catch((error) => error);
    assert.ok(!(report instanceof Error), `${report}`);
    says(report, 'folder', /belongs to root|Permission denied/, /sudo|ls -ld/);
  });

  test('few files may be open', async () => {
    const done = await run('sh', ['-c', 'ulimit -n 512; exec "$0" doctor --json --data-dir "$1"', program('lnode'), dataDir]);
    const files = JSON.parse(done.stdout).findings.find((one) => one.area === 'files');
    assert.equal(files.level, 'todo');
    assert.match(files.text, /only 512 files/);
  });

  test('wrong usage is refused', async () => {
    for (const args of [['doctor', 'me'], ['doctor', '--frobnicate'], ['doctor', '--rpc-port', '70000']]) {
      const done = await run(program('lnode'), args);
      assert.equal(done.code, 3, `${args}`);
      assert.notEqual(done.stderr, '');
    }
    assert.match((await run(program('lnode'), ['--help'])).stdout, /lnode doctor \[--json\]/);
  });

  test('it leaves no file of its own behind', () => {
    const names = readdirSync(dataDir);
    assert.ok(!names.some((name) => name.includes('doctor')), `${names}`);
    assert.ok(existsSync(path.join(dataDir, 'lock')));
  });
});
