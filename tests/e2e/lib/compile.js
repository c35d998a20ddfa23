// Compiles a contract of tests/e2e/contracts with npm's solc for the oldest fork a ledger may have.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const solc = createRequire(import.meta.url)('solc');
const folder = path.resolve(import.meta.dirname, '..');

function readImport(name) {
  return { contents: readFileSync(path.join(folder, 'node_modules', name), 'utf8') };
}

// Returns { abi, bytecode } of contracts/NAME.sol, or of another contract of that file.
export function compile(name, contractName = name) {
  const input = {
    language: 'Solidity',
    sources: {
      [`${name}.sol`]: { content: readFileSync(path.join(folder, 'contracts', `${name}.sol`), 'utf8') },
    },
    settings: {
      evmVersion: 'cancun',
      optimizer: { enabled: true },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readImport }));
  const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
  if (errors.length > 0) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  const contract = output.contracts[`${name}.sol`][contractName];
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}
