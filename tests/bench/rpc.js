// bench rpc: small questions from 64 keep-alive connections, one at a time on each and 16 at a time,
// to lnode, to Foundry's anvil and to a server that does the least (least.c), in turn (load by
// ask.c); eth_getLogs over 10,000 blocks; how long a ping waits while a batch of 1 MB is admitted; a
// long answer in gzip (gzip.js); 1,000 WebSocket subscribers (subscribers.js).
// Never fails on a figure: prints it, the yardstick of the same run, their ratio.
import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { result, sleep } from '../e2e/lib/rpc.js';
import { start_anvil } from './anvil.js';
import { measure_gzip } from './gzip.js';
import { cpu_s, machine, median, table } from './measure.js';
import { measure_ping } from './ping.js';
import { measure_subscribers } from './subscribers.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    turns: { type: 'string' },
    seconds: { type: 'string', default: '3' },
  },
});
const turns = Number(options.turns ?? (options.full ? 5 : 2));
const connections = 64;
const blocks = 10_000;
const say = (text) => { if (!options.json) console.log(text); };
const show = (value, digits = 0) => value.toLocaleString('en-US',
  { minimumFractionDigits: digits, maximumFractionDigits: digits });

const account = '0x1111111111111111111111111111111111111111';
const questions = { eth_blockNumber: [], eth_getBalance: [account, 'latest'] };

/* ---- Small questions ---- */

// Of the client ask.c: requests a second and the 99th percentile of the time until the answer.
async function ask(server, method, ahead) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: questions[method] });
  const cpu = cpu_s(server.pid);
  const done = await run(program('ask'), [new URL(server.url).port, String(connections), String(ahead), options.seconds,
    body], { timeout_ms: 120000 });
  if (done.code !== 0) throw new Error(`${done.stderr}${done.stdout}`);
  const { answers, seconds, p99_ms } = JSON.parse(done.stdout);
  return { per_s: answers / seconds, p99_ms, cpu_us: ((cpu_s(server.pid) - cpu) * 1e6) / answers };
}

// The program least.c: the same text to everyone.
async function start_least() {
  const child = spawn(program('least'), { stdio: ['ignore', 'pipe', 'inherit'] });
  process.on('exit', () => child.kill('SIGKILL'));
  const port = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.once('data', (text) => resolve(Number(text)));
  });
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop: async () => child.kill('SIGTERM') };
}

const servers = { lnode: () => startNode(), anvil: () => start_anvil(), least: start_least };
const manners = { '': 1, ', 16 at a time': 16 }; // requests on their way on each connection

async function measure_questions() {
  const results = {};
  for (let i = 0; i < turns; i++) {
    for (const [name, start] of Object.entries(servers)) {
      const server = await start();
      for (const method of Object.keys(questions)) {
        for (const [manner, ahead] of Object.entries(manners)) {
          const figures = await ask(server, method, ahead);
          (results[`${name}, ${method}${manner}`] ??= []).push(figures);
          say(`  turn ${i + 1}: ${name}, ${method}${manner}: ${show(figures.per_s)} a second, `
            + `p99 ${show(figures.p99_ms, 2)} ms, ${show(figures.cpu_us, 1)} us CPU each`);
        }
      }
      await server.stop();
    }
  }
  return Object.fromEntries(Object.entries(results).map(([name, list]) => [name, Object.fromEntries(
    Object.keys(list[0]).map((key) => [key, median(list.map((one) => one[key]))]))]));
}

/* ---- Logs ---- */

const topic = `0x${'5a'.repeat(32)}`;
const logger = `7f${topic.slice(2)}5f5fa100`; // LOG1 of nothing with the topic
const logger_init = `0x60${(logger.length / 2).toString(16).padStart(2, '0')}8060095f395ff3${logger}`;

// A ledger of 10,000 blocks, a transaction in every sixth or so, a log in every hundredth.
async function make_blocks(node, wallet) {
  let nonce = 0;
  const send = async (fields) => {
    const raw = await wallet.signTransaction({
      chainId: node.chainId, nonce: nonce++, type: 2, gasLimit: 200000, maxFeePerGas: 0,
      maxPriorityFeePerGas: 0, ...fields,
    });
    const hash = await result(node.url, 'eth_sendRawTransaction', [raw]);
    for (;;) {
      const done = await result(node.url, 'eth_getTransactionReceipt', [hash]);
      if (done) return done;
    }
  };
  const contract = (await send({ data: logger_init })).contractAddress;
  let matches = 0;
  for (let head = 0; head < blocks;) {
    const is_log = head >= 100 * matches;
    const done = await send({ to: is_log ? contract : account, value: is_log ? 0 : 1 });
    if (done.status !== '0x1') throw new Error('a transaction failed');
    if (is_log) matches++;
    head = Number(await result(node.url, 'eth_blockNumber'));
  }
  return { contract, matches };
}

async function measure_logs() {
  const wallet = Wallet.createRandom();
  const dataDir = newFolder();
  const settings = { dataDir, fund: [`${wallet.address}=100`], args: ['--pulse', '0'] };
  let node = await startNode(settings);
  const { contract, matches } = await make_blocks(node, wallet);
  await node.stop();
  node = await startNode({ ...settings, fund: [], args: [] }); // nothing of it is in our memory now
  const took = [];
  for (const filter of [{ address: contract }, { topics: [topic] }]) {
    for (let i = 0; i < 10; i++) {
      const began = performance.now();
      const found = await result(node.url, 'eth_getLogs', [{ fromBlock: '0x1', toBlock: `0x${blocks.toString(16)}`, ...filter }]);
      took.push(performance.now() - began);
      if (found.length !== matches) throw new Error(`${found.length} logs of ${matches}`);
    }
  }
  await node.stop();
  rmSync(dataDir, { recursive: true, force: true });
  return { first_ms: took[0], median_ms: median(took), matches };
}

async function main() {
  const folder = newFolder();
  say(`${connections} connections, ${turns} turns of ${options.seconds} s each; ${machine()}`);
  const answers = await measure_questions();
  const logs = await measure_logs();
  const beside = await measure_ping(folder);
  const gzip = await measure_gzip();
  say(`  gzip: ${show(gzip.megabytes, 2)} MB become ${show(gzip.times_shorter, 1)} times shorter for ${show(gzip.cpu_ms_a_megabyte, 1)} ms `
    + `CPU a MB, and arrive after ${show(gzip.gzip_ms, 1)} ms instead of ${show(gzip.plain_ms, 1)}`);
  const subscribers = await measure_subscribers({ heads: options.full ? 60 : 20, say });
  rmSync(folder, { recursive: true, force: true });

  const rows = [['median', 'requests/s', 'p99 ms', 'CPU us each']];
  const goals = [];
  for (const method of Object.keys(questions)) {
    for (const manner of Object.keys(manners)) {
      const [ours, theirs, least] = Object.keys(servers).map((name) => answers[`${name}, ${method}${manner}`]);
      goals.push({ what: `requests/s, ${method}${manner}: lnode / anvil (least / anvil: ${show(least.per_s / theirs.per_s, 2)})`,
        value: ours.per_s / theirs.per_s, at_least: 5 });
      goals.push({ what: `p99, ${method}${manner}: lnode / anvil`, value: ours.p99_ms / theirs.p99_ms, at_most: 1 });
    }
  }
  for (const [name, one] of Object.entries(answers)) {
    rows.push([name, show(one.per_s), show(one.p99_ms, 2), show(one.cpu_us, 1)]);
  }
  goals.push({ what: `eth_getLogs over ${show(blocks)} blocks, ${logs.matches} matches (ms; first ${show(logs.first_ms, 1)})`,
    value: logs.median_ms, at_most: 100 },
  { what: `longest of ${beside.pings} pings beside ${beside.transactions} transactions in one batch of 1 MB, `
    + `${show(beside.batch_ms)} ms (ms)`, value: beside.worst_ms, at_most: 10 }, ...subscribers);
  const met = goals.filter((one) => one.value >= (one.at_least ?? 0) && one.value <= (one.at_most ?? Infinity));
  if (options.json) {
    console.log(JSON.stringify({ connections, turns, machine: machine(), medians: answers, gzip, goals }));
  } else {
    console.log(table(rows));
    for (const one of goals) {
      const target = one.at_least ? `at least ${one.at_least}` : `at most ${one.at_most}`;
      console.log(`${one.what} = ${show(one.value, 2)} (goal: ${target}: ${met.includes(one) ? 'met' : 'missed'})`);
    }
  }
  console.log(`bench rpc: ${met.length} of ${goals.length} goals met`);
  console.log(`${12 * turns + 4} passed, 0 failed`);
}

main().catch((error) => {
  console.error(`bench rpc: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
