// The crash test: under load the node is killed (kill -9) at random moments, also while it is
// starting, and restarted on the same data. What it acknowledged must be true for ever:
//   - a receipt once seen is seen again, in the same block, at the same place;
//   - a block once seen keeps its hash and state root, and the head never goes back;
//   - a transaction accepted by the pool is mined, also when the kill came in between;
//   - balances and nonces are exactly what the mined transactions make them;
//   - `lnode check` walks the whole store and finds nothing.
// The seed is printed; --seed repeats the same moments (the machine's timing stays its own).
import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Wallet, keccak256, toUtf8Bytes } from '../e2e/lib/ethers.js';
import { newFolder, program, run, startNode } from '../e2e/lib/node.js';
import { call, result, sleep } from '../e2e/lib/rpc.js';

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '10' },
    full: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now() % 1e9) },
  },
});
const kills = options.full ? 100 : Number(options.kills);
const seed = options.seed;
const chainId = 51515;
const value = 7n; // wei of each transfer
const senders_count = 12;

// A stream of numbers in [0, 1) that the seed alone decides.
let drawn = 0;
function random() {
  const digest = createHash('sha256').update(`${seed} ${drawn++}`).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

const findings = [];
function check(good, text) {
  if (!good) {
    findings.push(text);
    console.log(`  WRONG: ${text}`);
  }
}

const senders = Array.from({ length: senders_count }, (_, i) => ({
  wallet: new Wallet(keccak256(toUtf8Bytes(`crash ${seed} ${i}`))),
  to: `0x${createHash('sha256').update(`to ${seed} ${i}`).digest('hex').slice(0, 40)}`,
  next: 0, // the nonce to send next
}));
const accepted = new Map(); // hash -> { sender, nonce, raw }: the pool said yes
const final = new Map(); // hash -> the first receipt seen
const blocks = new Map(); // height -> { hash, stateRoot } as first seen
let head_seen = 0;

async function send_next(url, sender) {
  sender.pending ??= await sender.wallet.signTransaction({
    chainId, nonce: sender.next, type: 2, gasLimit: 21000, maxFeePerGas: 0, maxPriorityFeePerGas: 0,
    to: sender.to, value,
  });
  const raw = sender.pending;
  const answer = await call(url, 'eth_sendRawTransaction', [raw]);
  // A kill may have hidden the answer to the same transaction: then it is there already.
  const known = answer.error && /already known|nonce too low/.test(answer.error.message);
  if (answer.error && !known) {
    check(false, `sender ${sender.to}, nonce ${sender.next} refused: ${answer.error.message}`);
    throw new Error('refused');
  }
  accepted.set(keccak256(raw), { sender, nonce: sender.next, raw });
  sender.next++;
  sender.pending = null;
}

async function look(url) {
  const head = await result(url, 'eth_getBlockByNumber', ['latest', false]);
  const height = Number(head.number);
  check(height >= head_seen, `head went back from ${head_seen} to ${height}`);
  head_seen = Math.max(head_seen, height);
  if (!blocks.has(height)) blocks.set(height, { hash: head.hash, stateRoot: head.stateRoot });
  for (const hash of head.transactions) {
    if (final.has(hash)) continue;
    const receipt = await result(url, 'eth_getTransactionReceipt', [hash]);
    check(receipt !== null, `block ${height} shows ${hash} without a receipt`);
    if (receipt) final.set(hash, receipt);
  }
}

// Sends and looks until told to stop or the node dies under it.
async function load(url, is_over) {
  const quietly = async (work) => {
    while (!is_over()) {
      try { await work(); } catch (error) {
        if (is_over() || error.rpc === undefined) return; // the kill cut the connection
        throw error;
      }
    }
  };
  await Promise.all([
    ...senders.map((sender) => quietly(() => send_next(url, sender))),
    quietly(async () => { await look(url); await sleep(5); }),
  ]);
}

function same_receipt(a, b) {
  return b !== null && ['blockHash', 'blockNumber', 'transactionIndex', 'status', 'gasUsed', 'cumulativeGasUsed']
    .every((key) => a[key] === b[key]);
}

// Everything acknowledged is there: a sample after each restart, all of it at the end.
async function verify(url, share) {
  for (const [hash, receipt] of final) {
    if (random() >= share) continue;
    check(same_receipt(receipt, await result(url, 'eth_getTransactionReceipt', [hash])),
      `receipt of ${hash} in block ${Number(receipt.blockNumber)} is not what it was`);
    const tx = await result(url, 'eth_getTransactionByBlockHashAndIndex', [receipt.blockHash, receipt.transactionIndex]);
    check(tx?.hash === hash, `${hash} is not at its place in block ${Number(receipt.blockNumber)}`);
  }
  for (const [height, seen] of blocks) {
    if (random() >= share) continue;
    const block = await result(url, 'eth_getBlockByNumber', [`0x${height.toString(16)}`, false]);
    check(block?.hash === seen.hash && block?.stateRoot === seen.stateRoot, `block ${height} is not what it was`);
  }
}

async function everything_mined(url) {
  const until = Date.now() + 30000;
  let missing = [...accepted.keys()].filter((hash) => !final.has(hash));
  while (missing.length > 0 && Date.now() < until) {
    const still = [];
    for (const hash of missing) {
      const receipt = await result(url, 'eth_getTransactionReceipt', [hash]);
      if (receipt) final.set(hash, receipt); else still.push(hash);
    }
    missing = still;
    if (missing.length > 0) await sleep(200);
  }
  check(missing.length === 0, `${missing.length} accepted transactions were never mined: ${missing.slice(0, 3)}`);
}

async function balances_add_up(url) {
  for (const sender of senders) {
    const nonce = BigInt(await result(url, 'eth_getTransactionCount', [sender.wallet.address, 'latest']));
    const balance = BigInt(await result(url, 'eth_getBalance', [sender.to, 'latest']));
    check(nonce >= BigInt(sender.next), `${sender.wallet.address}: nonce ${nonce}, expected at least ${sender.next}`);
    check(balance === nonce * value, `${sender.to}: balance ${balance}, expected ${nonce * value}`);
  }
}

async function store_is_sound(dataDir) {
  const done = await run(program('lnode'), ['check', '--data-dir', dataDir], { timeout_ms: 300000 });
  const words = `${done.stdout}${done.stderr}`.trim();
  check(done.code === 0, `lnode check ended with ${done.code}: ${words}`);
  return words.split('\n').pop();
}

async function main() {
  const dataDir = newFolder();
  const fund = senders.map((one) => `${one.wallet.address}=1000`);
  console.log(`crash: ${kills} kills, seed ${seed}`);
  let starting = 0;
  const restarts_ms = [];
  const began = Date.now();
  for (let kill = 1; kill <= kills && findings.length === 0; kill++) {
    if (kill > 1 && random() < 0.2) { // now and then it dies before it is up
      await startNode({ chainId, fund, dataDir, args: ['--pulse', '60'], kill_after_ms: Math.floor(random() * 60) })
        .then((node) => node.kill(), () => {});
      starting++;
      continue;
    }
    const before = performance.now();
    const node = await startNode({ chainId, fund, dataDir, args: ['--pulse', '60'] });
    restarts_ms.push(performance.now() - before);
    await verify(node.url, 0.05);
    let over = false;
    const work = load(node.url, () => over);
    await sleep(20 + Math.floor(random() * 500));
    over = true;
    await node.kill();
    await work;
  }
  const node = await startNode({ chainId, fund, dataDir, args: ['--pulse', '60'] });
  await everything_mined(node.url);
  await verify(node.url, 1);
  await balances_add_up(node.url);
  await node.stop();
  const words = await store_is_sound(dataDir);
  console.log(`lnode check: ${words}`);
  if (findings.length === 0) rmSync(dataDir, { recursive: true, force: true });
  else console.log(`the data is left in ${dataDir}`);
  const slowest = Math.max(...restarts_ms);
  console.log(`crash: ${kills} kills (${starting} while starting) in ${Math.round((Date.now() - began) / 1000)} s, seed ${seed}: `
    + `${accepted.size} accepted, ${final.size} seen final, head ${head_seen}, slowest restart ${Math.round(slowest)} ms, `
    + `${findings.length} wrong`);
  console.log(`${findings.length === 0 ? kills : 0} passed, ${findings.length} failed`);
  process.exitCode = findings.length === 0 ? 0 : 1;
}

main().catch((error) => {
  console.error(`crash: seed ${seed}: ${error.stack}`);
  console.log(`0 passed, ${findings.length + 1} failed`);
  process.exitCode = 1;
});
