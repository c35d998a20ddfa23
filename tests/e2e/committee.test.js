// Who makes the blocks, from the founder's wallet: the list in plain words, a newcomer that says
// READY, the change that seals an epoch. The newcomer is made up here, with ethers; no node is
// behind it, so the ledger pauses once it is in the committee.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { AbiCoder, Contract, JsonRpcProvider, Wallet, concat, encodeRlp, hexlify, keccak256, randomBytes, toBeHex, toUtf8Bytes } from 'ethers';
import { newFolder, program, run, startNode } from './lib/node.js';
import { result } from './lib/rpc.js';

const folder = newFolder();
const dataDir = path.join(folder, 'data');
const contractAddress = '0x6f72670000000000000000000000000000000001';
const { abi } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../ledger/contracts/artifacts/Committee.json'), 'utf8'));
const env = {
  HOME: folder, XDG_CONFIG_HOME: path.join(folder, 'config'), XDG_DATA_HOME: path.join(folder, 'share'),
  LEITHER_PASSWORD_FILE: path.join(folder, 'password'), LEITHER_TOKEN_FILE: path.join(dataDir, 'admin.token'),
};
let node;
let provider;
let newcomer;

async function lwallet(args, code = 0) {
  const done = await run(program('lwallet'), args, { env });
  assert.doesNotMatch(done.stderr, /Sanitizer|runtime error:/);
  assert.equal(done.code, code, `lwallet ${args.join(' ')}: ${done.stdout}${done.stderr}`);
  return done;
}
const json = async (...args) => JSON.parse((await lwallet([...args, '--json'])).stdout);
const org = () => result(`${node.url}/o/acme`, 'org_get');

before(async () => {
  writeFileSync(env.LEITHER_PASSWORD_FILE, 'correct horse\n', { mode: 0o600 });
  await lwallet(['account', 'new', 'alice', '--light']);
  node = await startNode({ chainId: 77110, dataDir });
  env.LEITHER_RPC = node.url;
  await lwallet(['org', 'create', 'acme', '--symbol', 'ACM', '--transparency', 'open']);
  await lwallet(['account', 'new', 'mallory', '--light']);
  env.LEITHER_ACCOUNT = 'alice';
  provider = new JsonRpcProvider(`${node.url}/o/acme`, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
});
after(async () => {
  provider?.destroy();
  if (node) await node.stop();
  rmSync(folder, { recursive: true, force: true });
});

// A node's keys and entry, as its operator would make them.
function makeNewcomer() {
  const consensus = Wallet.createRandom();
  const operator = Wallet.createRandom().connect(provider);
  const { compressedPublicKey } = Wallet.createRandom().signingKey;
  const entry = {
    consensus: consensus.address, weight: 1n, payout: operator.address,
    nodeKeyPrefix: compressedPublicKey.slice(0, 4), nodeKeyX: `0x${compressedPublicKey.slice(4)}`,
    revealSalt: hexlify(randomBytes(32)), revealCommitment: hexlify(randomBytes(32)), endpoint: 'box2.example:30800',
  };
  return { consensus, operator, entry };
}

// docs/formats.md, "What is signed" and "Committee entry".
async function sayReady({ consensus, operator, entry }) {
  const { chainId, id, epoch } = await org();
  const height = await provider.getBlockNumber();
  const u64 = (number) => toBeHex(number, 8);
  const encoded = encodeRlp(['0x01', entry.consensus, concat([entry.nodeKeyPrefix, entry.nodeKeyX]), entry.payout, '0x01',
    hexlify(toUtf8Bytes(entry.endpoint)), entry.revealSalt, entry.revealCommitment]);
  const body = concat([operator.address, u64(height), u64(1), u64(1), u64(2), keccak256(encoded)]);
  const digest = keccak256(concat([toUtf8Bytes('ORG1'), '0x08', toBeHex(chainId, 32), id, u64(epoch.number), epoch.committeeHash, body]));
  const { r, s, yParity } = consensus.signingKey.sign(digest);
  const contract = new Contract(contractAddress, abi, operator);
  const sent = await contract.ready(entry, height, 1, 1, 2, concat([r, s, toBeHex(yParity, 1)]), { gasPrice: 0 });
  assert.equal((await sent.wait()).status, 1);
}

test('one member, and what that means', async () => {
  const shown = await lwallet(['org', 'committee', 'list']);
  assert.match(shown.stdout, /^1 member, mode bft: 1 of 1 decide\n {2}its only node off = the ledger pauses\n/);
  assert.match(shown.stdout, /verified at block 0|verified at block \d+ by 1 of 1/);
  const { committee } = await org();
  const list = await json('org', 'committee', 'list');
  assert.equal(list.members.length, 1);
  assert.equal(list.members[0].consensus.toLowerCase(), committee[0].consensus);
  assert.deepEqual(list.ready, []);
});

test('what cannot be changed is refused with the reason', async () => {
  const only = await json('org', 'committee', 'list');
  const member = only.members[0].consensus;
  assert.match((await lwallet(['org', 'committee', 'remove', member, '--yes'], 1)).stderr, /the only member/);
  const stranger = Wallet.createRandom().address;
  assert.match((await lwallet(['org', 'committee', 'remove', stranger, '--yes'], 4)).stderr, /not in the committee/);
  assert.match((await lwallet(['org', 'committee', 'add', stranger, '--yes'], 4)).stderr, /did not say READY/);
  assert.match((await lwallet(['org', 'committee', 'mode', 'bft', '--yes'], 1)).stderr, /bft already/);
  assert.match((await lwallet(['org', 'committee', 'mode', 'most', '--yes'], 2)).stderr, /expected bft, crash or all/);
  assert.match((await lwallet(['org', 'committee', 'mode', 'all', '--yes', '--account', 'mallory'], 1)).stderr, /the founder alone.*alice.*not.*mallory/s);
  assert.equal(BigInt((await org()).epoch.number), 1n);
});

test('another quorum begins another epoch, and the ledger goes on in it', async () => {
  const asked = await lwallet(['org', 'committee', 'mode', 'all'], 2);
  assert.match(asked.stderr, /nothing was sent[\s\S]*--yes/);
  const done = await json('org', 'committee', 'mode', 'all', '--yes');
  assert.equal(done.status, 'final');
  const { epoch } = await org();
  assert.equal(BigInt(epoch.number), 2n);
  assert.equal(epoch.mode, 'all');
  assert.equal(epoch.seal, done.receipt.blockHash);
  await lwallet(['transfer', '1', 'ACM', Wallet.createRandom().address]);
  const contract = new Contract(contractAddress, abi, provider);
  assert.equal(await contract.committeeHash(), epoch.committeeHash);
  const [changed] = await contract.queryFilter('Changed');
  assert.deepEqual([changed.args.epoch, changed.args.mode, changed.args.committeeHash], [2n, 2n, epoch.committeeHash]);
});

test('a node that said READY is listed, and added by the founder', async () => {
  newcomer = makeNewcomer();
  await sayReady(newcomer);
  const { address } = newcomer.consensus;
  const shown = await lwallet(['org', 'committee', 'list']);
  assert.match(shown.stdout, new RegExp(`ready to join.*\\n {2}${address} {2}of ${newcomer.operator.address}, had block \\d+ {2}at box2.example:30800`));
  assert.match((await lwallet(['org', 'committee', 'add', address], 2)).stderr, /2 members, mode all, any 1 of 2 off = the ledger pauses; nothing was sent/);
  const dry = await lwallet(['org', 'committee', 'add', address, '--dry-run']);
  assert.match(dry.stdout, /nothing was sent; this would be signed: add [\s\S]*then: 2 members, mode all\n {2}any 1 of 2 off/);
  assert.equal(BigInt((await org()).epoch.number), 2n, 'nothing was to be sent');
  const mallory = await lwallet(['org', 'committee', 'add', address, '--yes', '--account', 'mallory'], 1);
  assert.match(mallory.stderr, /the founder alone/);
  const done = await lwallet(['org', 'committee', 'add', newcomer.operator.address, '--mode', 'bft', '--yes']);
  assert.match(done.stdout, new RegExp(`^added ${address}`));
  assert.match(done.stdout, /2 members from the next block on, mode bft\n {2}any 1 of 2 off = the ledger pauses\n {2}add a third/);
});

test('the next epoch has both, and the entry is the one that was signed', async () => {
  const { epoch, committee } = await org();
  assert.equal(BigInt(epoch.number), 3n);
  assert.equal(epoch.mode, 'bft');
  assert.equal(committee.length, 2);
  assert.deepEqual(committee[1], {
    consensus: newcomer.entry.consensus.toLowerCase(), nodeKey: concat([newcomer.entry.nodeKeyPrefix, newcomer.entry.nodeKeyX]),
    payout: newcomer.entry.payout.toLowerCase(), weight: '0x1', endpoint: newcomer.entry.endpoint,
    revealSalt: newcomer.entry.revealSalt, revealCommitment: newcomer.entry.revealCommitment,
  });
  const list = await json('org', 'committee', 'list');
  assert.equal(list.quorum, 2);
  assert.deepEqual(list.ready, []);
  assert.match(list.meaning, /any 1 of 2 off/);
  assert.equal(list.members[1].consensus, newcomer.consensus.address);
  assert.equal(AbiCoder.defaultAbiCoder().decode(['uint64'], await provider.call({
    to: contractAddress, data: new Contract(contractAddress, abi).interface.encodeFunctionData('epoch') }))[0], 3n);
});
