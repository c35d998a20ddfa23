// The tool as a user or a harness calls it, and what must hold of every call whose input is wrong.
import assert from 'node:assert/strict';
import { newFolder, program, run } from './node.js';

export const levm = (args, options) => run(program('levm'), args, options);

// One clear line on stderr, nothing on stdout, this exit code; a crash or a sanitizer's word is
// neither.
export async function refuses(args, code, words, options) {
  const done = await levm(args, options);
  const what = `levm ${args.join(' ').slice(0, 200)}`;
  assert.equal(done.signal, null, `${what}: ended by ${done.signal}`);
  assert.equal(done.code, code, `${what}: ${done.stderr.slice(0, 500)}`);
  assert.match(done.stderr, /^levm: [^\n]+\n$/, what);
  assert.match(done.stderr, words, what);
  assert.equal(done.stdout, '', what);
}

// The lines of a trace, and the summary that ends it.
export function trace_of(stderr) {
  const lines = stderr.trim().split('\n').map((line) => JSON.parse(line));
  return { steps: lines.slice(0, -1), end: lines.at(-1) };
}

export { newFolder };
