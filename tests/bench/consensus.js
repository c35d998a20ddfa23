// bench consensus: what agreement costs. Never fails on a figure: prints it beside its goal.
//   engine      a member by size of the committee, beside what libsecp256k1 needs in the same
//               process to recover one signer
//   etcd        four members beside etcd's cluster of three, in turn, on loopback
//   distance    four members with 50 ms between them, one of them dead, and all idle
//
//   bench consensus [engine] [etcd] [distance] [--json] [--full]
import { parseArgs } from 'node:util';
import { program, run } from '../e2e/lib/node.js';
import { moved_apart } from '../stories/wires.js';
import { beside_etcd } from './cluster.js';
import { at_a_distance } from './distant.js';
import { machine, table } from './measure.js';

const parts = ['engine', 'etcd', 'distance'];
const { values: options, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const wanted = (part) => positionals.length === 0 || positionals.includes(part);
const goals = {
  idle_bytes: 20000, put_rate: 1, put_p50: 1.5, of_most: 0.6, distance_ms: 180, peer_bytes_per_s: 200,
};
let good = 0;
let lines = 0;

// A figure beside its goal.
function judged(is_met, text) {
  lines++;
  if (is_met) good++;
  return `${text}: ${is_met ? 'met' : 'missed'}`;
}

// A member checks each vote of the others, two of each in a block that all vote for.
const checking_us = (row) => 2 * (row.n - 1) * row.check_us + 2 * row.sign_us;
const beside = (row, us) => `${us.toFixed(us < 10 ? 2 : 0)} us (${(us / row.yardstick_us).toFixed(2)})`;
const ms = (value) => `${value.toFixed(1)} ms`;
const whole = (value) => Math.round(value).toLocaleString('en');

async function engine() {
  const done = await run(program('bench_consensus'), [options.full ? '25' : '7', '20'], { timeout_ms: 300000 });
  if (done.code !== 0) throw new Error(done.stderr);
  const rows = done.stdout.trim().split('\n').map((line) => JSON.parse(line));
  if (options.json) return rows;
  console.log('In brackets: times libsecp256k1\'s recovery of one signer, same run');
  console.log(table([
    ['members (quorum)', ...rows.map((row) => `${row.n} (${row.quorum})`)],
    ['one recovery by libsecp256k1', ...rows.map((row) => `${row.yardstick_us.toFixed(1)} us`)],
    ['sign a vote', ...rows.map((row) => beside(row, row.sign_us))],
    ['check a vote', ...rows.map((row) => beside(row, row.check_us))],
    ['make a certificate of votes', ...rows.map((row) => beside(row, row.make_us))],
    ['check a certificate', ...rows.map((row) => beside(row, row.certificate_us))],
    ['a step of the engine', ...rows.map((row) => `${row.step_us.toFixed(2)} us`)],
    ['engine, a final block', ...rows.map((row) => `${row.block_us.toFixed(1)} us, ${row.steps.toFixed(0)} steps`)],
    ['signatures, a final block', ...rows.map((row) => `${(checking_us(row) / 1000).toFixed(2)} ms`)],
    ['engine, idle after 20 blocks', ...rows.map((row) => `${row.idle_bytes} bytes`)],
    ['member that has just started', ...rows.map((row) => `${row.replica_bytes} bytes`)],
  ]));
  for (const row of rows) {
    console.log(judged(row.idle_bytes < goals.idle_bytes,
      `an idle engine of ${row.n} members, ${row.idle_bytes} bytes; goal under ${goals.idle_bytes}`));
  }
  return rows;
}

async function etcd() {
  const found = await beside_etcd({
    turns: options.full ? 7 : 3, clients: 256, transfers: options.full ? 100 : 40, alone: 200, seconds: 5,
  });
  if (options.json) return found;
  const { lnode, etcd: other } = found;
  const rate = lnode.per_s / other.per_s;
  const alone = lnode.alone_p50_ms / other.alone_p50_ms;
  const share = lnode.per_s / found.most_per_s;
  console.log(`\n${found.clients} clients, each waits until its own is final (four lnode, signed transfers) or committed (three etcd, puts through its JSON gateway); median of ${found.turns} turns`);
  console.log(table([
    ['', 'lnode', 'etcd', 'ratio'],
    ['a second', whole(lnode.per_s), whole(other.per_s), rate.toFixed(2)],
    ['p50', ms(lnode.p50_ms), ms(other.p50_ms), (lnode.p50_ms / other.p50_ms).toFixed(2)],
    ['p99', ms(lnode.p99_ms), ms(other.p99_ms), (lnode.p99_ms / other.p99_ms).toFixed(2)],
    ['one client, p50', ms(lnode.alone_p50_ms), ms(other.alone_p50_ms), alone.toFixed(2)],
    ['one client, p99', ms(lnode.alone_p99_ms), ms(other.alone_p99_ms), (lnode.alone_p99_ms / other.alone_p99_ms).toFixed(2)],
  ]));
  console.log(judged(rate > goals.put_rate, `transfers a second, ${rate.toFixed(2)} times etcd's puts; goal more, in the end twice as many`));
  console.log(judged(alone <= goals.put_p50, `one client, ${alone.toFixed(2)} times etcd's p50; goal at most ${goals.put_p50}`));
  console.log(judged(share >= goals.of_most, `${Math.round(share * 100)} % of ${whole(found.most_per_s)}, which is all that ${found.cores_left.toFixed(2)} cores (those the clients leave) recover for four at ${found.us_per_recovery.toFixed(1)} us; goal ${goals.of_most * 100} %`));
  return found;
}

async function distance() {
  const found = await at_a_distance({ transfers: options.full ? 40 : 12, idle_s: options.full ? 120 : 30 });
  if (options.json) return found;
  console.log(`\n${found.delay_ms} ms from each member to each other, ${found.transfers} transfers, each at all members at once`);
  console.log(judged(found.p50_ms <= goals.distance_ms, `final after ${ms(found.p50_ms)} (p50), ${ms(found.most_ms)} (most); goal three delays and 30 ms`));
  console.log(`the leader's box lost its power: ${ms(found.dead_leader_ms)} more at most; goal its time to propose (about 1.2 s here) and two delays`);
  console.log(judged(found.idle_blocks === 0 && found.idle_written === 0, `idle for ${found.idle_s} s: ${found.idle_blocks} blocks, ${found.idle_written} bytes written; goal none`));
  console.log(judged(found.idle_bytes_per_s_per_peer < goals.peer_bytes_per_s, `idle, ${found.idle_bytes_per_s_per_peer.toFixed(0)} bytes a second and peer on the wire; goal under ${goals.peer_bytes_per_s}`));
  return found;
}

async function main() {
  const found = { machine: machine(), goals };
  if (!options.json) console.log(machine());
  for (const [part, measure] of Object.entries({ engine, etcd, distance })) {
    if (wanted(part)) found[part] = await measure();
  }
  if (options.json) console.log(JSON.stringify(found));
  else console.log(`bench consensus: ${good} of ${lines} goals met`);
  console.log(`${parts.filter(wanted).length} passed, 0 failed`);
}

if (!wanted('distance') || !await moved_apart()) {
  main().then(() => process.exit(0), (error) => {
    console.error(`bench consensus: ${error.stack}`);
    console.log('0 passed, 1 failed');
    process.exit(1);
  });
}
