// Set-code transactions (EIP-7702) end to end: what an authorization does, what clients are shown,
// what calls and estimates make of one, and what is refused.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ContractFactory, Interface, JsonRpcProvider, Transaction, Wallet, ZeroAddress, toQuantity } from 'ethers';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';
import { call, receipt, result } from './lib/rpc.js';

const chainId = 77090;
const designator = (address) => `0xef0100${address.slice(2).toLowerCase()}`;

// An authorization as JSON-RPC has it.
const shown = ({ address, chainId: chain, nonce, signature }) => ({
  chainId: toQuantity(chain), address, nonce: toQuantity(nonce), yParity: toQuantity(signature.yParity),
  r: toQuantity(signature.r), s: toQuantity(signature.s),
});

describe('set-code transactions', () => {
  const alice = Wallet.createRandom();
  const { abi, bytecode } = compile('Batch');
  const calls = new Interface(abi);
  let node;
  let signer;
  let batch;
  let bob;

  before(async () => {
    node = await startNode({ chainId, fund: [`${alice.address}=100`] });
    const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
    provider.pollingInterval = 50;
    signer = alice.connect(provider);
    const deployed = await new ContractFactory(abi, bytecode, signer).deploy();
    await deployed.waitForDeployment();
    batch = await deployed.getAddress();
  });
  after(async () => {
    signer?.provider.destroy();
    if (node) await node.stop();
  });

  const authorize = (who, nonce, address = batch, chain = chainId) => who.authorize({ address, nonce, chainId: chain });
  // Signs and sends past the library's own checks. Returns the answer of the node.
  const send_raw = async (fields, who = signer) => {
    const tx = Transaction.from({
      type: 4, chainId, nonce: await signer.provider.getTransactionCount(who.address), gasLimit: 200000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, ...fields });
    tx.signature = new Wallet(who.privateKey).signingKey.sign(tx.unsignedHash);
    return call(node.url, 'eth_sendRawTransaction', [tx.serialized]);
  };
  const code_of = (who) => result(node.url, 'eth_getCode', [who.address, 'latest']);

  test('an authorization makes an account run code, and is shown as geth shows it', async () => {
    bob = Wallet.createRandom();
    const authorization = await authorize(bob, 0);
    const sent = await signer.sendTransaction({ type: 4, to: bob.address, value: 9n, authorizationList: [authorization] });
    const found = await receipt(node.url, sent.hash);
    assert.equal(found.type, '0x4');
    assert.equal(found.status, '0x1');
    assert.equal(await code_of(bob), designator(batch));
    assert.equal(await result(node.url, 'eth_getTransactionCount', [bob.address, 'latest']), '0x1');
    const tx = await result(node.url, 'eth_getTransactionByHash', [sent.hash]);
    assert.equal(tx.type, '0x4');
    assert.deepEqual(tx.accessList, []);
    assert.ok('maxFeePerGas' in tx && 'maxPriorityFeePerGas' in tx);
    assert.deepEqual(tx.authorizationList, [{ ...shown(authorization), address: batch.toLowerCase() }]);
    const block = await result(node.url, 'eth_getBlockByHash', [found.blockHash, true]);
    assert.deepEqual(block.transactions[0], tx);
  });

  test('the delegate runs in the account, for its owner alone, who still sends', async () => {
    const carol = Wallet.createRandom();
    const data = calls.encodeFunctionData('make', [[{ to: carol.address, value: 4n, data: '0x' }]]);
    const refused = await call(node.url, 'eth_call', [{ from: alice.address, to: bob.address, data }]);
    assert.equal(refused.error.code, 3);
    assert.equal(calls.parseError(refused.error.data).name, 'NotTheOwner');
    const done = await (await bob.connect(signer.provider).sendTransaction({ to: bob.address, data })).wait();
    assert.equal(done.status, 1);
    assert.equal(await signer.provider.getBalance(carol.address), 4n);
    assert.equal(done.logs[0].address, bob.address, 'the event is of the account');
  });

  test('an authorization of another chain, a wrong nonce or a broken signature is passed over', async () => {
    const dave = Wallet.createRandom();
    const good = await authorize(dave, 0);
    const lists = [[await authorize(dave, 0, batch, chainId + 1)], [await authorize(dave, 1)]];
    for (const authorizationList of lists) {
      const sent = await signer.sendTransaction({ type: 4, to: dave.address, authorizationList });
      const done = await sent.wait();
      assert.equal(done.status, 1);
      assert.equal(done.gasUsed, 46000n, 'paid for all the same');
      assert.equal(await code_of(dave), '0x');
    }
    const answer = await call(node.url, 'eth_call', [
      { to: dave.address, authorizationList: [{ ...shown(good), s: `0x${'ff'.repeat(32)}` }] }]);
    assert.equal(answer.result, '0x', 'nobody signed it: nothing runs');
    const everywhere = await signer.sendTransaction({ type: 4, to: dave.address, authorizationList: [await authorize(dave, 0, batch, 0)] });
    await everywhere.wait();
    assert.equal(await code_of(dave), designator(batch), 'chain id 0 is every chain');
  });

  test('calls and estimates take authorizations', async () => {
    const erin = Wallet.createRandom();
    const authorizationList = [shown(await authorize(erin, 0))];
    const data = calls.encodeFunctionData('orders');
    assert.equal(await result(node.url, 'eth_call', [{ to: erin.address, data }]), '0x');
    assert.equal(await result(node.url, 'eth_call', [{ to: erin.address, data, authorizationList }]), `0x${'00'.repeat(32)}`);
    assert.equal(await code_of(erin), '0x', 'a call changes nothing');
    const gas = BigInt(await result(node.url, 'eth_estimateGas', [{ from: alice.address, to: erin.address, data, authorizationList }]));
    const nonce = await signer.getNonce();
    const sent = await signer.sendTransaction({ type: 4, to: erin.address, data, authorizationList: [await authorize(erin, 0)], gasLimit: gas, nonce });
    assert.equal((await sent.wait()).status, 1, 'the estimate is enough');
    const empty = await call(node.url, 'eth_call', [{ to: erin.address, authorizationList: [] }]);
    assert.match(empty.error.message, /empty auth list/);
    const creation = await call(node.url, 'eth_call', [{ data: '0x00', authorizationList }]);
    assert.match(creation.error.message, /cannot be used to create contract/);
  });

  test('what is no set-code transaction is refused in words', async () => {
    const good = await authorize(bob, 2);
    assert.match((await send_raw({ to: bob.address, authorizationList: [] })).error.message, /empty auth list/);
    assert.match((await send_raw({ to: null, authorizationList: [good] })).error.message, /cannot be used to create contract/);
    assert.match((await send_raw({ to: bob.address, authorizationList: [good], gasLimit: 45999 })).error.message, /intrinsic gas too low/);
    assert.match((await send_raw({ to: bob.address, authorizationList: [good], gasLimit: 16777217 })).error.message, /gas limit too high \(cap: 16777216/);
    assert.match((await send_raw({ type: 2, to: bob.address, data: `0x${'01'.repeat(1000)}`, gasLimit: 60999 })).error.message,
      /insufficient gas for floor data gas cost: gas 60999, minimum needed 61000/);
    const next = await signer.provider.getTransactionCount(bob.address);
    assert.match((await send_raw({ type: 2, to: bob.address, nonce: next + 1 }, bob)).error.message, /gapped-nonce tx from delegated accounts/);
  });

  test('address zero makes it a plain account again', async () => {
    const nonce = await signer.provider.getTransactionCount(bob.address);
    const sent = await signer.sendTransaction({ type: 4, to: bob.address, authorizationList: [await authorize(bob, nonce, ZeroAddress)] });
    assert.equal((await sent.wait()).status, 1);
    assert.equal(await code_of(bob), '0x');
    assert.equal(await result(node.url, 'eth_getCode', [bob.address, toQuantity((await sent.wait()).blockNumber - 1)]), designator(batch), 'the block before still has it');
  });
});

test('a ledger of Cancun knows no type 4', async () => {
  const alice = Wallet.createRandom();
  const node = await startNode({ chainId, fund: [`${alice.address}=1`], args: ['--fork', 'cancun'] });
  try {
    const authorization = await alice.authorize({ address: alice.address, nonce: 0, chainId });
    const raw = await alice.signTransaction({
      type: 4, chainId, nonce: 0, to: alice.address, gasLimit: 100000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, authorizationList: [authorization] });
    assert.match((await call(node.url, 'eth_sendRawTransaction', [raw])).error.message, /transaction type not supported/);
    const answer = await call(node.url, 'eth_call', [{ to: alice.address, authorizationList: [shown(authorization)] }]);
    assert.match(answer.error.message, /transaction type not supported/);
  } finally {
    await node.stop();
  }
});
