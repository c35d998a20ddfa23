// Foundry's forge: scripts that broadcast, single deployments, tests on a fork of the ledger.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { JsonRpcProvider, Wallet } from '../e2e/lib/ethers.js';
import { startNode } from '../e2e/lib/node.js';
import { openProject } from './project.js';

describe('forge', () => {
  const alice = Wallet.createRandom();
  let node;
  let project;
  let provider;

  before(async () => {
    node = await startNode({ chainId: 77103, fund: [`${alice.address}=10`] });
    provider = new JsonRpcProvider(node.url);
    project = openProject('foundry', { sources: 'src', contracts: ['Acme', 'Counter'] });
  });
  after(async () => {
    provider?.destroy();
    project?.remove();
    if (node) assert.equal((await node.stop()).code, 0);
  });

  // npm's launcher of forge exits with 0 whatever forge does, so its words are looked at.
  async function forge(args, env = {}) {
    const done = await project.run('forge', args, { env });
    assert.doesNotMatch(done.stderr, /^Error/m, `forge ${args.join(' ')}: ${done.stdout}${done.stderr}`);
    return done.stdout;
  }
  const read = (file) => JSON.parse(readFileSync(path.join(project.folder, file), 'utf8'));
  const broadcast = () => read('broadcast/Deploy.s.sol/77103/run-latest.json');
  const runtime = () => read('out/Counter.sol/Counter.json').deployedBytecode.object;
  const script = ['script', 'script/Deploy.s.sol', '--broadcast', '--rpc-url'];

  test('script --broadcast sends its transactions and finds their receipts', async () => {
    const said = await forge([...script, node.url, '--private-key', alice.privateKey]);
    assert.match(said, /ONCHAIN EXECUTION COMPLETE & SUCCESSFUL/);
    const { transactions, receipts } = broadcast();
    assert.deepEqual(transactions.map((one) => one.function), [null, null, 'raise(uint256)', 'transfer(address,uint256)']);
    assert.deepEqual(receipts.map((one) => one.status), ['0x1', '0x1', '0x1', '0x1']);
    assert.equal(await provider.getCode(transactions[1].contractAddress), runtime());
  });

  test('test --fork-url: tests use what is on the ledger and leave it as it is', async () => {
    const [points, counter] = broadcast().transactions;
    const height = await provider.getBlockNumber();
    const said = await forge(['test', '--fork-url', node.url],
      { POINTS: points.contractAddress, COUNTER: counter.contractAddress });
    assert.match(said, /2 tests passed, 0 failed/);
    assert.equal(BigInt(await provider.getStorage(counter.contractAddress, 0)), 12n);
    assert.ok(await provider.getBlockNumber() - height <= 5, 'only the empty blocks after the script');
  });

  test('test --fork-block-number: before the script there was nothing', async () => {
    const { receipts, transactions } = broadcast();
    const before = Number(receipts[0].blockNumber) - 1;
    const said = await forge(['test', '--fork-url', node.url, '--fork-block-number', String(before)],
      { POINTS: transactions[0].contractAddress, COUNTER: transactions[1].contractAddress });
    assert.match(said, /0 tests passed, 2 failed/);
  });

  test('create --broadcast deploys one contract', async () => {
    const made = JSON.parse(await forge(['create', 'src/Counter.sol:Counter', '--broadcast', '--json', '--rpc-url', node.url,
      '--private-key', alice.privateKey, '--constructor-args', '9']));
    assert.equal(await provider.getCode(made.deployedTo), runtime());
    assert.equal(BigInt(await provider.getStorage(made.deployedTo, 0)), 9n);
  });

  // forge offers at least 1 wei a gas unless it is told otherwise (docs/differences.md).
  test('script --broadcast --slow from a balance of zero', async () => {
    const poor = Wallet.createRandom();
    await forge([...script, node.url, '--slow', '--private-key', poor.privateKey,
      '--with-gas-price', '0', '--priority-gas-price', '0']);
    assert.equal(await provider.getBalance(poor.address), 0n);
    assert.equal(await provider.getTransactionCount(poor.address), 4);
  });
});
