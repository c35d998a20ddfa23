// Heads, logs and admitted transactions arriving over WebSocket while transfers go on; the same
// by polling filters over HTTP; and what becomes of a client that does not read.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Contract, ContractFactory, Wallet, WebSocketProvider } from '../e2e/lib/ethers.js';
import { startNode } from '../e2e/lib/node.js';
import { call, receipt, result, sleep } from '../e2e/lib/rpc.js';
import { openSocket } from '../e2e/lib/websocket.js';
import { castProgram, say, shows, story, type } from './story.js';

const until = async (good, wait_ms = 20000) => {
  for (const end = Date.now() + wait_ms; !good() && Date.now() < end;) await sleep(20);
  return good();
};
const short = (text) => `${text.slice(0, 10)}..`;

await story('subscriptions', async () => {
  const alice = Wallet.createRandom();
  const node = await startNode({ chainId: 88020, fund: [`${alice.address}=100`] });
  const url = node.url.replace('http', 'ws');
  say(node.readyLine);
  await type(castProgram, ['chain-id', '--rpc-url', url]);

  say('\nA guestbook, deployed over WebSocket by ethers:');
  const provider = new WebSocketProvider(url);
  const signer = alice.connect(provider);
  let nonce = 0; // ethers asks for it at most every 250 ms
  const { abi, bytecode } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../docs/tour/Guestbook.json')));
  const guestbook = await new ContractFactory(abi, bytecode, signer).deploy({ nonce: nonce++ });
  await guestbook.waitForDeployment();
  const address = await guestbook.getAddress();
  say(`  at ${address}`);

  say('\nA client subscribes, others write and pay:');
  const client = await openSocket(url);
  const ids = {};
  for (const params of [['newHeads'], ['logs', { address }], ['newPendingTransactions']]) {
    ids[params[0]] = await client.result('eth_subscribe', params);
    say(`> eth_subscribe ${JSON.stringify(params)}  ->  ${short(ids[params[0]])}`);
  }
  const filter = await result(node.url, 'eth_newFilter', [{ address }]);
  const written = abi.find((one) => one.type === 'function' && one.stateMutability !== 'view');
  const book = new Contract(address, abi, signer);
  const sent = [];
  for (let round = 0; round < 3; round++) {
    sent.push(await signer.sendTransaction({ to: '0x00000000000000000000000000000000000000bb', value: 1n, nonce: nonce++ }));
    sent.push(await book[written.name](`entry ${round}`, { nonce: nonce++ }));
    await sent.at(-1).wait();
  }
  const of = (name) => client.told.filter((one) => one.subscription === ids[name]).map((one) => one.result);
  await until(() => of('logs').length === 3 && of('newPendingTransactions').length === sent.length);
  for (const { subscription, result: one } of client.told) {
    if (subscription === ids.newHeads) say(`< block ${Number(one.number)} ${short(one.hash)} gas used ${Number(one.gasUsed)}`);
    else if (subscription === ids.logs) say(`< log ${Number(one.logIndex)} of block ${Number(one.blockNumber)}: ${book.interface.parseLog(one).args.at(-1)}`);
    else say(`< admitted ${short(one)}`);
  }
  const heights = of('newHeads').map((one) => Number(one.number));
  shows(heights.length >= 3 && heights.every((height, at) => at === 0 || height === heights[at - 1] + 1),
    'every block came once, in order');
  shows(of('logs').length === 3, 'every log of the guestbook came, and no other');
  shows(sent.every((one) => of('newPendingTransactions').includes(one.hash)), 'every transaction was told of when it was admitted');
  const changes = await result(node.url, 'eth_getFilterChanges', [filter]);
  shows(JSON.stringify(changes) === JSON.stringify(of('logs')), 'a filter polled over HTTP has the same logs');
  shows((await result(node.url, 'eth_getFilterChanges', [filter])).length === 0, 'and nothing more the second time');
  const refused = await call(node.url, 'eth_subscribe', ['newHeads']);
  say(`\neth_subscribe over HTTP: ${refused.error.message}`);

  say('\nA client that does not read, while large logs are written:');
  const slow = await openSocket(url);
  await slow.result('eth_subscribe', ['logs']);
  slow.pause();
  for (let round = 0; round < 160; round++) {
    const raw = await alice.signTransaction({
      type: 2, chainId: 88020, nonce: nonce++, data: '0x620186a06000a000', gasLimit: 1500000,
      maxFeePerGas: 0, maxPriorityFeePerGas: 0,
    });
    const hash = await result(node.url, 'eth_sendRawTransaction', [raw]);
    if (round % 10 === 9) await receipt(node.url, hash);
  }
  slow.resume();
  await until(() => slow.closed, 30000);
  say(`< close ${slow.closed?.code} ${slow.closed?.reason}`);
  shows(slow.closed?.code === 1008, 'it was dropped with the reason');
  shows(client.closed === null, 'the other client is still there');
  await provider.destroy();
  const stopped = await node.stop();
  await until(() => client.closed);
  say(`\nthe node stops: close ${client.closed?.code} ${client.closed?.reason}`);
  shows(stopped.code === 0 && client.closed?.code === 1001, 'its clients are told');
});
