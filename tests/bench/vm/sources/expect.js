// Asks Foundry's anvil (revm) what each workload answers and writes it into its file: the expected
// results are another machine's, not ours.
//
//   node expect.js [NAME]...
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { anvil_call, start_anvil, workload_files } from '../../anvil.js';

const wanted = process.argv.slice(2);
const server = await start_anvil();
try {
  for (const [name, file] of workload_files(path.resolve(import.meta.dirname, '..'))) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const workload = JSON.parse(readFileSync(file, 'utf8'));
    const { output, ms } = await anvil_call(server, workload);
    if (output === '0x') throw new Error(`${name}: anvil answers nothing`);
    workload.output = output;
    writeFileSync(file, `${JSON.stringify(workload, null, 1)}\n`);
    const gas = Number(BigInt(output.slice(0, 66)));
    const rate = `${(1e6 * ms / gas).toFixed(2).padStart(8)} ns/gas`;
    console.log(`${name.padEnd(28)} ${(gas / 1e6).toFixed(1).padStart(8)} Mgas ${ms.toFixed(1).padStart(9)} ms ${rate}`);
  }
} finally {
  await server.stop();
}
