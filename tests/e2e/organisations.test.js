// Two organisations on one node: chain ids of their own, and a transaction signed for one is
// refused by the other.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet } from 'ethers';
import { newFolder, startNode } from './lib/node.js';
import { call, receipt, result } from './lib/rpc.js';

const alice = Wallet.createRandom();
const dataDir = newFolder();
let node;
let second; // what org_create answered
let second_url;

before(async () => {
  node = await startNode({ chainId: 77040, fund: [`${alice.address}=10`], dataDir });
  const token = readFileSync(path.join(dataDir, 'admin.token'), 'utf8').trim();
  const answer = await call(node.url, 'org_create', [{
    label: 'acme', name: 'Acme', symbol: 'ACM', founder: alice.address, transparency: 'open',
  }], { authorization: `Bearer ${token}` });
  assert.ok(answer.result, JSON.stringify(answer));
  second = answer.result;
  second_url = `${node.url}/o/acme`;
});
after(async () => { if (node) await node.stop(); });

const sign = (chainId) => alice.signTransaction({
  type: 2, chainId, nonce: 0, to: '0x00000000000000000000000000000000000000aa', value: 1n,
  gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
});

test('each has its own chain id and genesis', async () => {
  const ids = [await result(node.url, 'eth_chainId'), await result(second_url, 'eth_chainId')];
  assert.equal(Number(ids[0]), 77040);
  assert.notEqual(ids[0], ids[1]);
  assert.equal(await result(second_url, 'net_version'), String(Number(ids[1])));
  const genesis = await Promise.all([node.url, second_url].map((url) => result(url, 'eth_getBlockByNumber', ['0x0', false])));
  assert.notEqual(genesis[0].hash, genesis[1].hash);
  const list = await result(node.url, 'org_list');
  assert.equal(list.length, 2);
  assert.ok(list.some((one) => one.label === 'acme' && one.symbol === 'ACM'), JSON.stringify(list));
  assert.equal(await result(`${node.url}/o/${genesis[1].hash}`, 'eth_chainId'), ids[1]);
  assert.ok(JSON.stringify(second).includes(genesis[1].hash), 'org_create names the ledger\'s id');
});

test('a transaction for one is refused by the other, with nothing admitted', async () => {
  const own = Number(await result(second_url, 'eth_chainId'));
  const mine = await sign(77040);
  const refusal = await call(second_url, 'eth_sendRawTransaction', [mine]);
  assert.match(refusal.error.message, /invalid chain id/);
  assert.match((await call(node.url, 'eth_sendRawTransaction', [await sign(own)])).error.message, /invalid chain id/);
  assert.equal(await result(second_url, 'eth_getTransactionCount', [alice.address, 'pending']), '0x0');
  const done = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [mine]));
  assert.equal(done.status, '0x1');
  assert.equal(await result(second_url, 'eth_getTransactionReceipt', [done.transactionHash]), null);
});

test('a second organisation with a taken label or without the token is refused', async () => {
  const token = readFileSync(path.join(dataDir, 'admin.token'), 'utf8').trim();
  const asked = [{ label: 'acme', name: 'Acme', symbol: 'ACM', founder: alice.address, transparency: 'open' }];
  const taken = await call(node.url, 'org_create', asked, { authorization: `Bearer ${token}` });
  assert.match(taken.error.message, /acme/);
  const wrong = await call(node.url, 'org_create', [{ ...asked[0], label: 'other' }], { authorization: `Bearer ${'0'.repeat(64)}` });
  assert.match(wrong.error.message, /token/i);
  const closed = await call(node.url, 'org_create', [{ ...asked[0], label: 'other', transparency: 'members' }],
    { authorization: `Bearer ${token}` });
  assert.match(closed.error.message, /not in this version/);
  assert.equal((await result(node.url, 'org_list')).length, 2);
});

test('both are there after a restart', async () => {
  const before_ = await result(second_url, 'eth_getBlockByNumber', ['0x0', false]);
  await node.stop();
  node = await startNode({ chainId: 77040, dataDir });
  second_url = `${node.url}/o/acme`;
  assert.deepEqual(await result(second_url, 'eth_getBlockByNumber', ['0x0', false]), before_);
});
