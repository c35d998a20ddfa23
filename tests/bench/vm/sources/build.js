// Writes a file for each workload into the folder above, or with --check says which differ.
// What a workload answers is kept from the file there is; expect.js finds it out anew.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { receiver, workloads } from './workloads.js';

const folder = path.resolve(import.meta.dirname, '..');
const hex = (text) => (text.startsWith('0x') ? text : `0x${text}`);
let differing = 0;

const all = Object.entries(workloads());
for (const [name, one] of all) {
  const file = path.join(folder, `${name}.json`);
  const old = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  const prestate = Object.fromEntries(Object.entries(one.prestate).map(([at, account]) => (
    [at, { ...account, ...(account.code && { code: hex(account.code) }) }])));
  const text = `${JSON.stringify({
    name, group: one.group, about: one.about, ...(one.cold && { cold: true }), fork: 'osaka', receiver, gas: 3_000_000_000, code: hex(one.code),
    input: hex(one.input), output: JSON.parse(old).output, prestate,
  }, null, 1)}\n`;
  if (text === old) continue;
  differing++;
  if (process.argv.includes('--check')) console.log(`${name}: differs from its source`);
  else writeFileSync(file, text);
}
console.log(`${differing} of ${all.length} files ${process.argv.includes('--check') ? 'differ' : 'written'}`);
if (process.argv.includes('--check') && differing > 0) process.exitCode = 1;
