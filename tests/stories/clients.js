// The matrix of tools: every client test of this repository, told as what each tool did.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { run } from 'node:test';
import { say, shows, story } from './story.js';

const tests = path.resolve(import.meta.dirname, '..');

// file, and the packages that it is about: folder, package, how a person calls it.
const tools = [
  ['e2e/ethers.test.js', ['e2e', 'ethers', 'ethers']],
  ['e2e/viem.test.js', ['e2e', 'viem', 'viem']],
  ['e2e/web3.test.js', ['e2e', 'web3', 'web3.js']],
  ['e2e/cast.test.js', ['e2e', '@foundry-rs/cast', 'cast']],
  ['clients/forge.test.js', ['clients/foundry', '@foundry-rs/forge', 'forge']],
  ['clients/hardhat2.test.js', ['clients/hardhat2', 'hardhat', 'Hardhat'],
    ['clients/hardhat2', '@nomicfoundation/hardhat-ignition', 'Ignition'],
    ['clients/hardhat2', '@openzeppelin/hardhat-upgrades', 'OpenZeppelin upgrades']],
  ['clients/hardhat3.test.js', ['clients/hardhat3', 'hardhat', 'Hardhat'],
    ['clients/hardhat3', '@nomicfoundation/hardhat-ignition', 'Ignition'],
    ['clients/hardhat3', '@openzeppelin/hardhat-upgrades', 'OpenZeppelin upgrades']],
];

const version = ([folder, name, called]) => `${called} ${JSON.parse(
  readFileSync(path.join(tests, folder, 'node_modules', name, 'package.json'), 'utf8')).version}`;

// Runs a file's tests; resolves with [{ name, good, why }] in their order.
function outcomes(file) {
  return new Promise((resolve) => {
    const seen = [];
    const on = (good) => ({ name, details }) => {
      if (details.type !== 'suite') seen.push({ name, good, why: details.error?.cause?.message });
    };
    run({ files: [file], timeout: 900000 })
      .on('test:pass', on(true)).on('test:fail', on(false)).on('data', () => {}).on('end', () => resolve(seen));
  });
}

await story('clients', async () => {
  say('Tools as their makers publish them, each against a node of its own:');
  for (const [file, ...packages] of tools) {
    say(`\n${packages.map(version).join(', ')}`);
    const done = await outcomes(path.join(tests, file));
    for (const { name, good, why } of done) shows(good, good ? name : `${name}: ${why}`);
    if (done.length === 0) shows(false, `${file} ran no test`);
  }
});
