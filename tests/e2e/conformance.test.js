// Every answer of every method against the public execution-apis schemas; a method they do not
// know against the schema it declares itself in rpc.discover.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { crc32 } from 'node:zlib';
import Ajv from 'ajv/dist/2020.js';
import { ContractFactory, Interface, JsonRpcProvider, Wallet } from 'ethers';
import { goodCalls } from './lib/cases.js';
import { compile } from './lib/compile.js';
import { startNode } from './lib/node.js';
import { call, post, result } from './lib/rpc.js';

const vectors = path.resolve(process.env.LEITHER_VECTORS ?? path.resolve(import.meta.dirname, '../../../shared/vectors'));
const file = path.join(vectors, 'execution-apis/openrpc.json');
const skip = existsSync(file) ? false : `no ${file}: set LEITHER_VECTORS`;

const ajv = new Ajv({ strict: false, allErrors: false });
const compiled = new Map();
function validator(document, name) {
  const method = document.methods.find((one) => one.name === name);
  if (!method) return null;
  // An empty list is a list of hashes and one of logs alike: `oneOf` would refuse it.
  const results = document.components.schemas.FilterResults;
  if (results.oneOf) {
    results.anyOf = results.oneOf;
    delete results.oneOf;
  }
  const key = `${document.info.title} ${name}`;
  if (!compiled.has(key)) compiled.set(key, ajv.compile({ ...method.result.schema, components: document.components }));
  return compiled.get(key);
}

describe('answers and the execution-apis schemas', { skip }, () => {
  const spec = skip ? null : JSON.parse(readFileSync(file, 'utf8'));
  const alice = Wallet.createRandom();
  const carol = Wallet.createRandom();
  let node;
  let slow; // lets what comes wait
  let served;
  let on;
  let token_headers;
  const nodes = [];

  async function start(chainId, args) {
    const started = await startNode({ chainId, fund: [`${alice.address}=100`, `${carol.address}=100`], args });
    nodes.push(started);
    return started;
  }

  // Transactions of all types, a creation, logs, a failure; heights and hashes of them all.
  async function fill() {
    const provider = new JsonRpcProvider(node.url, undefined, { cacheTimeout: -1 });
    provider.pollingInterval = 30;
    const signer = alice.connect(provider);
    const { abi, bytecode } = compile('Acme');
    const token = await new ContractFactory(abi, bytecode, signer).deploy(1000n, { type: 2 });
    const address = await token.getAddress();
    const made = await token.deploymentTransaction().wait();
    const calls = new Interface(abi);
    const transfer = calls.encodeFunctionData('transfer', [carol.address, 1n]);
    const authorization = await alice.authorize({ address, nonce: 0, chainId: 77050 });
    const hashes = [made.hash];
    let nonce = await signer.getNonce();
    for (const fields of [
      { type: 0, gasPrice: 0n, to: carol.address, value: 1n },
      { type: 1, gasPrice: 0n, to: address, data: transfer, accessList: [{ address, storageKeys: [`0x${'0'.repeat(63)}2`] }] },
      { type: 2, to: address, data: transfer },
      { type: 2, to: address, data: calls.encodeFunctionData('refuse'), gasLimit: 60000n },
      { type: 4, to: carol.address, authorizationList: [authorization] },
    ]) {
      const sent = await signer.sendTransaction({ ...fields, nonce: nonce++ });
      hashes.push(sent.hash);
      await provider.waitForTransaction(sent.hash);
    }
    const receipts = await Promise.all(hashes.map((hash) => result(node.url, 'eth_getTransactionReceipt', [hash])));
    assert.deepEqual(receipts.map((receipt) => receipt.type), ['0x2', '0x0', '0x1', '0x2', '0x2', '0x4']);
    assert.equal(receipts[4].status, '0x0');
    assert.ok(receipts[2].logs.length > 0);
    let carols = 0;
    const signedByCarol = [];
    for (let i = 0; i < 8; i++) {
      signedByCarol.push(await carol.signTransaction({ type: 2, chainId: 77050, nonce: i, gasLimit: 21000n, to: alice.address, value: 1n }));
    }
    on = {
      alice: alice.address.toLowerCase(),
      token: address.toLowerCase(),
      balanceOf: calls.encodeFunctionData('balanceOf', [alice.address]),
      transfer,
      hashes,
      heights: [...new Set(receipts.map((receipt) => receipt.blockNumber))],
      blockHash: receipts[2].blockHash,
      unknownHash: `0x${'12'.repeat(32)}`,
      unknownAddress: Wallet.createRandom().address.toLowerCase(),
      raw: () => signedByCarol[carols++],
      ask: (method, params) => result(node.url, method, params),
    };
    provider.destroy();
  }

  before(async () => {
    node = await start(77050, ['--pulse', '20']);
    slow = await start(77051, ['--pulse', '3600000']);
    token_headers = { authorization: `Bearer ${readFileSync(path.join(node.dataDir, 'admin.token'), 'utf8').trim()}` };
    served = await result(node.url, 'rpc.discover');
    await fill();
  });
  after(async () => { for (const one of nodes) await one.stop(); });

  function check(name, params, answer) {
    const validate = validator(spec, name) ?? validator(served, name);
    assert.ok('result' in answer, `${name} ${JSON.stringify(params)}: ${answer.error?.message}`);
    assert.ok(validate(answer.result), `${name} ${JSON.stringify(params)}: ${ajv.errorsText(validate.errors)}\n${JSON.stringify(answer.result).slice(0, 2000)}`);
    const own = validator(served, name);
    assert.ok(own(answer.result), `${name} ${JSON.stringify(params)}, against its own schema: ${ajv.errorsText(own.errors)}`);
  }

  test('every method of rpc.discover has good calls, and none is left over', () => {
    assert.deepEqual(served.methods.map((method) => method.name).filter((name) => !goodCalls[name]), []);
    assert.deepEqual(Object.keys(goodCalls).filter((name) => !served.methods.some((method) => method.name === name)), []);
  });

  test('every answer to a good call validates', async () => {
    for (const { name } of served.methods) {
      for (const params of await goodCalls[name]?.(on) ?? []) check(name, params, await call(node.url, name, params, token_headers));
    }
  });

  test('what waits in the pool validates: transactions, the pending block, the pool', async () => {
    const send = async (nonce, fields = {}) => result(slow.url, 'eth_sendRawTransaction', [await alice.signTransaction({
      type: 2, chainId: 77051, nonce, gasLimit: 60000n, to: carol.address, value: 1n, ...fields })]);
    const waiting = [
      await send(0),
      await send(1, { type: 0, gasPrice: 0n }),
      await send(2, { type: 1, gasPrice: 0n, accessList: [] }),
      await send(4),
    ];
    const ask = async (name, params) => {
      const answer = await call(slow.url, name, params);
      check(name, params, answer);
      return answer.result;
    };
    assert.deepEqual(await ask('txpool_status', []), { pending: '0x3', queued: '0x1' });
    const content = await ask('txpool_content', []);
    assert.deepEqual(Object.keys(content.pending[alice.address]), ['0', '1', '2']);
    assert.deepEqual(Object.keys(content.queued[alice.address]), ['4']);
    await ask('txpool_contentFrom', [alice.address]);
    await ask('txpool_inspect', []);
    for (const isWhole of [true, false]) {
      const block = await ask('eth_getBlockByNumber', ['pending', isWhole]);
      assert.deepEqual(block.transactions.map((tx) => tx.hash ?? tx), waiting.slice(0, 3));
    }
    assert.equal(await ask('eth_getBlockTransactionCountByNumber', ['pending']), '0x3');
    assert.equal((await ask('eth_getTransactionByBlockNumberAndIndex', ['pending', '0x2'])).hash, waiting[2]);
    const before = BigInt(await ask('eth_getBalance', [carol.address, 'latest']));
    assert.equal(BigInt(await ask('eth_getBalance', [carol.address, 'pending'])), before + 3n);
    const balanceOf = { input: `0x73${carol.address.slice(2)}315f5260205ff3` }; // code that answers with it
    const traced = await ask('debug_traceCall', [balanceOf, 'pending', { tracer: 'callTracer' }]);
    assert.equal(BigInt(traced.output), before + 3n, 'a traced call sees what waits');
    await ask('eth_getTransactionCount', [alice.address, 'pending']);
    for (const hash of waiting) {
      const { blockHash, ...tx } = await result(slow.url, 'eth_getTransactionByHash', [hash]);
      assert.equal(blockHash, null);
      assert.equal(tx.hash, hash);
    }
  });

  test('eth_config names the rules of the fork, eth_capabilities what is kept', async () => {
    const genesis = (await result(node.url, 'eth_getBlockByNumber', ['0x0', false])).hash;
    const { current, next, last } = await result(node.url, 'eth_config');
    assert.deepEqual([next, last], [null, null]);
    assert.equal(Number(current.forkId), crc32(Buffer.from(genesis.slice(2), 'hex')));
    assert.equal(Number(current.chainId), 77050);
    assert.equal(Object.keys(current.precompiles).length, 18);
    assert.ok(!(await result(node.url, 'eth_getCode', [current.systemContracts.BEACON_ROOTS_ADDRESS, 'latest'])).endsWith('0x'));
    const old = (await result((await start(77052, ['--fork', 'cancun'])).url, 'eth_config')).current;
    assert.equal(Object.keys(old.precompiles).length, 10);
    assert.deepEqual(Object.keys(old.systemContracts), ['BEACON_ROOTS_ADDRESS']);
    const { head, state, stateproofs } = await result(node.url, 'eth_capabilities');
    assert.equal((await result(node.url, 'eth_getBlockByNumber', [head.number, false])).hash, head.hash);
    assert.deepEqual(state, { disabled: false, oldestBlock: '0x0' });
    await result(node.url, 'eth_getProof', [on.alice, [], stateproofs.oldestBlock]);
    const { error } = await call(node.url, 'eth_getStorageValues', [{}, 'latest']);
    assert.equal(error.code, -32601);
    assert.match(error.message, /use eth_getStorageAt/);
  });

  test('errors are JSON-RPC errors', async () => {
    for (const [name, params] of [['eth_nothing', []], ['eth_getBalance', []], ['eth_getBalance', [on.alice, '0xffffff']],
      ['eth_call', [{ to: on.token, data: '0x00000000' }]], ['eth_sendRawTransaction', ['0x00']], ['eth_sendTransaction', [{}]]]) {
      const { json } = await post(node.url, { jsonrpc: '2.0', id: 'an id', method: name, params });
      assert.deepEqual(Object.keys(json).sort(), ['error', 'id', 'jsonrpc']);
      assert.equal(json.id, 'an id');
      assert.ok(Number.isInteger(json.error.code));
      assert.equal(typeof json.error.message, 'string');
      assert.deepEqual(Object.keys(json.error).filter((key) => !['code', 'message', 'data'].includes(key)), []);
      if ('data' in json.error) assert.match(json.error.data, /^0x([0-9a-f]{2})*$/);
    }
  });
});
