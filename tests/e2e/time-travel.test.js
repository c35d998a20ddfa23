// State at earlier blocks: balances, nonces, code, storage and calls as they were.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ContractFactory, JsonRpcProvider, Wallet } from 'ethers';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';
import { call, result } from './lib/rpc.js';

const alice = Wallet.createRandom();
const bob = Wallet.createRandom();
let node;
let provider;

before(async () => {
  node = await startNode({ chainId: 77030, fund: [`${alice.address}=100`] });
  provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
  provider.pollingInterval = 50;
});
after(async () => {
  provider?.destroy();
  if (node) await node.stop();
});

test('each block keeps the balances, nonces and storage it had', async () => {
  const signer = alice.connect(provider);
  const { abi, bytecode } = compile('Acme');
  const token = await new ContractFactory(abi, bytecode, signer).deploy(1000n);
  const made = (await token.deploymentTransaction().wait()).blockNumber;
  const address = await token.getAddress();
  const states = [];
  for (let i = 1; i <= 5; i++) {
    await (await signer.sendTransaction({ to: bob.address, value: 10n })).wait();
    const { blockNumber } = await (await token.transfer(bob.address, i)).wait();
    states.push({ blockNumber, coins: BigInt(10 * i), tokens: BigInt((i * (i + 1)) / 2), nonce: 1 + 2 * i });
  }
  for (const { blockNumber, coins, tokens, nonce } of states) {
    assert.equal(await provider.getBalance(bob.address, blockNumber), coins);
    assert.equal(await token.balanceOf(bob.address, { blockTag: blockNumber }), tokens);
    assert.equal(await provider.getTransactionCount(alice.address, blockNumber), nonce);
    const [number] = await token.surroundings({ blockTag: blockNumber });
    assert.equal(number, BigInt(blockNumber));
  }
  // totalSupply is OpenZeppelin's third slot: empty before the deployment, kept after it.
  assert.equal(await provider.getCode(address, made - 1), '0x');
  assert.notEqual(await provider.getCode(address, made), '0x');
  assert.equal(BigInt(await provider.getStorage(address, 2, made - 1)), 0n);
  assert.equal(BigInt(await provider.getStorage(address, 2, made)), 1000n);
  assert.equal(await provider.getBalance(bob.address, 0), 0n);
});

test('a block by hash, the tags, and a block that does not exist yet', async () => {
  const { hash, number } = await provider.getBlock(1);
  const at = (block) => result(node.url, 'eth_getBalance', [alice.address, block]);
  assert.equal(await at({ blockHash: hash }), await at(`0x${number.toString(16)}`));
  assert.equal(await at('latest'), await at('finalized'));
  assert.equal(await at('latest'), await at('safe'));
  assert.equal(BigInt(await at('earliest')), 100n * 10n ** 18n);
  const answer = await call(node.url, 'eth_getBalance', [alice.address, '0xffffff']);
  assert.match(answer.error.message, /not found|unknown|beyond|future|exist/i);
});
