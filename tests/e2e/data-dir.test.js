// What goes wrong on the machine itself: a taken port, a damaged or newer data directory, a full
// disk, flags that make no sense. Each time a sentence that says what and what to do, an exit
// code that is not zero, and nothing damaged.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync,
} from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Wallet } from 'ethers';
import { newFolder, program, run, startNode } from './lib/node.js';
import { call, receipt, result } from './lib/rpc.js';

const alice = Wallet.createRandom();
const chainId = 77020;
const fund = [`${alice.address}=10`];

function transfer(nonce) {
  return alice.signTransaction({
    type: 2, chainId, nonce, to: '0x00000000000000000000000000000000000000aa', value: 1n,
    gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
  });
}

function files_under(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((one) => one.isFile()).map((one) => path.join(one.parentPath, one.name));
}

// A digest of every file that holds data; LevelDB's own diary and the lock are none.
function digest(folder) {
  const hash = createHash('sha256');
  for (const file of files_under(folder).sort()) {
    if (/\/(LOG|LOG\.old|LOCK|lock)$/.test(file)) continue;
    hash.update(`${file}\n`).update(readFileSync(file));
  }
  return hash.digest('hex');
}

// Starts a node that must not come up; returns what it said.
async function fails_to_start(options) {
  let node;
  try {
    node = await startNode({ chainId, ready_ms: 20000, ...options });
  } catch (error) {
    assert.ok(Number.isInteger(error.code) && error.code !== 0, `no exit code: ${error.message}`);
    return error.log;
  }
  await node.stop();
  return assert.fail('it started');
}

describe('data directory and machine', () => {
  let dataDir;
  let head;

  before(async () => {
    dataDir = newFolder();
    const node = await startNode({ chainId, fund, dataDir });
    await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [await transfer(0)]));
    head = await result(node.url, 'eth_getBlockByNumber', ['0x1', false]);
    await node.stop();
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  async function is_whole() {
    const node = await startNode({ chainId, dataDir });
    assert.deepEqual(await result(node.url, 'eth_getBlockByNumber', ['0x1', false]), head);
    await node.stop();
  }

  test('SIGTERM stops within two seconds with exit code 0, and the ledger goes on', async () => {
    const node = await startNode({ chainId, dataDir });
    assert.deepEqual(await result(node.url, 'eth_getBlockByNumber', ['0x1', false]), head);
    const { code, took_ms } = await node.stop();
    assert.equal(code, 0);
    assert.ok(took_ms < 2000, `${took_ms} ms`);
  });

  test('a port in use is named', async () => {
    const taken = net.createServer();
    await new Promise((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
    const { port } = taken.address();
    const words = await fails_to_start({ dataDir, port });
    taken.close();
    assert.match(words, new RegExp(`${port}`));
    assert.match(words, /in use|taken|busy/i);
    await is_whole();
  });

  test('nothing is founded for a port in use', async () => {
    const taken = net.createServer();
    await new Promise((resolve) => { taken.listen(0, '127.0.0.1', resolve); });
    const folder = newFolder();
    await fails_to_start({ dataDir: folder, port: taken.address().port });
    taken.close();
    const founded = files_under(folder).filter((file) => file.includes('/ledgers/'));
    assert.deepEqual(founded, []);
    rmSync(folder, { recursive: true });
  });

  test('a data directory in use is named', async () => {
    const node = await startNode({ chainId, dataDir });
    const words = await fails_to_start({ dataDir });
    assert.match(words, /another|in use|held|lock/i);
    assert.ok(words.includes(dataDir), words);
    await node.stop();
    await is_whole();
  });

  test('flags that contradict the ledger, unknown ones and bad numbers', async () => {
    const before_ = digest(dataDir);
    assert.match(await fails_to_start({ dataDir, chainId: chainId + 1 }), new RegExp(`${chainId}`));
    for (const [args, words] of [
      [['--frobnicate', '1'], /frobnicate/], [['--chain-id', 'many'], /chain-id/],
      [['--rpc-port', '70000'], /rpc-port/], [['--fund', '0x12=1'], /fund/], [['--pulse', '-1'], /pulse/],
    ]) {
      const done = await run(program('lnode'), ['--dev', '--data-dir', dataDir, ...args], { timeout_ms: 20000 });
      assert.ok(done.code !== 0 && done.code !== null, `${args}: exit ${done.code}`);
      assert.match(done.stderr, words, `${args}`);
    }
    assert.equal(digest(dataDir), before_, 'the data changed');
    await is_whole();
  });

  test('a newer format stops the node, unchanged', async () => {
    const file = path.join(dataDir, 'format');
    const good = readFileSync(file);
    writeFileSync(file, good.toString().replace(/\d+/, '999'));
    const before_ = digest(dataDir);
    const words = await fails_to_start({ dataDir });
    assert.match(words, /newer|version|999/);
    assert.equal(digest(dataDir), before_, 'the data changed');
    writeFileSync(file, good);
    await is_whole();
  });

  test('a damaged store is named, unchanged, and serves again once mended', async () => {
    const current = files_under(path.join(dataDir, 'ledgers')).find((one) => path.basename(one) === 'CURRENT');
    assert.ok(current, 'no LevelDB found');
    const good = readFileSync(current);
    writeFileSync(current, 'nonsense');
    const outcome = await startNode({ chainId, dataDir, ready_ms: 20000 }).catch((error) => error);
    if (outcome instanceof Error) {
      assert.ok(outcome.code !== 0);
      assert.match(outcome.log, /corrupt|damaged|CURRENT/i);
    } else { // it may serve its other ledgers: this one answers why it stands still
      const answer = await call(outcome.url, 'eth_blockNumber');
      assert.match(answer.error?.message ?? '', /corrupt|damaged|CURRENT/i);
      await outcome.stop();
    }
    writeFileSync(current, good);
    await is_whole();
  });

  test('a flipped byte in stored tables is found by lnode check', async () => {
    const copy = newFolder();
    execFileSync('cp', ['-a', `${dataDir}/.`, copy]);
    const clean = await run(program('lnode'), ['check', '--data-dir', copy]);
    assert.equal(clean.code, 0, clean.stderr + clean.stdout);
    const store = files_under(path.join(copy, 'ledgers')).filter((one) => /\.(log|ldb)$/.test(one) && statSync(one).size > 500);
    assert.ok(store.length > 0);
    for (const file of store) {
      const bytes = readFileSync(file);
      bytes[Math.floor(bytes.length / 2)] ^= 0x40;
      writeFileSync(file, bytes);
    }
    const done = await run(program('lnode'), ['check', '--data-dir', copy]);
    assert.notEqual(done.code, 0, `found nothing: ${done.stdout}`);
    assert.ok((done.stderr + done.stdout).length > 20);
    rmSync(copy, { recursive: true, force: true });
  });

  test('a damaged key is named', async () => {
    const keys = files_under(path.join(dataDir, 'keys'));
    assert.ok(keys.length > 0, 'no keys');
    for (const file of keys) {
      const good = readFileSync(file);
      writeFileSync(file, 'nonsense\n');
      const words = await fails_to_start({ dataDir });
      assert.ok(words.includes(path.basename(file)), `${file}: ${words}`);
      assert.ok(!words.includes(good.toString().trim()), 'a secret was printed');
      writeFileSync(file, good);
    }
    await is_whole();
  });

  // Root reads everything, so as root a copy is given to a user who is nobody.
  test('a key that may not be read', async (context) => {
    const copy = newFolder();
    execFileSync('cp', ['-a', `${dataDir}/.`, copy]);
    const is_root = process.getuid() === 0;
    if (is_root) execFileSync('chown', ['-R', '65534:65534', copy]);
    const key = path.join(copy, 'keys', 'consensus.key');
    execFileSync('chmod', ['000', key]);
    const before_ = is_root ? digest(copy) : null;
    const done = await run(program('lnode'), ['run', '--data-dir', copy, '--rpc-port', '0'],
      { timeout_ms: 20000, cwd: '/', ...(is_root && { uid: 65534, gid: 65534 }) }).catch((error) => error);
    if (done.code === 'EACCES') {
      context.skip('nobody may run the program where it lies');
    } else {
      assert.equal(done.code, 1, done.stdout);
      assert.ok(done.stderr.includes(`${key}: Permission denied; run lnode as the user who owns`), done.stderr);
      if (is_root) assert.equal(digest(copy), before_, 'the data changed');
    }
    rmSync(copy, { recursive: true, force: true });
  });

  test('a token file is for its owner only', async () => {
    assert.equal(statSync(path.join(dataDir, 'admin.token')).mode & 0o077, 0);
  });
});

// A small file system of its own, when this machine lets us mount one.
function mount_small(folder) {
  if (process.getuid() !== 0) return false;
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a full disk: the node says so, loses nothing final, and goes on when there is room', async (context) => {
  const folder = newFolder();
  if (!mount_small(folder)) {
    rmSync(folder, { recursive: true });
    context.skip('mounting a small tmpfs needs root and a machine that allows it');
    return;
  }
  const dataDir = path.join(folder, 'data');
  mkdirSync(dataDir);
  const filler = path.join(folder, 'filler');
  let node = await startNode({ chainId, fund, dataDir });
  try {
    const first = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [await transfer(0)]));
    execFileSync('sh', ['-c', `dd if=/dev/zero of=${filler} bs=4k 2>/dev/null || true`]);
    let words = '';
    for (let nonce = 1; nonce < 400 && words === ''; nonce++) {
      const answer = await call(node.url, 'eth_sendRawTransaction', [await transfer(nonce)]).catch((error) => ({ gone: error }));
      if (answer.gone) break;
      if (answer.error) words = answer.error.message;
    }
    const said = `${words}\n${node.log}`;
    assert.match(said, /no space|disk.*full|full.*disk/i, `nothing was said about the disk: ${said.slice(-2000)}`);
    await node.kill();
    rmSync(filler);
    node = await startNode({ chainId, dataDir });
    assert.deepEqual(await result(node.url, 'eth_getTransactionReceipt', [first.transactionHash]), first);
    const nonce = Number(await result(node.url, 'eth_getTransactionCount', [alice.address, 'pending']));
    const next = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [await transfer(nonce)]));
    assert.equal(next.status, '0x1');
    await node.stop();
    const done = await run(program('lnode'), ['check', '--data-dir', dataDir]);
    assert.equal(done.code, 0, done.stdout + done.stderr);
  } finally {
    await node.kill().catch(() => {});
    execFileSync('umount', [folder]);
    if (existsSync(folder)) rmSync(folder, { recursive: true, force: true });
  }
});
