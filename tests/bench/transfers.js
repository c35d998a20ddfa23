// bench transfers: 20,000 signed transfers of 200 senders over 8 connections, one by one and in
// batches of 100, to lnode and to Foundry's anvil in turn; and what recovering a signer costs on
// this machine. Never fails on a figure: prints it, the yardstick of the same run, their ratio.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { post, result, sleep } from '../e2e/lib/rpc.js';
import { cpu_s, folder_bytes, machine, median, peak_rss_kb, table, written_bytes } from './measure.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    count: { type: 'string', default: '20000' },
    turns: { type: 'string' },
  },
});
const count = Number(options.count);
const turns = Number(options.turns ?? (options.full ? 5 : 2));
const senders = 200;
const connections = 8;
const chain_id = 31337;
const gas_limit = 1_000_000_000;
const seed = 'bench';
const anvil_program = path.resolve(import.meta.dirname, '../e2e/node_modules/.bin/anvil');
const say = (text) => { if (!options.json) console.log(text); };

async function load(command, ...args) {
  const done = await run(program('load'), [command, '--seed', seed, '--senders', String(senders), ...args],
    { timeout_ms: 600000 });
  if (done.code !== 0) throw new Error(`load ${command}: ${done.stderr}${done.stdout}`);
  return done.stdout;
}

async function start_lnode(accounts) {
  const dataDir = newFolder();
  const node = await startNode({
    chainId: chain_id, dataDir, fund: accounts.map((one) => `${one}=1000`),
    args: ['--gas-limit', String(gas_limit)],
  });
  return {
    pid: node.pid, url: node.url, stored: () => folder_bytes(dataDir),
    stop: async () => { await node.stop(); await run('rm', ['-rf', dataDir]); },
  };
}

async function start_anvil(accounts) {
  const port = await freePort();
  // The package's program is a script that starts the real one; its pid is what is measured.
  const platform = `anvil-linux-${process.arch === 'arm64' ? 'arm64' : 'amd64'}`;
  const real = path.resolve(anvil_program, `../../@foundry-rs/${platform}/bin/anvil`);
  const child = spawn(real, ['--port', String(port), '--chain-id', String(chain_id), '--block-time', '1',
    '--gas-limit', String(gas_limit), '--base-fee', '0', '--accounts', '1', '--quiet'], { stdio: 'ignore' });
  const ended = new Promise((resolve) => { child.on('close', resolve); });
  process.on('exit', () => child.kill('SIGKILL'));
  const url = `http://127.0.0.1:${port}`;
  for (let tries = 0; ; tries++) {
    try { await result(url, 'eth_chainId'); break; } catch (error) {
      if (tries > 200) throw new Error(`anvil does not answer: ${error.message}`);
      await sleep(50);
    }
  }
  await post(url, accounts.map((one, id) => (
    { jsonrpc: '2.0', id, method: 'anvil_setBalance', params: [one, '0x3635c9adc5dea00000'] })));
  return { pid: child.pid, url, stored: () => 0, stop: async () => { child.kill('SIGTERM'); await ended; } };
}

// What the load generator was told must be there: receipts with status 1 in all our blocks. Of
// anvil transactions are counted: it takes minutes over the receipts of a block of thousands.
const good_in_block = {
  lnode: async (url, height) => (await result(url, 'eth_getBlockReceipts', [height]))
    .filter((one) => one.status === '0x1').length,
  anvil: async (url, height) => Number(await result(url, 'eth_getBlockTransactionCountByNumber', [height])),
};

async function count_good(url, name) {
  const head = Number(await result(url, 'eth_blockNumber'));
  let good = 0;
  let largest = 0;
  for (let height = 0; height <= head; height++) {
    const count = await good_in_block[name](url, `0x${height.toString(16)}`);
    good += count;
    largest = Math.max(largest, count);
  }
  return { good, largest };
}

async function turn(name, start, accounts, batch) {
  const server = await start(accounts);
  try {
    await sleep(300);
    const before = { cpu: cpu_s(server.pid), written: written_bytes(server.pid) };
    const port = new URL(server.url).port;
    const answer = JSON.parse(await load('transfers', '--port', port, '--chain-id', String(chain_id),
      '--count', String(count), '--connections', String(connections), '--batch', String(batch)));
    const cpu = cpu_s(server.pid) - before.cpu;
    const figures = {
      tx_per_s: count / answer.receipts_s,
      admitted_per_s: count / answer.answered_s,
      cpu_us_per_tx: (cpu * 1e6) / count,
      peak_rss_mb: peak_rss_kb(server.pid) / 1024,
      written_mb: (written_bytes(server.pid) - before.written) / 1e6,
      stored_mb: server.stored() / 1e6,
    };
    const { good, largest } = await count_good(server.url, name);
    if (good !== count) throw new Error(`${name}: ${good} good ones of ${count}`);
    return { ...figures, largest_block: largest };
  } finally {
    await server.stop();
  }
}

function middle(list) {
  return Object.fromEntries(Object.keys(list[0]).map((key) => [key, median(list.map((one) => one[key]))]));
}

const show = (value, digits = 0) => value.toLocaleString('en-US',
  { minimumFractionDigits: digits, maximumFractionDigits: digits });

async function main() {
  const accounts = (await load('addresses')).trim().split('\n');
  const servers = { lnode: start_lnode, anvil: start_anvil };
  const results = {};
  const recoveries = [];
  say(`${count} transfers, ${senders} senders, ${connections} connections, ${turns} turns each; ${machine()}`);
  for (let i = 0; i < turns; i++) {
    recoveries.push(JSON.parse(await load('recovery', '--count', '4000')).us_per_recovery);
    for (const batch of [100, 1]) {
      for (const [name, start] of Object.entries(servers)) {
        const figures = await turn(name, start, accounts, batch);
        (results[`${name} ${batch}`] ??= []).push(figures);
        say(`  turn ${i + 1}: ${name}, batches of ${batch}: ${show(figures.tx_per_s)} tx/s, `
          + `${show(figures.cpu_us_per_tx, 1)} us CPU per transaction`);
      }
    }
  }
  const of = (name, batch) => middle(results[`${name} ${batch}`]);
  const recovery = median(recoveries);
  const rows = [['median', 'tx/s', 'CPU us/tx', 'peak RSS MB', 'written MB', 'stored MB', 'largest block']];
  for (const batch of [100, 1]) {
    for (const name of Object.keys(servers)) {
      const one = of(name, batch);
      rows.push([`${name}, ${batch === 1 ? 'one by one' : `batches of ${batch}`}`, show(one.tx_per_s),
        show(one.cpu_us_per_tx, 1), show(one.peak_rss_mb, 1), show(one.written_mb, 1),
        show(one.stored_mb, 1), show(one.largest_block)]);
    }
  }
  const ratios = [100, 1].flatMap((batch) => {
    const [ours, theirs] = [of('lnode', batch), of('anvil', batch)];
    const kind = batch === 1 ? 'one by one' : `batches of ${batch}`;
    return [
      { what: `tx/s, ${kind}: lnode / anvil`, ratio: ours.tx_per_s / theirs.tx_per_s, at_least: batch === 1 ? 2 : 3 },
      { what: `CPU per transaction, ${kind}: lnode / anvil`, ratio: ours.cpu_us_per_tx / theirs.cpu_us_per_tx, at_most: 0.3 },
    ];
  });
  const met = ratios.filter((one) => one.ratio >= (one.at_least ?? 0) && one.ratio <= (one.at_most ?? Infinity));
  const share = of('lnode', 100).cpu_us_per_tx;
  if (options.json) {
    console.log(JSON.stringify({
      count, senders, connections, turns, machine: machine(), us_per_recovery: recovery,
      medians: Object.fromEntries(Object.entries(results).map(([name, list]) => [name, middle(list)])), ratios,
    }));
  } else {
    console.log(table(rows));
    console.log(`signature recovery, one thread: ${show(recovery, 1)} us = ${show(1e6 / recovery)}/s a core; `
      + `lnode in batches spends ${show(share, 1)} us a transaction, ${show((100 * recovery) / share)} % of it recovery's`);
    for (const one of ratios) {
      const target = one.at_least ? `at least ${one.at_least}` : `at most ${one.at_most}`;
      console.log(`${one.what} = ${show(one.ratio, 2)} (goal: ${target}: ${met.includes(one) ? 'met' : 'missed'})`);
    }
  }
  const batched = of('lnode', 100);
  console.log(`bench transfers: ${show(batched.tx_per_s)} tx/s, ${show(batched.tx_per_s / of('anvil', 100).tx_per_s, 2)}x anvil; `
    + `${met.length} of ${ratios.length} goals met`);
  console.log(`${4 * turns} passed, 0 failed`);
}

main().catch((error) => {
  console.error(`bench transfers: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
