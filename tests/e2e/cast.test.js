// Foundry's cast, unchanged: every command of it that asks a node and needs nothing but the node.
import assert from 'node:assert/strict';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Wallet } from 'ethers';
import { compile } from './lib/compile.js';
import { run, startNode } from './lib/node.js';

const castProgram = path.join(import.meta.dirname, 'node_modules/.bin/cast');

describe('cast', () => {
  const alice = Wallet.createRandom();
  const bob = Wallet.createRandom();
  const poor = Wallet.createRandom();
  // cast offers at least 1 wei a gas unless it is told otherwise (docs/differences.md).
  const free = ['--gas-price', '0', '--priority-gas-price', '0'];
  const { bytecode } = compile('Acme');
  let node;
  let token;
  let deployed;

  before(async () => { node = await startNode({ chainId: 77003, fund: [`${alice.address}=10`] }); });
  after(async () => { if (node) await node.stop(); });

  const ask = (args) => run(castProgram, [args[0], '--rpc-url', node.url, ...args.slice(1)],
    { env: { NO_COLOR: '1' } });

  // npm's launcher of cast exits with 0 whatever cast does: what failed has said nothing.
  async function cast(...args) {
    const done = await ask(args);
    assert.ok(done.code === 0 && done.stdout !== '', `cast ${args.join(' ')}: ${done.stderr}${done.stdout}`);
    return done.stdout.trim();
  }
  const json = async (...args) => JSON.parse(await cast(...args, '--json'));

  test('chain-id, client, gas-price, base-fee, balance', async () => {
    assert.equal(await cast('chain-id'), '77003');
    assert.match(await cast('client'), /^leither/i);
    assert.equal(await cast('gas-price'), '0');
    assert.equal(await cast('base-fee'), '0');
    assert.equal(await cast('balance', alice.address), '10000000000000000000');
    assert.equal(await cast('balance', '--ether', alice.address), '10.000000000000000000');
  });

  test('send, tx, receipt, block, block-number, age, find-block', async () => {
    const sent = await json('send', '--private-key', alice.privateKey, bob.address, '--value', '1ether');
    assert.equal(sent.status, '0x1');
    assert.equal(await cast('balance', bob.address), '1000000000000000000');
    assert.equal((await json('receipt', sent.transactionHash)).status, '0x1');
    const tx = await json('tx', sent.transactionHash);
    assert.equal(tx.to, bob.address.toLowerCase());
    assert.equal(tx.blockHash, sent.blockHash);
    const block = await json('block', 'latest');
    assert.ok(BigInt(block.number) >= BigInt(sent.blockNumber));
    assert.equal(BigInt(block.baseFeePerGas), 0n);
    const full = await json('block', '--full', String(Number(sent.blockNumber)));
    assert.equal(full.transactions[0].hash, sent.transactionHash);
    assert.ok(Number(await cast('block-number')) >= Number(block.number));
    assert.match(await cast('age', 'latest'), /20\d\d/);
    assert.ok(Number(await cast('find-block', String(Number(block.timestamp)))) <= Number(await cast('block-number')));
  });

  test('send --create from a balance of zero, code, codesize, codehash, nonce, call', async () => {
    const argument = 1234n.toString(16).padStart(64, '0');
    deployed = await json('send', '--private-key', poor.privateKey, ...free, '--create', bytecode + argument);
    assert.equal(deployed.status, '0x1');
    token = deployed.contractAddress;
    const code = await cast('code', token);
    assert.equal(await cast('codesize', token), String(code.length / 2 - 1));
    assert.match(await cast('codehash', token), /^0x[0-9a-f]{64}$/);
    assert.equal(await cast('nonce', poor.address), '1');
    assert.match(await cast('call', token, 'totalSupply()(uint256)'), /^1234\b/);
    assert.equal(await cast('call', token, 'symbol()(string)'), '"ACP"');
    assert.match(await cast('call', token, 'balanceOf(address)(uint256)', poor.address, '--block', 'finalized'), /^1234\b/);
  });

  test('estimate, mktx, publish, logs, storage', async () => {
    const transfer = [token, 'transfer(address,uint256)', bob.address, '34'];
    assert.ok(Number(await cast('estimate', '--from', poor.address, ...transfer)) > 21000);
    const raw = await cast('mktx', '--private-key', poor.privateKey, ...free, ...transfer);
    const done = await json('publish', raw);
    assert.equal(done.status, '0x1');
    const logs = await json('logs', '--from-block', '0', '--address', token, 'Transfer(address indexed,address indexed,uint256)', poor.address);
    assert.deepEqual(logs.map((one) => one.transactionHash), [done.transactionHash]);
    assert.equal(BigInt(await cast('storage', token, '2')), 1234n);
    assert.match(await cast('call', token, 'balanceOf(address)(uint256)', bob.address), /^34\b/);
  });

  test('what reverts says why', async () => {
    const refused = await ask(['call', token, 'refuse()']);
    assert.match(refused.stderr, /acme: closed on Sundays/);
    const estimate = await ask(['estimate', '--from', poor.address, token, 'transfer(address,uint256)', bob.address, '9999']);
    assert.match(estimate.stderr, /data: "0xe450d38c/);
  });

  test('rpc, and a method that does not exist', async () => {
    assert.equal(await cast('rpc', 'eth_chainId'), `"0x${(77003).toString(16)}"`);
    assert.equal(await cast('rpc', 'net_version'), '"77003"');
    assert.match((await ask(['rpc', 'eth_mining_now'])).stderr, /-32601/);
  });

  // cast runs a past transaction again on its own machine, from the state before its block.
  test('run: a past transaction traced by cast itself', async () => {
    const sent = await json('send', '--private-key', poor.privateKey, ...free, token, 'transfer(address,uint256)', bob.address, '1');
    const said = await cast('run', sent.transactionHash);
    assert.match(said, /Transaction successfully executed/);
    assert.match(said, /emit Transfer|topic 0: 0xddf252ad/);
    assert.match(said, new RegExp(`Gas used: ${Number(sent.gasUsed)}\\b`));
  });

  test('proof, implementation, admin', async () => {
    const proof = await json('proof', token, '2');
    assert.equal(proof.address, token.toLowerCase());
    assert.equal(BigInt(proof.storageProof[0].value), 1234n);
    assert.ok(proof.accountProof.length > 0);
    assert.match(await cast('implementation', token), /0x0{40}$/);
    assert.match(await cast('admin', token), /0x0{40}$/);
  });

  test('the same over WebSocket', async () => {
    const done = await run(castProgram, ['balance', '--rpc-url', node.url.replace('http', 'ws'), bob.address]);
    assert.equal(done.stdout.trim(), '1000000000000000000', done.stderr);
  });

  test('access-list and trace', async () => {
    const list = await json('access-list', '--from', poor.address, token, 'transfer(address,uint256)', bob.address, '1');
    assert.equal(list.accessList[0].address, token.toLowerCase());
    const trace = JSON.parse(await cast('rpc', 'debug_traceTransaction', deployed.transactionHash, '{"tracer":"callTracer"}'));
    assert.equal(trace.type, 'CREATE');
    assert.equal(trace.to, token.toLowerCase());
  });
});
