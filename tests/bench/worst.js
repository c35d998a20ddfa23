// bench vm --worst: what a unit of gas of each opcode takes with the worst arguments we know of:
// code that is warm, state in memory. An opcode is measured with the PUSHes of its operands, which
// whoever wants to waste time has to pay as well. Precompiles, first accesses and code that nobody
// has seen are listed apart.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program, run } from '../e2e/lib/node.js';
import { median, table } from './measure.js';
import { assemble, repeat } from './vm/sources/assembler.js';

const most = 20; // times the median that no opcode may be above
// The least of them counts. They are seconds apart: beside other programs a Keccak permutation took up
// to half as long again as alone (docs/performance.md).
const turns = 10;
const w256 = '0xf5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a471';
const limbs = (count) => `0x${'f'.repeat(7)}3${w256.slice(2, 2 + 16 * count - 8)}`;
const ones = `0x${'f'.repeat(64)}`;
const other = 0x2000;
const account = (number) => `0x${number.toString(16).padStart(40, '0')}`;

// [number, words in, words out] of every opcode.
function opcodes() {
  const text = readFileSync(path.resolve(import.meta.dirname, '../../vm/opcodes.h'), 'utf8');
  return new Map([...text.matchAll(/X\(0x([0-9a-f]{2}), (\w+), \d+, (\d+), (\d+), (\d+)/g)]
    .map((row) => [row[2], { number: row[1], into: Number(row[3]), out: Number(row[4]), immediate: Number(row[5]) }]));
}

const all = opcodes();

// OP with these operands, the topmost first, and what it leaves taken off again.
const with_operands = (name, operands) => `${[...operands].reverse().join(' ')} ${name} ${repeat(all.get(name).out, 'POP')}`;

// name: list of variants { what, body, ... }; an opcode that is not here gets full words.
function special() {
  const list = {};
  const add = (name, what, operands, more = {}) => (list[name] ??= []).push({ what, body: with_operands(name, operands), ...more });
  for (const name of ['DIV', 'SDIV', 'MOD', 'SMOD']) {
    for (const count of [1, 2, 3, 4]) add(name, `by ${count} limbs`, [ones, limbs(count)]);
    add(name, 'of a negative number by 2 limbs', [`0x8${'1'.repeat(63)}`, limbs(2)]);
  }
  for (const name of ['ADDMOD', 'MULMOD']) {
    for (const count of [1, 2, 3, 4]) add(name, `by ${count} limbs`, [ones, w256, limbs(count)]);
  }
  for (const bytes of [1, 2, 4, 5, 8, 32]) add('EXP', `exponent of ${bytes} bytes`, [w256, `0x${'ff'.repeat(bytes)}`], { rounds: 50 });
  for (const bits of [1, 13, 64, 255]) for (const name of ['SHL', 'SHR', 'SAR']) add(name, `by ${bits}`, [bits, w256]);
  for (const index of [0, 7, 30]) add('SIGNEXTEND', `from byte ${index}`, [index, w256]);
  for (const size of [0, 32, 135, 136, 1024, 16384]) add('KECCAK256', `of ${size} bytes`, [1, size], { rounds: 20 });
  for (const name of ['CALLDATACOPY', 'CODECOPY', 'MCOPY']) {
    for (const size of [0, 1, 33, 1024, 16384]) add(name, `${size} bytes`, [3, 1, size], { rounds: 100 });
  }
  for (const size of [0, 1, 1024]) {
    add('RETURNDATACOPY', `${size} bytes`, [3, 0, size], { init: `PUSH0 PUSH0 0x400 PUSH0 4 GAS STATICCALL POP`, rounds: 100 });
    add('EXTCODECOPY', `${size} bytes`, [other, 3, 1, size], { rounds: 100 });
  }
  for (const name of ['BALANCE', 'EXTCODESIZE', 'EXTCODEHASH']) add(name, 'warm', [other]);
  add('CALLDATALOAD', 'across the end', [1000 - 17]);
  for (const at of [1, 0x3fff]) for (const name of ['MLOAD', 'MSTORE', 'MSTORE8']) add(name, `at ${at}`, [at, w256].slice(0, all.get(name).into));
  add('SLOAD', 'warm, one slot', [7]);
  const slot = (index) => `0x${((BigInt(w256) * BigInt(index + 1)) & BigInt(ones)).toString(16)}`;
  list.SLOAD.push({ what: 'warm, 64 slots in turn', unroll: 64, body: (i) => with_operands('SLOAD', [slot(i)]) });
  list.SSTORE = [
    { what: 'warm, the same value', body: '7 7 SSTORE', rounds: 100 },
    { what: 'warm, changed before', body: '1 7 SSTORE 2 7 SSTORE', rounds: 100 },
    { what: 'set and cleared', body: '1 8 SSTORE PUSH0 8 SSTORE', rounds: 100 },
  ];
  add('TLOAD', 'one slot', [7]);
  list.TSTORE = [{ what: 'one slot', body: '7 7 TSTORE', rounds: 100 }, { what: 'a new slot', body: 'DUP1 DUP1 TSTORE', rounds: 2000, unroll: 1 }];
  list.JUMP = [{ what: 'on, computed', body: (i) => `@a${i} 0 ADD JUMP :a${i}` }, { what: 'on', body: (i) => `@a${i} JUMP :a${i}` }];
  list.JUMPI = [{ what: 'taken', body: (i) => `1 @a${i} JUMPI :a${i}` }, { what: 'not taken', body: (i) => `PUSH0 @a${i} JUMPI :a${i}` }];
  list.JUMPDEST = [{ what: 'alone', body: 'JUMPDEST' }];
  list.PC = [{ what: 'alone', body: 'PC POP' }];
  add('BLOCKHASH', 'none', [5]);
  for (let topics = 0; topics <= 4; topics++) {
    for (const size of [0, 1024]) add(`LOG${topics}`, `${size} bytes`, [3, size, ...Array(topics).fill(w256)], { rounds: 20 });
  }
  const callee = {
    'that stops': '00', 'that reverts': '5f5ffd', 'that returns': '60205ff3',
    'of 24 KiB of destinations': `${assemble('0x5fff JUMP')}${'5b'.repeat(24576 - 4)}`,
    'that fails': 'fe',
  };
  for (const name of ['CALL', 'CALLCODE', 'DELEGATECALL', 'STATICCALL']) {
    const has_value = all.get(name).into === 7;
    for (const [what, code] of Object.entries(callee)) {
      add(name, `a contract ${what}`, [100, other, ...(has_value ? ['PUSH0'] : []), 'PUSH0', 'PUSH0', 'PUSH0', 'PUSH0'], { rounds: 50, code });
    }
    add(name, 'nobody', [100, 0x7777, ...(has_value ? ['PUSH0'] : []), 'PUSH0', 'PUSH0', 'PUSH0', 'PUSH0'], { rounds: 50 });
  }
  add('CALL', 'with value', [0, 0x7777, 1, 'PUSH0', 'PUSH0', 'PUSH0', 'PUSH0'], { rounds: 50 });
  for (const [name, salt] of [['CREATE', []], ['CREATE2', ['GAS']]]) {
    add(name, 'nothing', ['PUSH0', 'PUSH0', 'PUSH0', ...salt], { rounds: 5 });
    for (const [what, filler] of [['destinations', '5b'], ['PUSH1', '605b'], ['PUSH3', '6300005b'], ['PUSH17', `70${'5b'.repeat(17)}`]]) {
      const code = `${assemble('3 JUMP JUMPDEST STOP')}${filler.repeat(24576 / (filler.length / 2))}`;
      add(name, `48 KiB of ${what}`, ['PUSH0', 'PUSH0', 0xc000, ...salt], {
        rounds: 2, unroll: 4, code: code.slice(0, 2 * 24576), init: `0x6000 PUSH0 PUSH0 ${other} EXTCODECOPY
          0x6000 PUSH0 0x6000 ${other} EXTCODECOPY`,
      });
    }
  }
  list.SELFDESTRUCT = [{ what: 'called, to itself', body: `PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 ${other} GAS CALL POP`, rounds: 20, code: '30ff' }];
  list.STOP = [{ what: 'called', body: `PUSH0 PUSH0 PUSH0 PUSH0 ${other} GAS STATICCALL POP`, rounds: 50, code: '00' }];
  for (const [name, code] of [['RETURN', '6120005ff3'], ['REVERT', '6120005ffd']]) {
    list[name] = [{ what: 'called, with 8 KiB of new memory', body: `PUSH0 PUSH0 PUSH0 PUSH0 ${other} GAS STATICCALL POP`, rounds: 50, code }];
  }
  list.INVALID = [{ what: 'called with 100 gas', body: `PUSH0 PUSH0 PUSH0 PUSH0 ${other} 100 STATICCALL POP`, rounds: 50, code: 'fe' }];
  return list;
}

function general(name) {
  const { number, into, out, immediate } = all.get(name);
  if (immediate > 0) return [{ what: 'alone', body: `'${number}${'a7'.repeat(immediate)}' POP` }];
  if (/^(DUP|SWAP)/.test(name)) return [{ what: 'alone', body: name.startsWith('DUP') ? `${name} POP` : name, init: repeat(17, w256) }];
  return [{ what: 'full words', body: `${repeat(into, w256)} ${name} ${repeat(out, 'POP')}` }];
}

// First accesses: each of another slot or account, in state that is in memory.
const first = {
  SLOAD: 'DUP1 SLOAD POP', SSTORE: 'DUP1 DUP1 SSTORE', BALANCE: 'DUP1 BALANCE POP', EXTCODEHASH: 'DUP1 EXTCODEHASH POP',
  CALL: 'PUSH0 PUSH0 PUSH0 PUSH0 PUSH0 DUP6 PUSH0 CALL POP',
};

function workload(name, variant) {
  const { init = '', body, rounds = 200, unroll = 32, code } = variant;
  const text = `${init} ${rounds} :loop ${repeat(unroll, body)} 1 SWAP1 SUB DUP1 @loop JUMPI STOP`;
  return {
    name: `${name} ${variant.what}`.slice(0, 80), group: name, fork: 'osaka', receiver: account(0x1000), gas: 3_000_000_000,
    code: `0x${assemble(text)}`, input: `0x${'5a'.repeat(1000)}`, output: '0x',
    prestate: { [account(0x1000)]: { balance: '0xffffffffff' }, [account(0x7777)]: { balance: '0x1' },
      ...(code !== undefined && { [account(other)]: { code: `0x${code}`, balance: '0x5' } }) },
  };
}

async function measure(files) {
  const folder = mkdtempSync(path.join(tmpdir(), 'leither-worst-'));
  try {
    files.forEach((one, i) => writeFileSync(path.join(folder, `${String(i).padStart(4, '0')}.json`), JSON.stringify(one)));
    let least = [];
    for (let turn = 0; turn < turns; turn++) {
      const done = await run(program('levm'), ['bench', '--json', '--min-ms', '10', folder], { timeout_ms: 300000 });
      if (done.code !== 0) throw new Error(`levm bench: ${done.stderr}`);
      least = JSON.parse(done.stdout).workloads.map((one, i) => ({
        name: one.name, opcode: one.group,
        ns_per_gas: Math.min(one.warm.minNs / one.gasUsed, least[i]?.ns_per_gas ?? Infinity),
      }));
    }
    return least;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const digits = (value) => value.toFixed(value < 0.1 ? 3 : 2);

export async function bench_worst({ say, json, precompiles }) {
  const specials = special();
  const variants = [...all.keys()].flatMap((name) => (specials[name] ?? general(name)).map((one) => workload(name, one)));
  const results = await measure(variants);
  const worst = [...all.keys()].map((name) => results.filter((one) => one.opcode === name)
    .reduce((a, b) => (a.ns_per_gas > b.ns_per_gas ? a : b)));
  const middle = median(worst.map((one) => one.ns_per_gas));
  const sorted = worst.map((one) => ({ ...one, times_median: one.ns_per_gas / middle })).sort((a, b) => b.ns_per_gas - a.ns_per_gas);
  const above = sorted.filter((one) => one.times_median > most);
  const firsts = await measure(Object.entries(first).map(([name, body]) => (
    workload(name, { what: 'first access', body, unroll: 1, rounds: 20000 }))));
  const apart = await precompiles();
  say(`${worst.length} opcodes, ${results.length} variants; the worst of each, with what pushes its operands`);
  say(table([['opcode and worst case', 'ns/gas', 'times the median'], ...sorted.map((one) => (
    [one.name, digits(one.ns_per_gas), one.times_median.toFixed(1)]))]));
  say(`median ${digits(middle)} ns per gas`);
  say(`\n${table([['first accesses, state in memory', 'ns/gas'], ...firsts.map((one) => [one.name, digits(one.ns_per_gas)])])}`);
  say(`\n${table([['precompiles', 'ns/gas'], ...apart.map((one) => [one.name, digits(one.ns_per_gas)])])}`);
  if (json) console.log(JSON.stringify({ median_ns_per_gas: middle, opcodes: sorted, first_accesses: firsts, precompiles: apart }));
  console.log(`bench vm --worst: ${sorted[0].name} is the worst, ${sorted[0].times_median.toFixed(1)} times the median; `
    + `${above.length} opcodes above ${most} times (goal: 0)`);
  console.log(`${results.length} passed, 0 failed`);
}
