// A contract author's first quarter of an hour with levm: take a loop apart, run it, watch it step
// by step, measure it; then a whole block of it. No node, no network, no data folder.
import { copyFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { Wallet } from '../e2e/lib/ethers.js';
import { newFolder, program, run } from '../e2e/lib/node.js';
import { say, shows, story, type } from './story.js';

const levm = program('levm');
const word = (value) => `0x${BigInt(value).toString(16).padStart(64, '0')}`;
const account = (digits) => `0x${digits.padStart(40, '0')}`;
const size_max = 500_000; // bytes, stripped, without shared libraries

// The sum of 1 to n, n being the first word of the input.
//   sum = 0; do { sum += n; n -= 1; } while (n); return sum
const loop = '5f5f355b80820191506001900380600357505f5260205ff3';

await story('levm-tour', async () => {
  const folder = newFolder();
  const file = (name, content) => {
    const at = path.join(folder, name);
    writeFileSync(at, typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
    return at;
  };
  const code = file('loop.hex', `${loop}\n`);
  say('The sum of 1 to n, by hand:');
  const listing = await type(levm, ['disasm', '--blocks', code]);
  const blocks = listing.stdout.match(/^; block/gm) ?? [];
  shows(blocks.length === 3 && /jump destination/.test(listing.stdout), 'three blocks: before, the loop, after');
  const loop_gas = Number(listing.stdout.match(/gas (\d+).*jump destination/)[1]);

  say();
  const ten = await type(levm, ['run', '--codefile', code, '--input', word(10)]);
  shows(ten.stdout.trim() === word(55), 'the sum of 1 to 10 is 55');
  const failed = await type(levm, ['run', '--codefile', code, '--input', word(10), '--gas', '100']);
  shows(failed.code === 0 && failed.stdout === '0x\n error: out of gas\n', 'with 100 gas it does not get there');

  say();
  const traced = await type(levm, ['run', '--trace', '--codefile', code, '--input', word(3)]);
  const lines = traced.stderr.trim().split('\n').map((line) => JSON.parse(line));
  const end = lines.pop();
  const spent = lines.reduce((sum, step) => sum + Number(step.gasCost), 0);
  const rounds = lines.filter((step) => step.opName === 'JUMPDEST').length;
  shows(rounds === 3 && lines[0].opName === 'PUSH0' && lines.at(-1).opName === 'RETURN', `${lines.length} steps, ${rounds} rounds`);
  shows(Number(end.gasUsed) === spent, `their costs add up to what was used: ${spent} gas`);

  say();
  const timed = await type(levm, ['run', '--bench', '--codefile', code, '--input', word(100000)]);
  const gas = Number(timed.stderr.match(/EVM gas used: +(\d+)/)?.[1]);
  shows(timed.stdout.trim() === word(5000050000) && Math.abs(gas - 100000 * loop_gas) < 100, `a round is ${loop_gas} gas: ${gas} for 100000`);
  const workload = file('loop.json', { name: 'loop-sum', group: 'jumps', code: `0x${loop}`, input: word(100000), output: word(5000050000), gasUsed: gas });
  const measured = await type(levm, ['bench', workload]);
  shows(measured.code === 0 && new RegExp(`loop-sum +jumps +${gas} `).test(measured.stdout), 'the workload gives the same, and its speed');
  const wrong = await type(levm, ['bench', file('wrong.json', { name: 'wrong', group: 'jumps', code: `0x${loop}`, input: word(3), output: word(7) })]);
  shows(wrong.code === 1 && /output differ/.test(wrong.stderr), 'one that gives something else is not measured');

  say();
  say('The same loop in a block: two transactions, signed on the way.');
  const key = word(0xa11ce);
  const call = { nonce: '0x0', gas: '0x186a0', gasPrice: '0xa', to: account('1000'), value: '0x0', input: word(100), v: '0x0', r: '0x0', s: '0x0', secretKey: key };
  const sender = new Wallet(key).address;
  const block = await type(levm, ['t8n',
    '--input.alloc', file('alloc.json', { [sender]: { balance: '0xde0b6b3a7640000' }, [account('1000')]: { code: `0x${loop}` } }),
    '--input.env', file('env.json', { currentCoinbase: account('c0'), currentGasLimit: '0x1c9c380', currentNumber: '0x1', currentTimestamp: '0x3e8', currentRandom: word(9), currentBaseFee: '0x7', withdrawals: [], parentBeaconBlockRoot: word(0) }),
    '--input.txs', file('txs.json', [call, { ...call, nonce: '0x1' }]),
    '--state.fork', 'Cancun', '--output.basedir', path.join(folder, 'out'), '--output.alloc=', '--output.result=stdout'], { quiet: true });
  const { result } = JSON.parse(block.stdout);
  const each = result.receipts.map((receipt) => Number(receipt.gasUsed));
  shows(each.length === 2 && result.rejected === undefined && each[0] === each[1], `two receipts of ${each[0]} gas, state root ${result.stateRoot}`);

  say();
  const copy = path.join(folder, 'levm');
  copyFileSync(levm, copy);
  await run('strip', [copy]);
  const { size } = statSync(copy);
  shows(size < size_max, `levm, stripped: ${size} bytes, under ${size_max}`);
  rmSync(folder, { recursive: true, force: true });
});
