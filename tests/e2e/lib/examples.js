// The examples of rpc.discover on a node where nothing happens any more, for clients to replay.
import { Wallet } from 'ethers';
import { startNode } from './node.js';
import { call, receipt, result, sleep } from './rpc.js';

// A node with some blocks, the last of which is made; `node.found` is what is on it: the hashes of
// a transaction and its block, and who sent it.
export async function quietNode(chainId) {
  const alice = Wallet.createRandom();
  const node = await startNode({ chainId, fund: [`${alice.address}=1`], args: ['--pulse', '20'] });
  const raw = await alice.signTransaction({
    type: 2, chainId, nonce: 0, to: alice.address, value: 1n, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0 });
  const { transactionHash, blockHash } = await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
  node.found = { transactionHash, blockHash, sender: alice.address };
  for (let height = '', still = 0; still < 10; await sleep(50)) {
    const now = await result(node.url, 'eth_blockNumber');
    still = now === height ? still + 1 : 0;
    height = now;
  }
  return node;
}

// { result } or { error: { code, message } } of what a client's function did.
const plain = ({ result: good, error }) => (error ? { error: { code: error.code, message: error.message } } : { result: good });

// The parameters with what is on the node in place of what the document made up.
function found(name, params, { transactionHash, blockHash, sender }) {
  const hash = /Block/.test(name) ? blockHash : transactionHash;
  const text = JSON.stringify(params).replaceAll(`0x${'11'.repeat(32)}`, hash)
    .replaceAll('0x00000000000000000000000000000000000a11ce', sender.toLowerCase());
  return JSON.parse(text);
}

// Every example, and again with what is on the node, as { name, params, outcome, isSteady }:
// `outcome` is what the node answers to it, steady if it says the same the next time (a new
// filter, for one, has a new id each time).
export async function examplesOf(node) {
  const document = await result(node.url, 'rpc.discover');
  const examples = [];
  for (const { name, examples: [example] } of document.methods) {
    const given = example.params.map((one) => one.value);
    const real = found(name, given, node.found);
    for (const params of JSON.stringify(real) === JSON.stringify(given) ? [given] : [given, real]) {
      const outcome = plain(await call(node.url, name, params));
      const again = plain(await call(node.url, name, params));
      examples.push({ name, params, outcome, isSteady: JSON.stringify(outcome) === JSON.stringify(again) });
    }
  }
  return { document, examples };
}

// As a language with types sees it: what is absent, null or an empty list is the same to it.
export function withoutNothing(value) {
  if (Array.isArray(value)) return value.map(withoutNothing);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value)
    .filter(([, one]) => one !== null && !(Array.isArray(one) && one.length === 0))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, one]) => [key, withoutNothing(one)]));
}
