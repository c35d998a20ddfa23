// bench consensus: what agreement costs a member, by size of the committee, beside what libsecp256k1
// needs in the same process to recover one signer. Never fails on a figure: prints it beside its goal.
//
//   bench consensus [--json] [--full]
import { parseArgs } from 'node:util';
import { program, run } from '../e2e/lib/node.js';
import { machine, table } from './measure.js';

const { values: options } = parseArgs({
  options: { json: { type: 'boolean', default: false }, full: { type: 'boolean', default: false } },
});
const turns = options.full ? '25' : '7';
const idle_goal = 20000; // bytes

// A member checks each vote of the others, two of each in a block that all vote for.
const checking_us = (row) => 2 * (row.n - 1) * row.check_us + 2 * row.sign_us;
const beside = (row, us) => `${us.toFixed(us < 10 ? 2 : 0)} us (${(us / row.yardstick_us).toFixed(2)})`;

function show(rows) {
  console.log(`${machine()}; in brackets: times libsecp256k1's recovery of one signer, same run`);
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
}

async function main() {
  const done = await run(program('bench_consensus'), [turns, '20'], { timeout_ms: 300000 });
  if (done.code !== 0) throw new Error(done.stderr);
  const rows = done.stdout.trim().split('\n').map((line) => JSON.parse(line));
  if (options.json) {
    console.log(JSON.stringify({ machine: machine(), goal: { idle_bytes: idle_goal }, committees: rows }));
  } else {
    show(rows);
  }
  const largest = rows.at(-1);
  const met = rows.filter((row) => row.idle_bytes < idle_goal).length;
  console.log(`bench consensus: ${largest.n} members, a vote checked in ${beside(largest, largest.check_us)}, `
    + `an idle engine of ${largest.idle_bytes} bytes; under ${idle_goal} in ${met} of ${rows.length} committees`);
  console.log(`${rows.length} passed, 0 failed`);
}

main().catch((error) => {
  console.error(`bench consensus: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
