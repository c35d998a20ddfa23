// Writes the clients and the page of methods from what a running node says of itself:
//
//   node rpc/clients/generate.mjs http://127.0.0.1:8545/
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { goClient } from './go.mjs';
import { modelOf } from './model.mjs';
import { methodsPage } from './page.mjs';
import { pythonClient } from './python.mjs';
import { typescriptClient } from './typescript.mjs';

const root = path.resolve(import.meta.dirname, '../..');

// A map from each file, from the repository's root, to the text it must have.
export function generated(document) {
  const model = modelOf(document);
  return new Map([
    ['rpc/clients/leither.ts', typescriptClient(model)],
    ['rpc/clients/leither.py', pythonClient(model)],
    ['rpc/clients/leither/leither.go', goClient(model)],
    ['docs/methods.md', methodsPage(model)],
  ]);
}

async function write(url) {
  const answer = await fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'rpc.discover', params: [] }) });
  const { result } = await answer.json();
  for (const [file, text] of generated(result)) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), text);
    console.log(file);
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (process.argv.length !== 3) {
    console.error('usage: node rpc/clients/generate.mjs URL, of a running node');
    process.exit(2);
  }
  await write(process.argv[2]);
}
