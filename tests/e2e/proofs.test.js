// eth_getProof, checked with a third-party trie against the headers' state roots.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { verifyMerkleProof } from '@ethereumjs/mpt';
import { RLP } from '@ethereumjs/rlp';
import { bytesToHex, hexToBytes, unpadBytes } from '@ethereumjs/util';
import { ContractFactory, JsonRpcProvider, Wallet, keccak256, toBeHex } from 'ethers';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';
import { call, result } from './lib/rpc.js';

const alice = Wallet.createRandom();
const hex = (number) => `0x${number.toString(16)}`;
const emptyRoot = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
let node;
let provider;
let token;
let address;

before(async () => {
  node = await startNode({ chainId: 77040, fund: [`${alice.address}=100`], args: ['--pulse', '20'] });
  provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 30;
  const { abi, bytecode } = compile('Acme');
  token = await new ContractFactory(abi, bytecode, alice.connect(provider)).deploy(1000n);
  await token.deploymentTransaction().wait();
  address = await token.getAddress();
});
after(async () => {
  provider?.destroy();
  if (node) await node.stop();
});

// The value of `key` under `root`, or null if the proof shows that there is none.
async function proved(root, key, proof) {
  if (proof.length === 0) {
    assert.equal(root, emptyRoot);
    return null;
  }
  assert.equal(keccak256(proof[0]), root);
  return verifyMerkleProof(hexToBytes(keccak256(key)), proof.map(hexToBytes));
}

// Asks for a proof at `height`, checks it against that block's state root, returns it.
async function checked(account, slots, height) {
  const [answer, block] = await Promise.all([
    result(node.url, 'eth_getProof', [account, slots, hex(height)]),
    result(node.url, 'eth_getBlockByNumber', [hex(height), false]),
  ]);
  const leaf = await proved(block.stateRoot, account, answer.accountProof);
  if (leaf === null) {
    assert.equal(BigInt(answer.balance), 0n);
    assert.equal(BigInt(answer.nonce), 0n);
    return answer;
  }
  const [nonce, balance, storageRoot, codeHash] = RLP.decode(leaf);
  const number = (bytes) => (bytes.length ? BigInt(bytesToHex(bytes)) : 0n);
  assert.equal(number(nonce), BigInt(answer.nonce));
  assert.equal(number(balance), BigInt(answer.balance));
  assert.equal(bytesToHex(storageRoot), answer.storageHash);
  assert.equal(bytesToHex(codeHash), answer.codeHash);
  for (const { key, value, proof } of answer.storageProof) {
    const stored = await proved(answer.storageHash, toBeHex(BigInt(key), 32), proof);
    if (stored === null) assert.equal(BigInt(value), 0n);
    else assert.deepEqual(RLP.decode(stored), unpadBytes(hexToBytes(toBeHex(BigInt(value), 32))));
  }
  return answer;
}

test('an account, a contract with its slots, and nobody, at each block so far', async () => {
  const head = await provider.getBlockNumber();
  for (let height = 0; height <= head; height++) {
    const found = await checked(alice.address, [], height);
    assert.equal(BigInt(found.balance), await provider.getBalance(alice.address, height));
    await checked(Wallet.createRandom().address, ['0x0'], height);
    const contract = await checked(address, ['0x2', '0x7'], height);
    assert.equal(BigInt(contract.storageProof[0].value), BigInt(await provider.getStorage(address, 2, height)));
  }
});

test('keys come back as they were asked for, and an absent account as geth shows it', async () => {
  const word = toBeHex(2, 32);
  const { storageProof } = await checked(address, [word, '0x2', '0x02'], 1);
  assert.deepEqual(storageProof.map((slot) => slot.key), [word, '0x2', '0x2']);
  const nobody = await result(node.url, 'eth_getProof', [Wallet.createRandom().address, [], 'latest']);
  assert.equal(BigInt(nobody.codeHash), 0n);
  assert.equal(BigInt(nobody.storageHash), 0n);
});

test('an earlier block is proved right while blocks go on, and one too old is refused by name', async () => {
  const signer = alice.connect(provider);
  const start = await provider.getBlockNumber();
  let nonce = await provider.getTransactionCount(alice.address);
  let isDone = false;
  const writing = (async () => {
    for (let i = 0; i < 150; i++) {
      const sent = i % 2
        ? await token.transfer(Wallet.createRandom().address, 1n, { nonce: nonce++ })
        : await signer.sendTransaction({ to: Wallet.createRandom().address, value: 1n, nonce: nonce++ });
      await sent.wait();
    }
    isDone = true;
  })();
  let proofs = 0;
  while (!isDone) {
    const head = await provider.getBlockNumber();
    const height = Math.max(start, head - Math.floor(Math.random() * 110));
    await checked(address, ['0x2'], height);
    await checked(alice.address, [], height);
    proofs += 2;
  }
  await writing;
  assert.ok(proofs > 20, `${proofs} proofs`);
  const head = await provider.getBlockNumber();
  assert.ok(head > 140);
  for (const height of [head, head - 1, head - 60, head - 120]) await checked(address, ['0x2'], height);
  const { error } = await call(node.url, 'eth_getProof', [address, [], '0x1']);
  assert.equal(error.code, -32001);
  assert.match(error.message, /proofs reach 128 blocks back: block 1 is too old, expected \d+ to \d+/);
});

test('more keys than one call may ask for are refused', async () => {
  const keys = Array.from({ length: 1025 }, (_, i) => hex(i));
  const { error } = await call(node.url, 'eth_getProof', [address, keys, 'latest']);
  assert.equal(error.code, -32602);
  assert.match(error.message, /found 1025 storage keys; expected at most 1024/);
  const most = await result(node.url, 'eth_getProof', [address, keys.slice(1), 'latest']);
  assert.equal(most.storageProof.length, 1024);
});
