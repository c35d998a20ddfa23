// A ledger names its fork: the newest unless the founder chose another one. Headers, block 0's
// contracts and what happens at a block's start and end are the fork's.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Contract, JsonRpcProvider, Wallet, decodeRlp, encodeRlp, keccak256, sha256, toBeHex, zeroPadValue } from 'ethers';
import { newFolder, program, run, startNode } from './lib/node.js';
import { result } from './lib/rpc.js';

const forks = ['cancun', 'prague', 'osaka'];
const history = '0x0000F90827F1C53a10cb7A02335B175320002935';
const outboxes = {
  PublicOutbox: '0x00000961Ef480Eb55e80D19ad83579A64c007002',
  SealOutbox: '0x0000BBdDc7CE488642fb579F8B00f3a590007251',
};
const committee = '0x6f72670000000000000000000000000000000001';
const artifact = (name) => JSON.parse(readFileSync(
  path.resolve(import.meta.dirname, `../../ledger/contracts/artifacts/${name}.json`), 'utf8'));

async function with_ledger(args, check) {
  const alice = Wallet.createRandom();
  const node = await startNode({ chainId: 77080, fund: [`${alice.address}=10`], args });
  const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
  try {
    const sent = await alice.connect(provider).sendTransaction({ to: Wallet.createRandom().address, value: 1n });
    await check(node, provider, await sent.wait());
  } finally {
    provider.destroy();
    await node.stop();
  }
}

for (const fork of forks) {
  test(`${fork}: headers and contracts are the fork's`, () => with_ledger(['--fork', fork], async (node, provider, receipt) => {
    assert.equal((await result(node.url, 'org_get')).fork, fork);
    const block = await result(node.url, 'eth_getBlockByNumber', [toBeHex(receipt.blockNumber), false]);
    const raw = decodeRlp(await result(node.url, 'debug_getRawBlock', [toBeHex(receipt.blockNumber)]));
    assert.equal(raw[0].length, fork === 'cancun' ? 20 : 21, 'fields of the header');
    assert.equal(keccak256(encodeRlp(raw[0])), block.hash);
    for (const [name, address] of Object.entries(outboxes)) {
      const code = await provider.getCode(address, 0);
      assert.equal(code, fork === 'cancun' ? '0x' : artifact(name).deployedBytecode, name);
    }
    assert.equal(await provider.getCode(committee, 0), fork === 'cancun' ? '0x' : artifact('Committee').deployedBytecode);
    const parent = await provider.getStorage(history, receipt.blockNumber - 1);
    if (fork === 'cancun') {
      assert.equal(block.requestsHash, undefined);
      assert.equal(BigInt(parent), 0n);
      return;
    }
    assert.equal(block.requestsHash, sha256('0x'));
    assert.equal(parent, block.parentHash);
    // EIP-2935: a contract, or a call, asks for the hash by number.
    assert.equal(await provider.call({ to: history, data: zeroPadValue(toBeHex(0), 32) }),
      (await result(node.url, 'eth_getBlockByNumber', ['0x0', false])).hash);
  }));
}

test('the newest fork is the default; nobody but the committee may post, nobody may drain; blocks are counted by beneficiary', () =>
  with_ledger([], async (node, provider, receipt) => {
    assert.equal((await result(node.url, 'org_get')).fork, forks.at(-1));
    const block = await result(node.url, 'eth_getBlockByNumber', [toBeHex(receipt.blockNumber), false]);
    for (const [name, address] of Object.entries(outboxes)) {
      const outbox = new Contract(address, artifact(name).abi, provider);
      const from = Wallet.createRandom().address;
      await assert.rejects(outbox.post.staticCall('0xc20102', { from }), (error) => error.revert?.name === 'MayNotPost' && error.revert.args[0] === from, name);
      await assert.rejects(outbox.fallback.staticCall({ from, data: '0x12345678' }), (error) => error.revert?.name === 'NotTheSystem', name);
      assert.equal(await outbox.queued(), 0n);
    }
    const seals = new Contract(outboxes.SealOutbox, artifact('SealOutbox').abi, provider);
    assert.equal(await seals.ledgerId(), (await result(node.url, 'org_get')).id);
    for (let height = 0; height <= receipt.blockNumber; height++) {
      assert.equal(await seals.blocksOf(block.miner, { blockTag: height }), BigInt(height), `block ${height}`);
    }
  }));

test('the committee contract shows what org_get does', () => with_ledger([], async (node, provider) => {
  const org = await result(node.url, 'org_get');
  const contract = new Contract(committee, artifact('Committee').abi, provider);
  const shown = (await contract.members()).map((entry) => ({
    consensus: entry.consensus.toLowerCase(),
    nodeKey: entry.nodeKeyPrefix + entry.nodeKeyX.slice(2),
    payout: entry.payout.toLowerCase(),
    weight: toBeHex(entry.weight).replace(/^0x0+/, '0x'),
    endpoint: entry.endpoint,
    revealSalt: entry.revealSalt,
    revealCommitment: entry.revealCommitment,
  }));
  assert.deepEqual(shown, org.committee);
  assert.equal((await contract.founder()).toLowerCase(), org.founder);
  assert.equal(await contract.committeeHash(), org.epoch.committeeHash);
  assert.equal(await contract.epoch(), BigInt(org.epoch.number));
  assert.equal(await contract.governance(), 'fixed');
  const stranger = Wallet.createRandom().address;
  await assert.rejects(contract.change.staticCall([], [], 2, { from: stranger }),
    (error) => error.revert?.name === 'NotTheFounder' && error.revert.args[0] === stranger);
}));

test('a ledger keeps its fork; --fork may repeat it, not contradict it', async () => {
  const dataDir = newFolder();
  const options = { chainId: 77081, dataDir };
  try {
    await (await startNode({ ...options, args: ['--fork', 'cancun'] })).stop();
    const again = await startNode(options);
    assert.equal((await result(again.url, 'org_get')).fork, 'cancun');
    await again.stop();
    await (await startNode({ ...options, args: ['--fork', 'cancun'] })).stop();
    await assert.rejects(startNode({ ...options, args: ['--fork', 'osaka'] }),
      /--fork osaka contradicts the ledger dev in this data directory, which runs cancun/);
    await assert.rejects(startNode({ ...options, args: ['--fork', 'berlin'] }), /expected cancun, prague or osaka/);
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
});

test('lwallet founds a ledger of the fork named', async () => {
  const folder = newFolder();
  writeFileSync(`${folder}/password`, 'correct horse\n', { mode: 0o600 });
  const node = await startNode({ chainId: 77082 });
  const env = { HOME: folder, LEITHER_RPC: node.url, LEITHER_PASSWORD_FILE: `${folder}/password`, LEITHER_TOKEN_FILE: `${node.dataDir}/admin.token` };
  const lwallet = (...args) => run(program('lwallet'), [...args, '--json'], { env });
  try {
    await lwallet('account', 'new', 'alice', '--light');
    for (const [label, fork] of [['old', 'cancun'], ['middle', 'prague'], ['young', undefined]]) {
      const done = await lwallet('org', 'create', label, '--symbol', 'ACM', '--transparency', 'open',
        ...(fork ? ['--fork', fork] : []));
      assert.equal(done.code, 0, done.stdout + done.stderr);
      assert.equal(JSON.parse(done.stdout).organisation.fork, fork ?? forks.at(-1));
    }
    const wrong = await lwallet('org', 'create', 'wrong', '--symbol', 'ACM', '--transparency', 'open', '--fork', 'berlin');
    assert.notEqual(wrong.code, 0);
    assert.match(wrong.stdout + wrong.stderr, /--fork.*berlin.*expected cancun, prague or osaka/);
  } finally {
    await node.stop();
    rmSync(folder, { recursive: true, force: true });
  }
});
