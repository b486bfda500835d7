// A township of its own for one test: a folder, a hub with the fixture's roster, stations that enrolled with it. Nothing
// is left behind: close() ends every process by its id, also when the test run itself is ended.
import {execFile, spawn} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {dirname, join, resolve} from 'node:path';
import {fileURLToPath} from 'node:url';
import {promisify} from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const project = resolve(here, '../..');
const binaries = resolve(here, process.env.LIAISON_BIN ?? '../../build/release/bin');
const STOP_MS_MAX = 30_000;
const run = promisify(execFile);

// Who works at the hub of Township.create(): the clerk.
export const CLERK = {name: '何国强', password: 'hengkou-shuiqu-2026'};

// `liaison` with a line on its standard input.
function tell(line, ...args) {
  const told = run(join(binaries, 'liaison'), args);
  told.child.stdin.end(`${line}\n`);
  return told;
}

// As one that 0.4.0 enrolled: nobody has to log in on the machine itself until the township asks for it.
function asOlderFolder(dir) {
  const file = join(dir, 'station.json');
  const {login, ...config} = JSON.parse(readFileSync(file, 'utf8'));
  if (login !== true) throw new Error(`${file}: it does not ask for logins`);
  writeFileSync(file, JSON.stringify(config));
}

const running = new Set();
const folders = new Set();
process.on('exit', () => {
  running.forEach((child) => child.kill('SIGKILL'));
  folders.forEach((dir) => rmSync(dir, {recursive: true, force: true, maxRetries: 5}));
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

// A running liaison-hub or liaison-station.
export class Daemon {
  // Resolves when the program says where its page is; rejects, with what it wrote, if it ends before that.
  static async start(program, args) {
    const daemon = new Daemon();
    const child = spawn(join(binaries, program), ['run', ...args], {stdio: ['ignore', 'pipe', 'pipe']});
    daemon.child = child;
    daemon.output = '';
    running.add(child);
    daemon.ended = new Promise((done) => child.once('close', (code, signal) => (running.delete(child), done(signal ?? code))));
    daemon.address = await new Promise((done, fail) => {
      const read = (bytes) => {
        daemon.output += bytes;
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(daemon.output);
        if (found) done(found[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('error', fail);
      daemon.ended.then((code) => fail(new Error(`${program} ended (${code}): ${daemon.output}`)));
    });
    return daemon;
  }

  // Ends it as an operator does. Returns its exit code; 'SIGKILL' if it had to be forced.
  async stop() {
    this.child.kill('SIGTERM');
    const force = setTimeout(() => this.child.kill('SIGKILL'), STOP_MS_MAX);
    const code = await this.ended;
    clearTimeout(force);
    return code;
  }

  // As if the plug were pulled on the process: nothing is flushed, nothing is said goodbye to.
  async kill() {
    this.child.kill('SIGKILL');
    return this.ended;
  }
}

// Below the range that the kernel hands out: a port there may be taken in the meantime, even by a connection to itself.
async function freePort() {
  for (let tries = 0; tries < 100; tries++) {
    const port = 20000 + Math.floor(Math.random() * 10000);
    const free = await new Promise((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (free) return port;
  }
  throw new Error('found no free port');
}

export class Township {
  // The hub's roster is loaded, a clerk has a password, and the stations are enrolled as before there were logins; no
  // daemon runs yet.
  static async create(...stations) {
    const township = new Township();
    township.dir = mkdtempSync(join(tmpdir(), 'liaison-e2e-'));
    folders.add(township.dir);
    township.daemons = [];
    township.sync = `127.0.0.1:${await freePort()}`;
    await run(join(binaries, 'liaison-hub'), ['init', '--data', township.data('hub'), '--roster', join(project, 'hub/fixture')]);
    for (const station of stations) {
      await run(join(binaries, 'liaison'), [
        'enrol', '--station', station, '--data', township.data(station), '--hub-data', township.data('hub'), '--hub-sync', township.sync,
      ]);
      asOlderFolder(township.data(station));
    }
    const hub = ['--data', township.data('hub')];
    await tell('', 'hub', 'admin', 'reset', '周立新', ...hub);  // without an admin the page makes one first
    await tell('', 'account', 'add', CLERK.name, '--at', '镇中心', '--role', '镇人大干事', ...hub);
    await tell(CLERK.password, 'pin', 'set', CLERK.name, ...hub);
    return township;
  }

  // As a new one: nobody has an account, and `setupCode` makes the first admin.
  static async bare(...stations) {
    const township = new Township();
    township.dir = mkdtempSync(join(tmpdir(), 'liaison-e2e-'));
    folders.add(township.dir);
    township.daemons = [];
    township.sync = `127.0.0.1:${await freePort()}`;
    const {stdout} = await run(join(binaries, 'liaison-hub'), ['init', '--data', township.data('hub'), '--roster', join(project, 'hub/fixture')]);
    township.setupCode = /[0-9A-Z]{4}(-[0-9A-Z]{4}){2}/.exec(stdout)?.[0] ?? '';
    for (const station of stations) {
      await run(join(binaries, 'liaison'), [
        'enrol', '--station', station, '--data', township.data(station), '--hub-data', township.data('hub'), '--hub-sync', township.sync,
      ]);
    }
    return township;
  }

  data(name) {
    return join(this.dir, name);
  }

  // `port` 0: any. A station that comes back under the port it had is found again by an open page.
  async startStation(station, port = 0, ...more) {
    return this.#keep(await Daemon.start('liaison-station',
      ['--data', this.data(station), '--http', `127.0.0.1:${port}`, '--retry-max', '2', ...more]));
  }

  async startHub() {
    return this.#keep(await Daemon.start('liaison-hub', ['--data', this.data('hub'), '--http', '127.0.0.1:0', '--sync', this.sync]));
  }

  // Returns the exit codes of the daemons that still ran.
  async close() {
    const codes = await Promise.all(this.daemons.filter((d) => running.has(d.child)).map((d) => d.stop()));
    rmSync(this.dir, {recursive: true, force: true});
    folders.delete(this.dir);
    return codes;
  }

  #keep(daemon) {
    this.daemons.push(daemon);
    return daemon;
  }
}
