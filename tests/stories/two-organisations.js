// Two organisations on one node: chain ids of their own; what is signed for one is refused by
// the other.
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, startNode } from '../e2e/lib/node.js';
import { call, receipt, result } from '../e2e/lib/rpc.js';
import { castProgram, say, shows, story, type } from './story.js';

await story('two-organisations', async () => {
  const alice = Wallet.createRandom();
  const dataDir = newFolder();
  const node = await startNode({ chainId: 88002, fund: [`${alice.address}=100`], dataDir });
  const second = `${node.url}/o/acme`;
  say(node.readyLine);
  const token = readFileSync(path.join(dataDir, 'admin.token'), 'utf8').trim();
  const made = await call(node.url, 'org_create', [{
    label: 'acme', name: 'Acme', symbol: 'ACM', founder: alice.address, transparency: 'open',
  }], { authorization: `Bearer ${token}` });
  say(`org_create acme -> ${JSON.stringify(made.result ?? made.error)}`);
  shows(Boolean(made.result), 'a second organisation was founded on the running node');

  const ids = [];
  for (const url of [node.url, second]) {
    ids.push((await type(castProgram, ['chain-id', '--rpc-url', url])).stdout.trim());
  }
  shows(ids[0] === '88002' && ids[1] !== ids[0] && Number(ids[1]) > 0, 'each has its own chain id');

  const raw = await alice.signTransaction({
    type: 2, chainId: 88002, nonce: 0, to: '0x00000000000000000000000000000000000000aa', value: 1n,
    gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
  });
  say(`\na transfer signed for chain id ${ids[0]}, sent to ${second}:`);
  const refusal = await call(second, 'eth_sendRawTransaction', [raw]);
  say(`  ${JSON.stringify(refusal.error ?? refusal.result)}`);
  shows(/invalid chain id/.test(refusal.error?.message ?? ''), 'refused, with the reason');
  shows(await result(second, 'eth_getTransactionCount', [alice.address, 'pending']) === '0x0', 'nothing was admitted');
  const done = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
  say(`the same bytes sent to ${node.url}: status ${done.status} in block ${Number(done.blockNumber)}`);
  shows(done.status === '0x1', 'taken by the one it was signed for');
  await node.stop();
  rmSync(dataDir, { recursive: true, force: true });
});
