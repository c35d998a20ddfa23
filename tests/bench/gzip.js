// A long answer with and without gzip: what compressing takes of the node's processor time, how much
// shorter the answer becomes, and how long it takes to arrive on this machine.
import http from 'node:http';
import { Wallet } from '../e2e/lib/ethers.js';
import { startNode } from '../e2e/lib/node.js';
import { receipt, result } from '../e2e/lib/rpc.js';
import { cpu_s, median } from './measure.js';

const transfers = 1000;
const turns = 100;

// One answer as it came: its bytes, and milliseconds.
function fetch_bytes(url, body, encoding, agent) {
  const { hostname: host, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const call = http.request({ host, port, method: 'POST', agent,
      headers: { 'content-type': 'application/json', 'accept-encoding': encoding } }, (answer) => {
      let bytes = 0;
      answer.on('data', (part) => { bytes += part.length; });
      answer.on('end', () => resolve({ bytes, ms: performance.now() - began, encoding: answer.headers['content-encoding'] }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function ask(node, body, encoding, agent) {
  const before = cpu_s(node.pid);
  const answers = [];
  for (let i = 0; i < turns; i++) answers.push(await fetch_bytes(node.url, body, encoding, agent));
  if (answers.some((one) => (one.encoding ?? 'identity') !== encoding)) throw new Error(`not all came as ${encoding}`);
  return { bytes: answers[0].bytes, ms: median(answers.map((one) => one.ms)), cpu_ms: ((cpu_s(node.pid) - before) * 1000) / turns };
}

// { megabytes, times_shorter, cpu_ms_a_megabyte, plain_ms, gzip_ms } of a block full of transfers.
export async function measure_gzip() {
  const wallet = Wallet.createRandom();
  const node = await startNode({ fund: [`${wallet.address}=100`] });
  const calls = [];
  for (let nonce = 0; nonce < transfers; nonce++) {
    const raw = await wallet.signTransaction({ chainId: node.chainId, nonce, type: 2, gasLimit: 21000,
      maxFeePerGas: 0, maxPriorityFeePerGas: 0, to: Wallet.createRandom().address, value: nonce });
    calls.push({ jsonrpc: '2.0', id: nonce, method: 'eth_sendRawTransaction', params: [raw] });
  }
  const sent = await (await fetch(node.url, { method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify(calls) })).json();
  await receipt(node.url, sent.at(-1).result);
  const head = Number(await result(node.url, 'eth_blockNumber'));
  const counts = await Promise.all(Array.from({ length: head + 1 }, async (_, height) => (
    Number(await result(node.url, 'eth_getBlockTransactionCountByNumber', [`0x${height.toString(16)}`])))));
  const fullest = counts.indexOf(Math.max(...counts));
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBlockByNumber', params: [`0x${fullest.toString(16)}`, true] });
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const plain = await ask(node, body, 'identity', agent);
  const gzip = await ask(node, body, 'gzip', agent);
  agent.destroy();
  await node.stop();
  const megabytes = plain.bytes / 1e6;
  return { megabytes, times_shorter: plain.bytes / gzip.bytes, cpu_ms_a_megabyte: (gzip.cpu_ms - plain.cpu_ms) / megabytes,
    plain_ms: plain.ms, gzip_ms: gzip.ms };
}
