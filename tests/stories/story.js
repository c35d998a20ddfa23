// What stories share: a transcript a user could have typed, and a tally at the end.
import path from 'node:path';
import { run } from '../e2e/lib/node.js';

let passed = 0;
let failed = 0;

export const say = (text = '') => console.log(text);

// One thing the story shows to be true.
export function shows(good, text) {
  if (good) passed++; else failed++;
  console.log(`${good ? '  ok: ' : '  NOT SO: '}${text}`);
}

// Runs a command as typed and prints it with its answer. Returns { code, stdout, stderr }.
export async function type(file, args, { quiet = false, shown, ...options } = {}) {
  const words = args.map((one) => (/^[\w./:=@%+-]+$/.test(one) ? one : `'${one}'`));
  say(`$ ${shown ?? [path.basename(file), ...words].join(' ')}`);
  const done = await run(file, args, { env: { NO_COLOR: '1' }, ...options });
  const answer = `${done.stdout}${done.stderr}`.trimEnd();
  if (!quiet && answer) say(answer.length > 1500 ? `${answer.slice(0, 1500)}\n...` : answer);
  return done;
}

export const castProgram = path.resolve(import.meta.dirname, '../e2e/node_modules/.bin/cast');

// Runs the story; whatever happens, the last line is the tally.
export async function story(name, tell) {
  try {
    await tell();
  } catch (error) {
    failed++;
    console.log(`${name}: ${error.stack}`);
  }
  console.log(`story ${name}: ${failed === 0 ? 'as told' : 'not as told'}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exit(failed === 0 ? 0 : 1);
}
