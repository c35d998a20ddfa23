// Projects of other people's tools, as they stand in the folders beside this file: copied to a
// folder of their own for each run, since tools write their builds and their deployments there.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { program, run } from '../e2e/lib/node.js';

const here = import.meta.dirname;
const ours = path.join(here, '../e2e/contracts');

// Where a contract stands: those that other tests use, too, are theirs.
const sourceOf = (contract) => path.join(contract === 'Acme' ? ours : path.join(here, 'contracts'), `${contract}.sol`);

// A copy of folder `name` with `contracts` in its folder `sources` and the packages that are
// installed. Returns { folder, env, edit(file, change), run(tool, args, options), remove() };
// tools run as on a build server with a home of their own: no keys, no settings, no questions.
export function openProject(name, { sources = 'contracts', contracts = ['Acme', 'Counter', 'Box', 'Shelf'] } = {}) {
  const folder = mkdtempSync(path.join(tmpdir(), `leither-${name}-`));
  cpSync(path.join(here, name), folder, {
    recursive: true, filter: (file) => path.basename(file) !== 'node_modules' });
  symlinkSync(path.join(here, name, 'node_modules'), path.join(folder, 'node_modules'));
  mkdirSync(path.join(folder, sources));
  for (const one of contracts) cpSync(sourceOf(one), path.join(folder, sources, `${one}.sol`));
  const project = {
    folder,
    env: {
      HOME: folder, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, NO_COLOR: '1', CI: 'true',
      HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true', HARDHAT_IGNITION_CONFIRM_DEPLOYMENT: 'true',
      FOUNDRY_DISABLE_NIGHTLY_WARNING: 'true' },
    edit(file, change) {
      const at = path.join(folder, file);
      writeFileSync(at, change(readFileSync(at, 'utf8')));
    },
    program: (tool) => path.join(folder, 'node_modules/.bin', tool),
    run: (tool, args, { env = {}, ...options } = {}) => run(project.program(tool), args,
      { cwd: folder, timeout_ms: 300000, ...options, env: { ...project.env, ...env } }),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
  return project;
}

// The member that goes under `networks` in a Hardhat configuration, of what lwallet printed.
export function pastedNetwork(printed) {
  const lines = printed.split('\n');
  return lines.slice(1, lines.indexOf('  },') + 1).join('\n');
}

// Puts what `lwallet org connect` prints into a Hardhat project's configuration, as a person does.
// Returns the network's name.
export async function connectHardhat(project, node) {
  const done = await run(program('lwallet'), ['org', 'connect', '--for', 'hardhat'],
    { env: { LEITHER_RPC: node.url, HOME: node.dataDir, XDG_CONFIG_HOME: node.dataDir } });
  if (done.code !== 0) throw new Error(`lwallet org connect: ${done.stdout}${done.stderr}`);
  const pasted = pastedNetwork(done.stdout);
  project.edit('hardhat.config.js', (text) => text.replace('networks: {\n', `networks: {\n${pasted}\n`));
  return pasted.match(/"(.+?)"/)[1];
}
