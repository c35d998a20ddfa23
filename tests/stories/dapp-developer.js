// A developer's morning: an organisation's ledger, a Hardhat project as it is, and three lines in
// its configuration that lwallet prints. The developer's account has no coin.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openProject, pastedNetwork } from '../clients/project.js';
import { JsonRpcProvider, Wallet } from '../e2e/lib/ethers.js';
import { program, startNode } from '../e2e/lib/node.js';
import { say, shows, story, type } from './story.js';

await story('dapp-developer', async () => {
  const developer = Wallet.createRandom();
  const node = await startNode({ chainId: 88005, args: ['--org', 'acme'] });
  const project = openProject('hardhat3', { contracts: ['Acme', 'Counter', 'Box', 'Shelf'] });
  const provider = new JsonRpcProvider(node.url);
  say(node.readyLine);

  const env = { ...project.env, LEITHER_RPC: node.url, XDG_CONFIG_HOME: project.folder, KEY: developer.privateKey };
  const printed = await type(program('lwallet'), ['org', 'connect', 'acme', '--for', 'hardhat'], { env });
  const pasted = pastedNetwork(printed.stdout);
  shows(/"acme": \{/.test(pasted) && pasted.includes(`chainId: ${node.chainId}`), 'lwallet prints the network for Hardhat');
  project.edit('hardhat.config.js', (text) => text.replace('networks: {\n', `networks: {\n${pasted}\n`));
  say('(pasted into hardhat.config.js; nothing else of the project is touched)\n');

  const hardhat = (args) => type(project.program('hardhat'), args, {
    cwd: project.folder, env, timeout_ms: 300000, shown: `KEY=... npx hardhat ${args.join(' ')}` });
  const tested = await hardhat(['test', 'test/upgrades.js', '--network', 'acme']);
  shows(tested.code === 0 && /2 passing/.test(tested.stdout), 'its tests pass on the ledger');
  const deployed = await hardhat(['ignition', 'deploy', 'ignition/modules/Shop.js', '--network', 'acme']);
  shows(deployed.code === 0 && /successfully deployed/.test(deployed.stdout), 'Ignition deploys its module');

  const read = (file) => JSON.parse(readFileSync(path.join(project.folder, file), 'utf8'));
  const addresses = read(`ignition/deployments/chain-${node.chainId}/deployed_addresses.json`);
  for (const contract of ['Acme', 'Counter']) {
    const { deployedBytecode } = read(`artifacts/contracts/${contract}.sol/${contract}.json`);
    const code = await provider.getCode(addresses[`Shop#${contract}`]);
    say(`eth_getCode(${addresses[`Shop#${contract}`]}): ${code.slice(0, 22)}... ${code.length / 2 - 1} bytes`);
    shows(code === deployedBytecode && code !== '0x', `the code of ${contract} is its artifact's, byte for byte`);
  }
  shows(await provider.getBalance(developer.address) === 0n && await provider.getTransactionCount(developer.address) > 0,
    'all of it by an account without coin');
  provider.destroy();
  project.remove();
  await node.stop();
});
