// Breaks one safeguard at a time in a copy of the sources, builds what it touches, and expects its tests to go red.
//   node tests/mutation/run.mjs              all of them
//   node tests/mutation/run.mjs --turn N     two of them, by the number N (CI takes the count of commits)
//   node tests/mutation/run.mjs WORD...      those whose name or test has one of the words
// Exit code 0: every break was caught. The copy and its build stay in build/mutation, so that a second run is faster.
// It lies inside the folder of the sources, so that ccache knows what has not changed from the build beside it.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const copy = path.join(root, 'build/mutation/source'), build = path.join(copy, 'build/release');
const secondsAtMost = 180;  // of a test: a break may make it wait for ever, which is red too

function parse(text) {
  return text.split(/^\[/m).slice(1).map((block) => {
    const [name, ...lines] = block.split('\n');
    const safeguard = { name: name.replace(/\]$/, '') };
    for (const line of lines) {
      const match = /^(file|from|to|test)(?: +(.*))?$/.exec(line);
      if (match) safeguard[match[1]] = match[2] ?? '';
    }
    for (const part of ['file', 'from', 'to', 'test'])
      if (safeguard[part] === undefined) throw new Error(`${safeguard.name}: no line "${part}"`);
    [safeguard.binary, safeguard.filter = '*'] = safeguard.test.split(' ');
    return safeguard;
  });
}

// Two that stand side by side in the list: mostly of one test, which is then built three times instead of four.
function chosen(safeguards, args) {
  if (args[0] === '--turn') {
    const turn = Number(args[1]);
    if (!Number.isInteger(turn)) throw new Error('--turn wants a number');
    return [0, 1].map((i) => safeguards[(2 * turn + i) % safeguards.length]);
  }
  const has = (s) => args.some((word) => s.name.includes(word) || s.test.includes(word));
  return args.length === 0 ? safeguards : safeguards.filter(has);
}

function run(command, args) {
  return spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function mustRun(command, args) {
  const result = run(command, args);
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${(result.stdout + result.stderr).slice(-3000)}`);
}

function filesUnder(folder, prefix = '') {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = prefix + entry.name;
    if (name === 'build') return [];
    return entry.isDirectory() ? filesUnder(path.join(folder, entry.name), `${name}/`) : [name];
  });
}

// The files that git knows, changed or not; only what differs is written, so that the build stays warm.
function refresh() {
  const files = execFileSync('git', ['-C', root, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'], { encoding: 'utf8' });
  const wanted = new Set(files.split('\0').filter((f) => f && fs.existsSync(path.join(root, f))));
  for (const file of wanted) {
    const to = path.join(copy, file);
    const bytes = fs.readFileSync(path.join(root, file));
    if (fs.existsSync(to) && fs.readFileSync(to).equals(bytes)) continue;
    fs.mkdirSync(path.dirname(to), { recursive: true });
    fs.copyFileSync(path.join(root, file), to);
  }
  for (const file of filesUnder(copy)) if (!wanted.has(file)) fs.rmSync(path.join(copy, file));
}

function buildOf(binary) {
  return run('cmake', ['--build', build, '--target', binary]);
}

function test({ binary, filter }) {
  return run('timeout', [`${secondsAtMost}`, path.join(build, 'bin', binary), `--gtest_filter=${filter}`, '--gtest_brief=1']);
}

// Builds the tests as they should be, once each; returns what is wrong with them: by test, '' if it is green.
function greenBefore(safeguards) {
  const wrong = new Map();
  for (const binary of new Set(safeguards.map((s) => s.binary))) mustRun('cmake', ['--build', build, '--target', binary]);
  for (const safeguard of safeguards) {
    if (wrong.has(safeguard.test)) continue;
    const whole = test(safeguard);
    const ran = /\[  PASSED  \] [1-9]/.test(whole.stdout);
    wrong.set(safeguard.test, whole.status !== 0 ? `red before anything was broken\n${whole.stdout.slice(-2000)}`
      : ran ? '' : 'the filter runs no test');
  }
  return wrong;
}

// What the test says when it is red, in a few words.
function redness(result) {
  if (result.status === 124) return `still running after ${secondsAtMost} s`;
  const failed = /\[  FAILED  \] ([^\s,]+)/.exec(result.stdout);
  return failed ? failed[1] : `ended by ${result.signal ?? result.status}`;
}

function timesIn(folder, { file, from }) {
  const at = path.join(folder, file);
  return fs.existsSync(at) ? fs.readFileSync(at, 'utf8').split(from).length - 1 : 0;
}

// Puts the file back but does not build: the next build does both.
function check(safeguard, wrongBefore) {
  const file = path.join(copy, safeguard.file), text = fs.readFileSync(file, 'utf8');
  if (wrongBefore) return { wrong: wrongBefore };
  try {
    fs.writeFileSync(file, text.replace(safeguard.from, () => safeguard.to));
    const built = buildOf(safeguard.binary);
    if (built.status !== 0) return { wrong: `does not build:\n${(built.stdout + built.stderr).slice(-2000)}` };
    const result = test(safeguard);
    return result.status === 0 ? { wrong: 'NOT CAUGHT: all tests stay green' } : { by: redness(result) };
  } finally {
    fs.writeFileSync(file, text);
  }
}

const lists = fs.readdirSync(path.join(root, 'tests/mutation')).filter((name) => name.endsWith('.txt')).sort();
const list = lists.flatMap((name) => parse(fs.readFileSync(path.join(root, 'tests/mutation', name), 'utf8')));
const safeguards = chosen(list, process.argv.slice(2));
if (safeguards.length === 0) throw new Error('no safeguard has that name');
// Of all, chosen or not: the list has to follow the code.
const stale = list.filter((s) => timesIn(root, s) !== 1);
for (const s of stale) console.log(`FAILED  ${s.name}\n        the text stands ${timesIn(root, s)} times in ${s.file}`);
if (stale.length > 0) process.exit(1);
const started = Date.now();
fs.mkdirSync(copy, { recursive: true });
refresh();
if (!fs.existsSync(path.join(build, 'build.ninja')))
  mustRun('cmake', ['--preset', 'release', '-S', copy, '-B', build, '-DLIAISON_WEB=OFF']);
const before = greenBefore(safeguards);
console.log(`green before, ${Math.round((Date.now() - started) / 1000)} s`);
let survived = 0;
for (const safeguard of safeguards) {
  const begin = Date.now();
  const { wrong, by } = check(safeguard, before.get(safeguard.test));
  if (wrong) ++survived;
  console.log(wrong ? `FAILED  ${safeguard.name}\n        ${wrong}`
    : `caught  ${safeguard.name}  (${by}, ${Math.round((Date.now() - begin) / 1000)} s)`);
}
console.log(`${Math.round((Date.now() - started) / 1000)} s in all`);
console.log(`mutation: ${safeguards.length - survived} of ${safeguards.length} breaks caught`);
process.exitCode = survived === 0 ? 0 : 1;
