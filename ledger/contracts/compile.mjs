// Compiles the contracts with the pinned solc into the artifacts that are checked in:
//
//   node ledger/contracts/compile.mjs      (tests/run.sh e2e installs solc and node)
//
// The settings leave metadata out, so that the same source gives the same bytes anywhere.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../..');
const solc = createRequire(path.join(root, 'tests/e2e/package.json'))('solc');

// Source, from the repository's root, and artifact of each contract that is placed somewhere.
const contracts = [
  ['ledger/contracts/PublicOutbox.sol', 'ledger/contracts/artifacts/PublicOutbox.json'],
  ['ledger/contracts/SealOutbox.sol', 'ledger/contracts/artifacts/SealOutbox.json'],
  ['ledger/contracts/Committee.sol', 'ledger/contracts/artifacts/Committee.json'],
  ['tests/unit/ledger/contracts/OpenOutbox.sol', 'tests/unit/ledger/contracts/OpenOutbox.json'],
];
const settings = {
  evmVersion: 'prague',
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
};

const readSource = (file) => ({ contents: readFileSync(path.join(root, file), 'utf8') });

// Returns a map from each artifact's file to the text it must have.
export function compileContracts() {
  const input = {
    language: 'Solidity',
    sources: Object.fromEntries(contracts.map(([source]) => [source, { content: readSource(source).contents }])),
    settings: {
      ...settings,
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object', 'storageLayout'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: readSource }));
  const errors = output.errors ?? [];
  if (errors.length > 0) throw new Error(errors.map((one) => one.formattedMessage).join('\n'));
  return new Map(contracts.map(([source, artifact]) => {
    const name = path.basename(source, '.sol');
    const { abi, evm, storageLayout } = output.contracts[source][name];
    const storage = storageLayout.storage.map(({ label, slot, offset, type }) => ({ label, slot, offset, type }));
    return [artifact, `${JSON.stringify({
      contract: name,
      source,
      compiler: solc.version(),
      settings,
      bytecode: `0x${evm.bytecode.object}`,
      deployedBytecode: `0x${evm.deployedBytecode.object}`,
      storage,
      abi,
    }, null, 2)}\n`];
  }));
}

if (process.argv[1] === import.meta.filename) {
  for (const [artifact, text] of compileContracts()) {
    writeFileSync(path.join(root, artifact), text);
    console.log(`${artifact}: ${(JSON.parse(text).deployedBytecode.length - 2) / 2} bytes of code`);
  }
}
