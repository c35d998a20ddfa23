// Compiles a contract of this folder with the pinned solc, as deployed code.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const solc = createRequire(path.resolve(import.meta.dirname, '../../../e2e/package.json'))('solc');
const read = (file) => readFileSync(path.join(import.meta.dirname, file), 'utf8');

// { code, selector of run(uint256) if it has one }, both hex without 0x. Cancun's opcodes: the
// workloads run on every fork we have.
export function compile(name) {
  const file = `${name}.sol`;
  const answer = JSON.parse(solc.compile(JSON.stringify({
    language: 'Solidity',
    sources: { [file]: { content: read(file) } },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true, runs: 200 },
      metadata: { appendCBOR: false, bytecodeHash: 'none' },
      outputSelection: { '*': { '*': ['evm.deployedBytecode.object', 'evm.methodIdentifiers'] } },
    },
  }), { import: (wanted) => ({ contents: read(wanted) }) }));
  const faults = (answer.errors ?? []).filter((one) => one.severity === 'error');
  if (faults.length > 0) throw new Error(faults.map((one) => one.formattedMessage).join('\n'));
  const { evm } = answer.contracts[file][name];
  return { code: evm.deployedBytecode.object, selector: evm.methodIdentifiers['run(uint256)'] };
}
