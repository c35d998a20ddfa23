// org_getHistory: what an account finds of itself, with OpenZeppelin's tokens, across restarts.
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { Interface, Wallet, getCreateAddress } from 'ethers';
import { compile } from './lib/compile.js';
import { newFolder, program, run, startNode } from './lib/node.js';
import { call, receipt, result } from './lib/rpc.js';

const chainId = 77123;
const alice = Wallet.createRandom();
const bob = Wallet.createRandom();
const zero = `0x${'00'.repeat(20)}`;
const low = (wallet) => wallet.address.toLowerCase();

describe('history', () => {
  const dataDir = newFolder();
  let node;
  let nonce = 0;
  const sent = [];

  const start = async () => { node = await startNode({ chainId, fund: [`${alice.address}=10`], dataDir }); };
  before(start);
  after(async () => {
    if (node) await node.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  async function send(fields) {
    const raw = await alice.signTransaction({
      type: 2, chainId, nonce: nonce++, gasLimit: 3000000, maxFeePerGas: 0, maxPriorityFeePerGas: 0, ...fields,
    });
    const found = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
    assert.equal(found.status, '0x1');
    sent.push(found);
    return found;
  }
  const history = (who, ...rest) => result(node.url, 'org_getHistory', [who, ...rest]);

  async function deploy(file, name, argument = '') {
    const { abi, bytecode } = compile(file, name);
    const address = getCreateAddress({ from: alice.address, nonce });
    await send({ data: bytecode + argument });
    const face = new Interface(abi);
    return { address: address.toLowerCase(), call: (method, ...args) => (
      send({ to: address, data: face.encodeFunctionData(method, args) })) };
  }

  test('tokens of every standard reach who they touch', async () => {
    const points = await deploy('Acme', 'Acme', 1000n.toString(16).padStart(64, '0'));
    const badges = await deploy('Badges', 'Badges');
    const deeds = await deploy('Badges', 'Deeds');
    const moved = await points.call('transfer', bob.address, 40);
    const made = await badges.call('make', bob.address, [5, 6], [50, 60]);
    const deed = await deeds.call('make', bob.address, 9);
    await send({ to: bob.address, value: 123 });

    const { entries, next } = await history(bob.address);
    assert.equal(next, null);
    assert.deepEqual(entries.map((entry) => entry.roles), [['received'], ['tokens'], ['tokens'], ['tokens']]);
    assert.deepEqual(entries.map((entry) => entry.tokenTransfers), [
      [],
      [{ standard: 'ERC-721', token: deeds.address, from: zero, to: low(bob), tokenId: '0x9', amount: '0x1', logIndex: '0x0' }],
      [
        { standard: 'ERC-1155', token: badges.address, from: zero, to: low(bob), tokenId: '0x5', amount: '0x32', logIndex: '0x0' },
        { standard: 'ERC-1155', token: badges.address, from: zero, to: low(bob), tokenId: '0x6', amount: '0x3c', logIndex: '0x0' },
      ],
      [{ standard: 'ERC-20', token: points.address, from: low(alice), to: low(bob), amount: '0x28', logIndex: '0x0' }],
    ]);
    assert.deepEqual(entries.slice(1).map((entry) => entry.transactionHash),
      [deed, made, moved].map((found) => found.transactionHash));
    assert.equal(BigInt(entries[0].value), 123n);

    const folder = newFolder();
    const shown = await run(program('lwallet'), ['history', bob.address, '--rpc', node.url], { env: { HOME: folder } });
    rmSync(folder, { recursive: true, force: true });
    assert.equal(shown.code, 0, shown.stderr);
    const token_lines = shown.stdout.match(/^ {4}.* token .*$/gm).map((line) => line.trim().toLowerCase());
    assert.deepEqual(token_lines, [
      `1 of token ${deeds.address} id 9 from ${zero} to ${low(bob)}`,
      `50 of token ${badges.address} id 5 from ${zero} to ${low(bob)}`,
      `60 of token ${badges.address} id 6 from ${zero} to ${low(bob)}`,
      `40 of token ${points.address} from ${low(alice)} to ${low(bob)}`,
    ]);

    const own = await history(points.address);
    assert.deepEqual(own.entries.map((entry) => entry.roles), [['received'], ['created']]);
    assert.equal(own.entries[1].contractAddress, points.address);
  });

  test('pages of any size tell the same', async () => {
    const whole = (await history(alice.address, 100)).entries;
    assert.equal(whole.length, sent.length + 1);
    assert.deepEqual(whole.at(-1).coins.map((coin) => BigInt(coin.amount)), [10n ** 19n]);
    assert.deepEqual(whole.slice(0, -1).map((entry) => entry.transactionHash),
      sent.map((found) => found.transactionHash).reverse());
    for (const size of [1, 3]) {
      const entries = [];
      let page = { next: null };
      do {
        page = await history(alice.address, size, page.next);
        assert.ok(page.entries.length <= size);
        entries.push(...page.entries);
      } while (page.next !== null);
      assert.deepEqual(entries, whole);
    }
  });

  test('it is there after a kill, and lnode check agrees with it', async () => {
    const before_kill = await history(alice.address, 100);
    await node.kill();
    await start();
    assert.deepEqual(await history(alice.address, 100), before_kill);
    await node.stop();
    const check = await run(program('lnode'), ['check', '--data-dir', dataDir]);
    assert.equal(check.code, 0, check.stdout + check.stderr);
    assert.match(check.stdout, /all is right/);
    await start();
  });

  test('wrong pages are refused in words', async () => {
    assert.match((await call(node.url, 'org_getHistory', [alice.address, 0])).error.message, /1 to 100 entries/);
    assert.match((await call(node.url, 'org_getHistory', [alice.address, 1, '0x00'])).error.message, /`next` of the page before/);
    assert.deepEqual(await history(Wallet.createRandom().address), { entries: [], next: null });
  });
});
