// Four nodes, four processes, one ledger. Transfers go on while one of them is killed and comes back;
// with two of four gone the ledger pauses, says why, and goes on when one is back. At the end every
// transfer that anybody was told of is in the same block on all four.
import { spawn } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, program } from '../e2e/lib/node.js';
import { call } from '../e2e/lib/rpc.js';
import { say, shows, story, type } from './story.js';

const MEMBERS = 4;
const PATIENCE_MS = 120000;
const user = new Wallet(`0x${'00'.repeat(31)}2a`);
const friend = new Wallet(`0x${'00'.repeat(31)}2b`).address;
const sanitizerWords = /LeakSanitizer|AddressSanitizer|ThreadSanitizer|runtime error:/;
const pause = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

// Resolves once the node says `ready`.
function start(folder, peerPort) {
  const child = spawn(program('lnode'),
    ['run', '--data-dir', folder, '--rpc-port', '0', '--peer-port', String(peerPort)],
    { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  const node = { child, folder, log: '' };
  node.ended = new Promise((resolve) => {
    child.on('close', () => { running.delete(child); resolve(); });
  });
  child.stderr.on('data', (text) => { node.log += text; });
  const lines = readline.createInterface({ input: child.stdout });
  return new Promise((resolve, reject) => {
    node.ended.then(() => reject(new Error(`lnode ended: ${node.log}`)));
    lines.on('line', (line) => {
      if (!line.startsWith('ready')) return;
      node.url = line.match(/https?:\/\/[^\s]+/)[0].replace(/\/$/, '');
      resolve(node);
    });
  });
}

async function kill(node) {
  node.child.kill('SIGKILL');
  await node.ended;
}

async function stop(node) {
  node.child.kill('SIGTERM');
  await node.ended;
  if (sanitizerWords.test(node.log)) throw new Error(`sanitizer report:\n${node.log}`);
}

const result = async (node, method, params) => {
  const answer = await call(node.url, method, params);
  if (answer.error) throw new Error(`${method}: ${answer.error.message}`);
  return answer.result;
};

let chainId;
let nonce = 0;
const sent = [];

// A transfer by way of one node, which takes it.
async function send(node) {
  const raw = await user.signTransaction({
    chainId, nonce: nonce++, to: friend, value: 1n, gasLimit: 21000n, type: 2, maxFeePerGas: 0n,
    maxPriorityFeePerGas: 0n,
  });
  sent.push(await result(node, 'eth_sendRawTransaction', [raw]));
}

async function until(what, is_so) {
  const end = Date.now() + PATIENCE_MS;
  while (!await is_so()) {
    if (Date.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what}`);
    await pause(100);
  }
}

const mined = async (node) => Number(await result(node, 'eth_getTransactionCount', [user.address, 'latest']));
const allMined = (nodes) => until('all transfers are final everywhere', async () => {
  for (const node of nodes) if (await mined(node) !== nonce) return false;
  return true;
});
const status = (node) => type(program('lnode'), ['status', '--data-dir', node.folder],
  { shown: 'lnode status' });

await story('power-cut-4', async () => {
  const folder = newFolder();
  const ports = [];
  for (let i = 0; i < MEMBERS; i++) ports.push(await freePort());
  mkdirSync(folder, { recursive: true });
  const made = await type(program('committee_folders'), [folder, user.address.toLowerCase(), ...ports.map(String)],
    { shown: 'four nodes agree on a founding document', quiet: true });
  if (made.code !== 0) throw new Error(made.stderr);
  chainId = BigInt(made.stdout.trim());

  const up = (i) => start(path.join(folder, String(i)), ports[i]);
  const nodes = [];
  for (let i = 0; i < MEMBERS; i++) nodes.push(await up(i));

  say('\nTransfers by way of each of them:');
  for (let i = 0; i < 20; i++) await send(nodes[i % MEMBERS]);
  await allMined(nodes);
  shows(true, `${nonce} transfers are final at all four`);
  shows((await status(nodes[0])).stdout.includes('4 of 4 members reachable, 3 needed'), 'and each sees the other three');

  say('\nOne loses its power, again and again, while transfers go on:');
  for (let round = 0; round < 5; round++) {
    const victim = 1 + (round % 3);
    const others = nodes.filter((_, i) => i !== victim);
    if (round > 0) await send(nodes[victim]); // perhaps it tells nobody before the end: the others wait
    await kill(nodes[victim]);
    for (let i = 0; i < 10; i++) {
      await send(nodes[0]);
      await pause(20);
    }
    if (round === 0) await allMined(others);
    nodes[victim] = await up(victim);
  }
  await allMined(nodes);
  shows(true, `${nonce} transfers are final at all four, those included that a node took just before it was killed`);

  say('\nTwo of four are gone:');
  await kill(nodes[2]);
  await kill(nodes[3]);
  const before = await mined(nodes[0]);
  await send(nodes[0]);
  await until('status names it', async () => (await type(program('lnode'),
    ['status', '--data-dir', nodes[0].folder], { shown: 'lnode status', quiet: true })).stdout
    .includes('2 of 4 members reachable, 3 needed'));
  const paused = await status(nodes[0]);
  shows(paused.code === 2 && paused.stdout.startsWith('STALLED'), 'lnode status says who is missing, and ends with 2');
  const doctor = await type(program('lnode'), ['doctor', '--data-dir', nodes[0].folder],
    { shown: 'lnode doctor', quiet: true });
  shows(doctor.code === 1 && doctor.stdout.includes('2 of 4 members reachable'), 'so does lnode doctor');
  await pause(3000);
  shows(await mined(nodes[0]) === before, 'nothing becomes final');
  nodes[3] = await up(3);
  await allMined([nodes[0], nodes[1], nodes[3]]);
  shows(true, 'with one of them back it goes on');
  nodes[2] = await up(2);
  await allMined(nodes);

  say('\nAll lose their power at once:');
  for (let i = 0; i < 8; i++) await send(nodes[i % MEMBERS]);
  await Promise.all(nodes.map(kill));
  for (let i = 0; i < MEMBERS; i++) nodes[i] = await up(i);
  await allMined(nodes);
  shows(true, 'they go on where they were, and nothing that was taken is lost');

  const places = await Promise.all(nodes.map((node) => Promise.all(sent.map(async (hash) => {
    const receipt = await result(node, 'eth_getTransactionReceipt', [hash]);
    return `${receipt?.blockHash} ${receipt?.transactionIndex}`;
  }))));
  shows(places.every((one) => JSON.stringify(one) === JSON.stringify(places[0]))
    && !places[0].some((one) => one.includes('undefined')),
  `all ${sent.length} transfers are in the same places on all four`);

  await Promise.all(nodes.map(stop));
  for (let i = 0; i < MEMBERS; i++) {
    const checked = await type(program('lnode'), ['check', '--data-dir', path.join(folder, String(i))],
      { shown: `lnode check (node ${i})`, quiet: true, timeout_ms: 120000 });
    shows(checked.code === 0, `the store of node ${i} is whole`);
  }
  rmSync(folder, { recursive: true, force: true });
});
