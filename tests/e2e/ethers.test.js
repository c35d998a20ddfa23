// ethers v6, unchanged: OpenZeppelin's ERC-20 from an account with balance zero.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ContractFactory, JsonRpcProvider, Wallet, formatEther, parseEther } from 'ethers';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';
import { sleep } from './lib/rpc.js';

describe('ethers v6', () => {
  const rich = Wallet.createRandom();
  const poor = Wallet.createRandom();
  const bob = Wallet.createRandom();
  let node;
  let provider;
  let token;

  before(async () => {
    node = await startNode({ chainId: 77001, fund: [`${rich.address}=1000`] });
    provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
    provider.pollingInterval = 50;
  });
  after(async () => {
    provider?.destroy();
    if (node) assert.equal((await node.stop()).code, 0);
  });

  test('sees the chain id and the funded balance', async () => {
    assert.equal((await provider.getNetwork()).chainId, 77001n);
    assert.equal(formatEther(await provider.getBalance(rich.address)), '1000.0');
    assert.equal(await provider.getBalance(poor.address), 0n);
  });

  test('sends coin and finds the receipt in a final block', async () => {
    const sent = await rich.connect(provider).sendTransaction({ to: bob.address, value: parseEther('1.5') });
    const receipt = await sent.wait();
    assert.equal(receipt.status, 1);
    assert.equal(receipt.gasUsed, 21000n);
    assert.equal(await provider.getBalance(bob.address), parseEther('1.5'));
    const block = await provider.getBlock(receipt.blockNumber);
    assert.equal(block.hash, receipt.blockHash);
    assert.ok(block.transactions.includes(sent.hash));
    const final = await provider.getBlock('finalized');
    assert.ok(final.number >= receipt.blockNumber);
    const found = await provider.getTransaction(sent.hash);
    assert.equal(found.from, rich.address);
    assert.equal(found.value, parseEther('1.5'));
  });

  test('deploys OpenZeppelin ERC20 from a balance of zero', async () => {
    const { abi, bytecode } = compile('Acme');
    token = await new ContractFactory(abi, bytecode, poor.connect(provider)).deploy(1000n);
    await token.waitForDeployment();
    assert.equal(await token.symbol(), 'ACP');
    assert.equal(await token.balanceOf(poor.address), 1000n);
    assert.equal(await provider.getBalance(poor.address), 0n);
    assert.notEqual(await provider.getCode(await token.getAddress()), '0x');
  });

  test('transfers tokens and reads the event back', async () => {
    const receipt = await (await token.transfer(bob.address, 400n)).wait();
    const events = receipt.logs.map((log) => token.interface.parseLog(log));
    assert.equal(events.length, 1);
    assert.deepEqual([...events[0].args], [poor.address, bob.address, 400n]);
    assert.equal(await token.balanceOf(bob.address), 400n);
    const found = await token.queryFilter(token.filters.Transfer(poor.address, bob.address));
    assert.equal(found.length, 1);
    assert.equal(found[0].transactionHash, receipt.hash);
    assert.equal(found[0].args.value, 400n);
    assert.deepEqual(await token.queryFilter(token.filters.Transfer(bob.address)), []);
  });

  test('decodes a custom error of a call that reverts', async () => {
    await assert.rejects(token.transfer.staticCall(bob.address, 601n), (error) => {
      assert.equal(error.code, 'CALL_EXCEPTION');
      assert.equal(error.revert.name, 'ERC20InsufficientBalance');
      assert.deepEqual([...error.revert.args], [poor.address, 600n, 601n]);
      return true;
    });
    await assert.rejects(token.connect(bob.connect(provider)).mint(bob.address, 1n), (error) => {
      assert.equal(token.interface.parseError(error.data).name, 'OwnableUnauthorizedAccount');
      return true;
    });
  });

  test('hears the reason in words of a require that fails', async () => {
    await assert.rejects(token.refuse.staticCall(), (error) => {
      assert.equal(error.reason, 'acme: closed on Sundays');
      return true;
    });
  });

  test('a reverted transaction has a receipt with status 0 and changes nothing', async () => {
    const sent = await token.transfer(bob.address, 601n, { gasLimit: 100000 });
    await assert.rejects(sent.wait(), { code: 'CALL_EXCEPTION' });
    const receipt = await provider.getTransactionReceipt(sent.hash);
    assert.equal(receipt.status, 0);
    assert.equal(await token.balanceOf(bob.address), 400n);
  });

  test('a contract sees its block: number, time, chain id, base fee zero', async () => {
    const head = await provider.getBlock('latest');
    const [number, time, chain, fee] = await token.surroundings({ blockTag: head.number });
    assert.equal(number, BigInt(head.number));
    assert.equal(time, BigInt(head.timestamp));
    assert.equal(chain, 77001n);
    assert.equal(fee, 0n);
  });

  test('twenty transactions at once keep their nonces', async () => {
    const signer = rich.connect(provider);
    const first = await provider.getTransactionCount(rich.address);
    const sent = await Promise.all(Array.from({ length: 20 }, (_, i) => signer.sendTransaction(
      { to: bob.address, value: 1n, nonce: first + i, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 })));
    const receipts = await Promise.all(sent.map((one) => one.wait()));
    assert.ok(receipts.every((one) => one.status === 1));
    assert.equal(await provider.getTransactionCount(rich.address), first + 20);
  });

  test('tells fees, storage, proofs and past states', async () => {
    assert.equal((await provider.getFeeData()).gasPrice, 0n);
    const address = await token.getAddress();
    assert.equal(BigInt(await provider.getStorage(address, 2)), 1000n);
    const proof = await provider.send('eth_getProof', [address, ['0x2'], 'latest']);
    assert.equal(BigInt(proof.storageProof[0].value), 1000n);
    const [{ blockNumber }] = await token.queryFilter(token.filters.Transfer(poor.address, bob.address));
    assert.equal(await token.balanceOf(bob.address, { blockTag: blockNumber - 1 }), 0n);
    assert.equal(await token.balanceOf(bob.address, { blockTag: blockNumber }), 400n);
  });

  test('hears of blocks and events by polling', async () => {
    const heard = new Promise((resolve) => { token.once('Transfer', (...args) => resolve(args[2])); });
    const block = new Promise((resolve) => { provider.once('block', resolve); });
    const before = await provider.getBlockNumber();
    await provider.getLogs({ address: await token.getAddress() }); // the listener has its start by now
    const receipt = await (await token.transfer(bob.address, 7n)).wait();
    assert.equal(await heard, 7n);
    assert.ok(await block >= before && receipt.blockNumber > before);
    await sleep(200); // ethers gives its filter back behind the test's back
  });
});
