// Breaks one safeguard at a time in a copy of the sources, builds what it touches, and expects its tests to go red.
//   node tests/mutation/run.mjs              all of them
//   node tests/mutation/run.mjs --turn N     two of them, by the number N (CI takes the count of commits)
//   node tests/mutation/run.mjs WORD         those whose name has the word
// Exit code 0: every break was caught. The copy and its build stay in build/mutation, so that a second run is faster.
// It lies as deep as the sources themselves, so that ccache knows what has not changed from the build beside it.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const copy = path.join(root, 'build/mutation/source'), build = path.join(copy, 'build/release');
process.env.CCACHE_BASEDIR = root;
process.env.CCACHE_NOHASHDIR = '1';

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
    return safeguard;
  });
}

function chosen(safeguards, args) {
  if (args[0] === '--turn') {
    const turn = Number(args[1]);
    if (!Number.isInteger(turn)) throw new Error('--turn wants a number');
    return [0, 1].map((i) => safeguards[(2 * turn + i) % safeguards.length]);
  }
  return args.length === 0 ? safeguards : safeguards.filter((s) => s.name.includes(args[0]));
}

function run(command, args) {
  return spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
}

function mustRun(command, args) {
  const result = run(command, args);
  if (result.status !== 0) throw new Error(`${command} ${args.join(' ')}\n${(result.stdout + result.stderr).slice(-3000)}`);
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
    fs.writeFileSync(to, bytes);
  }
  for (const entry of fs.readdirSync(copy, { recursive: true, withFileTypes: true })) {
    const file = path.relative(copy, path.join(entry.parentPath ?? entry.path, entry.name));
    if (entry.isFile() && !wanted.has(file) && !file.startsWith('build/')) fs.rmSync(path.join(copy, file));
  }
}

function test(safeguard) {
  const [binary, filter = '*'] = safeguard.test.split(' ');
  return run('timeout', ['600', path.join(build, 'bin', binary), `--gtest_filter=${filter}`, '--gtest_brief=1']);
}

function check(safeguard) {
  const file = path.join(copy, safeguard.file), text = fs.readFileSync(file, 'utf8');
  const parts = text.split(safeguard.from);
  if (parts.length !== 2) return `the text stands ${parts.length - 1} times in ${safeguard.file}`;
  const binary = safeguard.test.split(' ')[0];
  mustRun('cmake', ['--build', build, '--target', binary]);
  const whole = test(safeguard);
  if (whole.status !== 0) return `red before anything was broken\n${whole.stdout.slice(-2000)}`;
  if (!/\[  PASSED  \] [1-9]/.test(whole.stdout)) return 'the filter runs no test';
  try {
    fs.writeFileSync(file, parts.join(safeguard.to));
    const built = run('cmake', ['--build', build, '--target', binary]);
    if (built.status !== 0) return `does not build:\n${(built.stdout + built.stderr).slice(-2000)}`;
    return test(safeguard).status === 0 ? 'NOT CAUGHT: all tests stay green' : '';
  } finally {
    fs.writeFileSync(file, text);
  }
}

const safeguards = chosen(parse(fs.readFileSync(path.join(root, 'tests/mutation/safeguards.txt'), 'utf8')), process.argv.slice(2));
if (safeguards.length === 0) throw new Error('no safeguard has that name');
fs.mkdirSync(copy, { recursive: true });
refresh();
if (!fs.existsSync(path.join(build, 'build.ninja')))
  mustRun('cmake', ['-S', copy, '-B', build, '-G', 'Ninja', '-DCMAKE_BUILD_TYPE=RelWithDebInfo', '-DLIAISON_WEB=OFF']);
let survived = 0;
for (const safeguard of safeguards) {
  const wrong = check(safeguard);
  if (wrong) ++survived;
  console.log(`${wrong ? 'FAILED' : 'caught'}  ${safeguard.name}${wrong ? `\n        ${wrong}` : ''}`);
}
console.log(`mutation: ${safeguards.length - survived} of ${safeguards.length} breaks caught`);
process.exitCode = survived === 0 ? 0 : 1;
