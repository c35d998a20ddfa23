// Foundry's cast, unchanged.
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
  let node;

  before(async () => { node = await startNode({ chainId: 77003, fund: [`${alice.address}=10`] }); });
  after(async () => { if (node) await node.stop(); });

  async function cast(command, ...args) {
    const done = await run(castProgram, [command, '--rpc-url', node.url, ...args], { env: { NO_COLOR: '1' } });
    assert.ok(done.code === 0 && done.stdout !== '', `cast ${command} ${args.join(' ')}: ${done.stderr}${done.stdout}`);
    return done.stdout.trim();
  }

  test('chain-id, balance, send, receipt, block latest', async () => {
    assert.equal(await cast('chain-id'), '77003');
    assert.equal(await cast('balance', alice.address), '10000000000000000000');
    const sent = JSON.parse(await cast('send', '--json', '--private-key', alice.privateKey,
      bob.address, '--value', '1ether'));
    assert.equal(sent.status, '0x1');
    assert.equal(await cast('balance', bob.address), '1000000000000000000');
    const block = JSON.parse(await cast('block', 'latest', '--json'));
    assert.ok(BigInt(block.number) >= BigInt(sent.blockNumber));
    assert.equal(BigInt(block.baseFeePerGas), 0n);
    assert.equal(JSON.parse(await cast('receipt', '--json', sent.transactionHash)).status, '0x1');
  });

  test('send from a balance of zero, deploy and call', async () => {
    const poor = Wallet.createRandom();
    const { bytecode } = compile('Acme');
    const argument = 1234n.toString(16).padStart(64, '0');
    // cast offers at least 1 wei a gas unless it is told otherwise (docs/differences.md).
    const made = JSON.parse(await cast('send', '--json', '--private-key', poor.privateKey,
      '--gas-price', '0', '--priority-gas-price', '0', '--create', bytecode + argument));
    assert.equal(made.status, '0x1');
    const total = await cast('call', made.contractAddress, 'totalSupply()(uint256)');
    assert.match(total, /^1234\b/);
    assert.equal(await cast('call', made.contractAddress, 'symbol()(string)'), '"ACP"');
    assert.equal(await cast('nonce', poor.address), '1');
  });
});
