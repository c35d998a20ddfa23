// viem, unchanged: transfers, a deployment, reads, and a decoded custom error.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  BaseError, ContractFunctionRevertedError, createPublicClient, createWalletClient, defineChain,
  encodeFunctionData, http, parseEther,
} from 'viem';
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';

describe('viem', () => {
  const alice = privateKeyToAccount(generatePrivateKey());
  const bob = privateKeyToAccount(generatePrivateKey());
  let node;
  let client;
  let wallet;

  before(async () => {
    node = await startNode({ chainId: 77002, fund: [`${alice.address}=10`] });
    const chain = defineChain({
      id: 77002, name: 'acme', nativeCurrency: { name: 'Acme', symbol: 'ACM', decimals: 18 },
      rpcUrls: { default: { http: [node.url] } },
    });
    client = createPublicClient({ chain, transport: http(), pollingInterval: 50, cacheTime: 0 });
    wallet = createWalletClient({ account: alice, chain, transport: http() });
  });
  after(async () => { if (node) await node.stop(); });

  test('transfers and waits for the receipt', async () => {
    const hash = await wallet.sendTransaction({ to: bob.address, value: parseEther('2') });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'success');
    assert.equal(await client.getBalance({ address: bob.address }), parseEther('2'));
    const block = await client.getBlock({ blockNumber: receipt.blockNumber, includeTransactions: true });
    assert.equal(block.transactions[0].hash, hash);
    assert.equal(block.baseFeePerGas, 0n);
  });

  test('sends from a balance of zero', async () => {
    const poor = privateKeyToAccount(generatePrivateKey());
    const hash = await wallet.sendTransaction({ account: poor, to: bob.address, value: 0n, data: '0x01' });
    assert.equal((await client.waitForTransactionReceipt({ hash })).status, 'success');
    assert.equal(await client.getBalance({ address: poor.address }), 0n);
  });

  test('deploys, reads, writes and decodes logs and a custom error', async () => {
    const { abi, bytecode } = compile('Acme');
    const deployed = await client.waitForTransactionReceipt(
      { hash: await wallet.deployContract({ abi, bytecode, args: [50n] }) });
    const address = deployed.contractAddress;
    assert.equal(await client.readContract({ address, abi, functionName: 'totalSupply' }), 50n);
    await client.waitForTransactionReceipt({
      hash: await wallet.writeContract({ address, abi, functionName: 'transfer', args: [bob.address, 20n] }),
    });
    const events = await client.getContractEvents(
      { address, abi, eventName: 'Transfer', fromBlock: 0n, args: { to: bob.address } });
    assert.deepEqual(events.map((one) => one.args.value), [20n]);
    await assert.rejects(
      client.simulateContract({ address, abi, functionName: 'transfer', args: [bob.address, 31n], account: alice }),
      (error) => {
        assert.ok(error instanceof BaseError);
        const revert = error.walk((inner) => inner instanceof ContractFunctionRevertedError);
        assert.equal(revert.data.errorName, 'ERC20InsufficientBalance');
        return true;
      });
  });

  test('overrides the state of a call, makes access lists, proofs and fee estimates', async () => {
    const { abi, bytecode } = compile('Acme');
    const { contractAddress: address } = await client.waitForTransactionReceipt(
      { hash: await wallet.deployContract({ abi, bytecode, args: [50n] }) });
    const supply = { slot: `0x${'0'.repeat(63)}2`, value: `0x${(77n).toString(16).padStart(64, '0')}` };
    assert.equal(await client.readContract({
      address, abi, functionName: 'totalSupply', stateOverride: [{ address, stateDiff: [supply] }] }), 77n);
    const data = encodeFunctionData({ abi, functionName: 'transfer', args: [bob.address, 1n] });
    const { accessList, gasUsed } = await client.createAccessList({ account: alice.address, to: address, data });
    assert.equal(accessList[0].address.toLowerCase(), address.toLowerCase());
    assert.equal(accessList[0].storageKeys.length, 2);
    assert.ok(gasUsed > 21000n);
    const proof = await client.getProof({ address, storageKeys: [supply.slot] });
    assert.equal(proof.storageProof[0].value, 50n);
    assert.equal((await client.estimateFeesPerGas()).maxFeePerGas, 0n);
    assert.equal(await client.getGasPrice(), 0n);
    assert.equal((await client.getFeeHistory({ blockCount: 2, rewardPercentiles: [50] })).reward.length, 2);
  });

  test('polls filters for events and blocks', async () => {
    const { abi, bytecode } = compile('Acme');
    const { contractAddress: address } = await client.waitForTransactionReceipt(
      { hash: await wallet.deployContract({ abi, bytecode, args: [50n] }) });
    const events = await client.createContractEventFilter({ address, abi, eventName: 'Transfer' });
    const blocks = await client.createBlockFilter();
    const hash = await wallet.writeContract({ address, abi, functionName: 'transfer', args: [bob.address, 20n] });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.deepEqual((await client.getFilterChanges({ filter: events })).map((one) => one.args.value), [20n]);
    assert.deepEqual(await client.getFilterChanges({ filter: events }), []);
    assert.equal((await client.getFilterLogs({ filter: events })).length, 1);
    assert.ok((await client.getFilterChanges({ filter: blocks })).includes(receipt.blockHash));
    assert.equal(await client.uninstallFilter({ filter: blocks }), true);
  });

  test('sends many calls as one batch', async () => {
    const batched = createPublicClient({ chain: client.chain, transport: http(undefined, { batch: true }) });
    const answers = await Promise.all([batched.getBlockNumber(), batched.getChainId(), batched.getBalance({ address: bob.address })]);
    assert.equal(answers[1], 77002);
    assert.equal(answers[2], parseEther('2'));
  });
});
