// web3.js 4, unchanged: transfers, a deployment, reads, past events and a decoded custom error.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Wallet } from 'ethers';
import { Web3 } from 'web3';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';

describe('web3.js', () => {
  const [alice, bob, poor] = [0, 1, 2].map(() => Wallet.createRandom());
  let node;
  let web3;
  let token;

  // web3.js without an address would ask a public node of Ethereum's: it never is without one here.
  before(async () => {
    node = await startNode({ chainId: 77004, fund: [`${alice.address}=10`] });
    web3 = new Web3(node.url);
    web3.eth.transactionPollingInterval = 50;
    web3.eth.accounts.wallet.add(alice.privateKey).add(poor.privateKey);
  });
  after(async () => { if (node) assert.equal((await node.stop()).code, 0); });

  test('sees the network', async () => {
    assert.equal(await web3.eth.getChainId(), 77004n);
    assert.equal(await web3.eth.net.getId(), 77004n);
    assert.equal(await web3.eth.net.isListening(), true);
    assert.match(await web3.eth.getNodeInfo(), /^leither\//i);
    assert.equal(await web3.eth.isSyncing(), false);
    assert.equal(await web3.eth.getGasPrice(), 0n);
    assert.equal((await web3.eth.calculateFeeData()).baseFeePerGas, 0n);
    assert.equal((await web3.eth.getFeeHistory(1, 'latest', [50])).oldestBlock, 0n);
  });

  test('sends coin, with and without a fee market', async () => {
    for (const extra of [{}, { gasPrice: 0 }]) {
      const sent = await web3.eth.sendTransaction({ from: alice.address, to: bob.address, value: web3.utils.toWei(1, 'ether'), ...extra });
      assert.equal(sent.status, 1n);
      assert.equal(sent.gasUsed, 21000n);
      const found = await web3.eth.getTransaction(sent.transactionHash);
      assert.equal(found.blockHash, sent.blockHash);
      assert.equal(found.type, extra.gasPrice === 0 ? 0n : 2n);
      const block = await web3.eth.getBlock(sent.blockNumber, true);
      assert.ok(block.transactions.some((one) => one.hash === sent.transactionHash));
    }
    assert.equal(web3.utils.fromWei(await web3.eth.getBalance(bob.address), 'ether'), '2');
    assert.equal(await web3.eth.getTransactionCount(alice.address), 2n);
  });

  // web3.js offers 2.5 gwei as a tip whatever the node says, so an account without coin says 0.
  test('deploys OpenZeppelin ERC20 from a balance of zero', async () => {
    const { abi, bytecode } = compile('Acme');
    token = await new web3.eth.Contract(abi).deploy({ data: bytecode, arguments: [1000] })
      .send({ from: poor.address, gasPrice: '0' });
    assert.equal(await token.methods.symbol().call(), 'ACP');
    assert.equal(await token.methods.balanceOf(poor.address).call(), 1000n);
    assert.equal(await web3.eth.getBalance(poor.address), 0n);
    assert.notEqual(await web3.eth.getCode(token.options.address), '0x');
    assert.notEqual(BigInt(await web3.eth.getStorageAt(token.options.address, 2)), 0n);
  });

  test('estimates, sends and finds the event in the past', async () => {
    const transfer = token.methods.transfer(bob.address, 400);
    const gas = await transfer.estimateGas({ from: poor.address });
    const sent = await transfer.send({ from: poor.address, gasPrice: '0', gas });
    assert.equal(sent.gasUsed, gas);
    assert.equal(sent.events.Transfer.returnValues.value, 400n);
    const found = await token.getPastEvents('Transfer', { filter: { to: bob.address }, fromBlock: 0, toBlock: 'latest' });
    assert.deepEqual(found.map((one) => one.transactionHash), [sent.transactionHash]);
    const logs = await web3.eth.getPastLogs({ address: token.options.address, fromBlock: sent.blockNumber });
    assert.equal(logs.length, 1);
  });

  test('decodes a custom error and a reason in words', async () => {
    await assert.rejects(token.methods.transfer(bob.address, 601).call({ from: poor.address }), (error) => {
      assert.equal(error.cause.errorName, 'ERC20InsufficientBalance');
      assert.equal(error.cause.errorArgs.balance, 600n);
      return true;
    });
    await assert.rejects(token.methods.refuse().call(), (error) => {
      assert.match(error.cause.message, /acme: closed on Sundays/);
      return true;
    });
  });

  test('sends many calls as one batch', async () => {
    const batch = new web3.BatchRequest();
    const calls = [1, 2, 3].map((id) => batch.add({
      id, jsonrpc: '2.0', method: 'eth_getBalance', params: [bob.address, 'latest'] }));
    await batch.execute();
    assert.deepEqual(await Promise.all(calls), Array(3).fill(`0x${(2n * 10n ** 18n).toString(16)}`));
  });

  test('subscribes to heads and logs over WebSocket', async () => {
    const live = new Web3(node.url.replace('http', 'ws'));
    const first = async (kind, options) => {
      const subscription = await live.eth.subscribe(kind, options);
      return new Promise((resolve, reject) => {
        subscription.on('data', resolve);
        subscription.on('error', reject);
      });
    };
    const heard = Promise.all([first('newBlockHeaders'), first('logs', { address: token.options.address })]);
    await live.eth.getBlockNumber();
    const sent = await web3.eth.sendTransaction({
      from: poor.address, to: token.options.address, data: token.methods.transfer(bob.address, 5).encodeABI(), gasPrice: '0' });
    const [head, log] = await heard;
    assert.ok(head.number <= sent.blockNumber);
    assert.equal(log.transactionHash, sent.transactionHash);
    live.currentProvider.disconnect();
  });
});
