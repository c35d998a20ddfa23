// bench footprint: sizes, what an idle node costs, and how soon an existing ledger answers.
// Never fails on a figure: prints it beside its goal.
import { copyFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { receipt, result, sleep } from '../e2e/lib/rpc.js';
import { machine, median, memory_kb, table, wakes, written_bytes } from './measure.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
});
const idle_s = options.full ? 60 : 15;
const restarts = options.full ? 20 : 7;

async function stripped_bytes(name, folder) {
  const copy = path.join(folder, name);
  copyFileSync(program(name), copy);
  const done = await run('strip', [copy]);
  if (done.code !== 0) throw new Error(`strip: ${done.stderr}`);
  return statSync(copy).size;
}

async function idle_figures(node) {
  await sleep(8000); // the tail of the last block is over
  const before = { wakes: wakes(node.pid), written: written_bytes(node.pid), at: performance.now() };
  await sleep(idle_s * 1000);
  const seconds = (performance.now() - before.at) / 1000;
  return {
    memory: memory_kb(node.pid),
    wakes_per_s: (wakes(node.pid) - before.wakes) / seconds,
    written: written_bytes(node.pid) - before.written,
  };
}

// From the start of the process to the first answered call, on a ledger that exists.
async function start_ms(dataDir, chainId) {
  const began = performance.now();
  const node = await startNode({ dataDir, chainId });
  await result(node.url, 'eth_blockNumber');
  const took = performance.now() - began;
  const { took_ms } = await node.stop();
  return { took, stop_ms: took_ms };
}

async function main() {
  const folder = newFolder();
  const sizes = {};
  for (const name of ['lnode', 'lwallet', 'levm']) sizes[name] = await stripped_bytes(name, folder);

  const dataDir = path.join(folder, 'data');
  const alice = Wallet.createRandom();
  const node = await startNode({ dataDir, chainId: 4243, fund: [`${alice.address}=10`] });
  const raw = await alice.signTransaction({
    chainId: 4243, nonce: 0, type: 2, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
    to: alice.address, value: 1,
  });
  await receipt(node.url, await result(node.url, 'eth_sendRawTransaction', [raw]));
  const idle = await idle_figures(node);
  await node.stop();

  const starts = [];
  for (let i = 0; i < restarts; i++) starts.push(await start_ms(dataDir, 4243));
  rmSync(folder, { recursive: true, force: true });

  const figures = [
    ['lnode, stripped (bytes)', sizes.lnode, 1500000],
    ['idle anonymous memory (kB)', idle.memory.anonymous, 3 * 1024],
    ['idle resident memory (kB)', idle.memory.rss, 16 * 1024],
    ['voluntary context switches a second', Number(idle.wakes_per_s.toFixed(2)), 2],
    [`bytes written in ${idle_s} idle seconds`, idle.written, 0],
    ['start to first answer, median (ms)', Number(median(starts.map((one) => one.took)).toFixed(1)), 50],
    ['SIGTERM to end, median (ms)', Number(median(starts.map((one) => one.stop_ms)).toFixed(1)), 2000],
    ['lwallet, stripped (bytes)', sizes.lwallet, null],
    ['levm, stripped (bytes)', sizes.levm, 500000],
  ];
  const judged = figures.filter(([, , goal]) => goal !== null);
  const met = judged.filter(([, value, goal]) => value <= goal);
  if (options.json) {
    console.log(JSON.stringify({ machine: machine(), figures: figures.map(([what, value, at_most]) => ({ what, value, at_most })) }));
  } else {
    console.log(machine());
    console.log(table([['figure', 'measured', 'goal', ''], ...figures.map(([what, value, goal]) => [what,
      value.toLocaleString('en-US'), goal === null ? '' : `<= ${goal.toLocaleString('en-US')}`,
      goal === null ? '' : value <= goal ? 'met' : 'missed'])]));
    console.log('start times include about 5 ms of the measuring program\'s own');
  }
  console.log(`bench footprint: ${sizes.lnode} bytes, ${idle.memory.anonymous} kB anonymous, `
    + `start ${median(starts.map((one) => one.took)).toFixed(0)} ms; ${met.length} of ${judged.length} goals met`);
  console.log(`${figures.length} passed, 0 failed`);
}

main().catch((error) => {
  console.error(`bench footprint: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
