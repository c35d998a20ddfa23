// bench vm: the workloads of tests/bench/vm/ in levm's process and, in turns with it, by one long
// eth_call each on Foundry's anvil (revm). Never fails on a figure: prints it, the yardstick of the
// same run, their ratio; fails when an answer differs from what the workload says. Times are
// processor times, the least of all turns, so that what else the machine does matters little.
//
//   bench vm [--turns N] [--only PATTERN] [--json]
//   bench vm --worst [--json]    each opcode with its worst arguments (worst.js), without anvil
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { program, run } from '../e2e/lib/node.js';
import { anvil_call, start_anvil, workload_files } from './anvil.js';
import { machine, table } from './measure.js';
import { bench_worst } from './worst.js';

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    full: { type: 'boolean', default: false },
    worst: { type: 'boolean', default: false },
    turns: { type: 'string' },
    only: { type: 'string', default: '.' },
  },
});
const turns = Number(options.turns ?? (options.full ? 7 : 3));
const folder = path.join(import.meta.dirname, 'vm');
const say = (text) => { if (!options.json) console.log(text); };

// What is asked of each group, and of single workloads: times anvil's speed.
const lazy = /^precompile-(bls-|point-)/;
const goal_of = (row) => (lazy.test(row.name) ? 0.3 : 1);
const geometric_mean = (values) => Math.exp(values.reduce((sum, one) => sum + Math.log(one), 0) / values.length);

async function levm_bench(file) {
  const done = await run(program('levm'), ['bench', '--json', '--min-ms', '60', file], { timeout_ms: 300000 });
  if (done.code !== 0) throw new Error(`levm bench: ${done.stderr}${done.stdout}`);
  return JSON.parse(done.stdout).workloads[0];
}

// One turn: ours, then anvil's.
async function turn(server, file, workload, figures) {
  const ours = await levm_bench(file);
  const theirs = await anvil_call(server, workload, 3);
  if (theirs.output !== workload.output) throw new Error(`${workload.name}: anvil answers ${theirs.output}`);
  figures.gas = ours.gasUsed;
  figures.ours.push(ours.warm.minNs / ours.gasUsed);
  figures.cold.push(ours.cold.minNs / ours.gasUsed);
  figures.theirs.push(1e6 * theirs.ms / ours.gasUsed);
}

async function measure(server, name, file) {
  const workload = JSON.parse(readFileSync(file, 'utf8'));
  const figures = { gas: 0, ours: [], cold: [], theirs: [] };
  for (let i = 0; i < turns; i++) await turn(server, file, workload, figures);
  const [warm, cold, theirs] = [figures.ours, figures.cold, figures.theirs].map((all) => Math.min(...all));
  const ours = workload.cold ? cold : warm; // anvil meets such code for the first time in each call
  return {
    name, group: workload.group, about: workload.about, gas: figures.gas, ns_per_gas: ours,
    cold_ns_per_gas: cold, mgas_per_s: 1e3 / ours, anvil_ns_per_gas: theirs,
    ratio: theirs / ours,
  };
}

const digits = (value) => value.toFixed(value < 0.1 ? 3 : 2);

function print(rows, group) {
  const ours = rows.filter((row) => row.group === group);
  if (ours.length === 0) return;
  say(`\n${table([[group, 'Mgas', 'ns/gas', 'Mgas/s', 'cold ns/gas', 'anvil ns/gas', 'times anvil', ''], ...ours.map((row) => [
    row.name, (row.gas / 1e6).toFixed(1), digits(row.ns_per_gas), row.mgas_per_s.toFixed(0), digits(row.cold_ns_per_gas),
    digits(row.anvil_ns_per_gas), row.ratio.toFixed(2), row.ratio >= goal_of(row) ? '' : `below ${goal_of(row)}`])])}`);
  say(`geometric mean of ${group}: ${geometric_mean(ours.map((row) => row.ratio)).toFixed(2)} times anvil`);
}

async function bench_workloads() {
  const wanted = workload_files(folder).filter(([name]) => new RegExp(options.only).test(name));
  if (wanted.length === 0) throw new Error(`no workload is called ${options.only}`);
  const server = await start_anvil();
  const rows = [];
  say(`${wanted.length} workloads, ${turns} turns each: levm in its process, anvil by eth_call, fork osaka; ${machine()}`);
  try {
    for (const [name, file] of wanted) rows.push(await measure(server, name, file));
  } finally {
    await server.stop();
  }
  for (const group of ['interpreter', 'state', 'precompile']) print(rows, group);
  const interpreter = rows.filter((row) => row.group === 'interpreter').map((row) => row.ratio);
  const mean = interpreter.length > 0 ? geometric_mean(interpreter) : null;
  const met = rows.filter((row) => row.ratio >= goal_of(row));
  if (options.json) console.log(JSON.stringify({ machine: machine(), turns, geometric_mean: mean, workloads: rows }));
  console.log(`bench vm: ${met.length} of ${rows.length} workloads meet their goal`
    + (mean === null ? '' : `; interpreter ${mean.toFixed(2)}x anvil in the geometric mean (goal: 2)`));
  console.log(`${rows.length} passed, 0 failed`);
}

async function precompiles() {
  const files = workload_files(folder).filter(([name]) => name.startsWith('precompile-'));
  const rows = [];
  for (const [name, file] of files) {
    const one = await levm_bench(file);
    rows.push({ name, ns_per_gas: one.warm.minNs / one.gasUsed });
  }
  return rows;
}

(options.worst ? bench_worst({ say, json: options.json, precompiles }) : bench_workloads()).catch((error) => {
  console.error(`bench vm: ${error.stack}`);
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
});
