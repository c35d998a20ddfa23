// A library in front of a program, that lies to it about the clock or the disk (shim.c).
import path from 'node:path';
import { run } from './node.js';

// The environment that loads it; it is built in `folder`, since whoever built lnode has a compiler.
export async function shim(folder, env) {
  const library = path.join(folder, 'shim.so');
  const done = await run('cc', ['-shared', '-fPIC', '-o', library, path.join(import.meta.dirname, 'shim.c')]);
  if (done.code !== 0) throw new Error(done.stderr);
  return { ...env, LD_PRELOAD: library, ASAN_OPTIONS: 'verify_asan_link_order=0' };
}
