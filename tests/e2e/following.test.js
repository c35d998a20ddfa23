// A node that has a ledger's folder and no seat in its committee: three processes, of which two
// make the blocks and the third follows, serves its users and hands their transactions on.
import assert from 'node:assert/strict';
import { copyFileSync, cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { Wallet } from 'ethers';
import { startMember, until } from './lib/members.js';
import { freePort, newFolder, program, run } from './lib/node.js';
import { result } from './lib/rpc.js';

const folder = newFolder();
const dataDir = (i) => path.join(folder, String(i));
const user = new Wallet(`0x${'00'.repeat(31)}2a`);
const friend = new Wallet(`0x${'00'.repeat(31)}2b`).address;
const ports = [];
const nodes = [];
let chainId;
let nonce = 0;
const sent = [];

// The founding documents and block 0, as whoever was invited has them; no reveals, other keys.
async function makeFollower() {
  await (await startMember(dataDir(2), ports[2])).stop();
  const [from, to] = [0, 2].map((i) => path.join(dataDir(i), 'ledgers', 'together'));
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of ['genesis.json', 'id']) copyFileSync(path.join(from, name), path.join(to, name));
  cpSync(path.join(from, 'store'), path.join(to, 'store'), { recursive: true });
}

const up = async (i) => { nodes[i] = await startMember(dataDir(i), ports[i]); };

before(async () => {
  for (let i = 0; i < 3; i++) ports.push(await freePort());
  const made = await run(program('committee_folders'), [folder, user.address.toLowerCase(), '200', ...ports.slice(0, 2).map((port) => `127.0.0.1:${port}`)]);
  assert.equal(made.code, 0, made.stderr);
  chainId = BigInt(made.stdout.trim());
  await makeFollower();
  for (let i = 0; i < 3; i++) await up(i);
});
after(async () => {
  for (const node of nodes) await node?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function send(i) {
  const raw = await user.signTransaction({
    chainId, nonce: nonce++, to: friend, value: 1n, gasLimit: 21000n, type: 2, maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
  sent.push(await result(nodes[i].url, 'eth_sendRawTransaction', [raw]));
}

const mined = async (i) => Number(await result(nodes[i].url, 'eth_getTransactionCount', [user.address, 'latest']));
const allMined = (which) => until('all is final everywhere', async () => {
  for (const i of which) if (await mined(i) !== nonce) return false;
  return true;
});
const status = async (i) => JSON.parse((await run(program('lnode'), ['status', '--json', '--data-dir', dataDir(i)])).stdout);

test('what its users send becomes final, and what others send it shows', async () => {
  for (let i = 0; i < 12; i++) await send([2, 0, 1][i % 3]);
  await allMined([0, 1, 2]);
  const receipts = await Promise.all([0, 1, 2].map((i) => Promise.all(sent.map((hash) => result(nodes[i].url, 'eth_getTransactionReceipt', [hash])))));
  assert.deepEqual(receipts[2].map((one) => one.blockHash), receipts[0].map((one) => one.blockHash));
  assert.equal(Number(await result(nodes[2].url, 'eth_getBalance', [friend, 'latest'])), nonce);
});

test('status says that it follows', async () => {
  const { status: headline, orgs: [org] } = await status(2);
  assert.deepEqual([headline, org.follows, org.members, org.membersReachable, org.waits], ['OK', true, 2, 2, '']);
  assert.equal((await status(0)).orgs[0].follows, false);
  const shown = await run(program('lnode'), ['status', '--data-dir', dataDir(2)]);
  assert.match(shown.stdout, /follows, 2 of 2 members reachable/);
});

test('it loses its power, and catches up', async () => {
  await nodes[2].kill();
  for (let i = 0; i < 40; i++) await send(i % 2);
  await allMined([0, 1]);
  await up(2);
  await allMined([0, 1, 2]);
  await send(2);
  await allMined([0, 1, 2]);
});

test('without a committee it keeps what its users send, and says what it waits for', async () => {
  await nodes[0].kill();
  await nodes[1].kill();
  await send(2);
  await until('status names it', async () => (await status(2)).orgs[0].membersReachable === 0);
  const { status: headline, cause } = await status(2);
  assert.equal(headline, 'STALLED');
  assert.match(cause, /follows, and none of the 2 members is reachable/);
  assert.equal(await mined(2), nonce - 1);
  await up(0);
  await up(1);
  await allMined([0, 1, 2]);
  const checked = async (i) => (await run(program('lnode'), ['check', '--data-dir', dataDir(i)])).stdout;
  await nodes[2].stop();
  assert.match(await checked(2), /follows it[\s\S]*together: good/);
  await up(2);
});
