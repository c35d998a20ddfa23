// A third-party EVM (@ethereumjs/vm) re-executes an open ledger's blocks from what `lnode export
// --format geth` wrote; its roots stand beside ours.
import { rmSync } from 'node:fs';
import { newFolder } from '../e2e/lib/node.js';
import { busy_ledger, export_ledger } from '../e2e/lib/busy.js';
import { replay } from '../e2e/lib/replay.js';
import { say, shows, story } from './story.js';

await story('replay', async () => {
  const folder = newFolder();
  await busy_ledger(`${folder}/data`);
  const { genesis, blocks, words } = await export_ledger(`${folder}/data`, folder);
  say(`$ lnode export --format geth\n${words}`);
  let count = 0;
  let transactions = 0;
  for await (const { number, transactions: included, ours, theirs } of replay(genesis, blocks)) {
    const same = ours.stateRoot === theirs.stateRoot && ours.receiptsRoot === theirs.receiptsRoot
      && ours.gasUsed === theirs.gasUsed && ours.requestsHash === theirs.requestsHash;
    if (included > 0 || !same || number === 0n) {
      say(`block ${number}, ${included} transactions`);
      say(`  lnode      state ${ours.stateRoot} receipts ${ours.receiptsRoot.slice(0, 18)}.. gas ${ours.gasUsed}`);
      say(`  ethereumjs state ${theirs.stateRoot} receipts ${theirs.receiptsRoot.slice(0, 18)}.. gas ${theirs.gasUsed}`);
    }
    if (!same) shows(false, `block ${number}`);
    count++;
    transactions += included;
  }
  shows(count > 5 && transactions > 5, `${count} blocks with ${transactions} transactions: every root, gas figure and requestsHash is the same`);
  rmSync(folder, { recursive: true, force: true });
});
