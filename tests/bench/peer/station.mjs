// A station of the peer: PouchDB on LevelDB, one database for each station that this process plays. Commands come from
// peer.mjs over the channel of fork(): {id, name, args}; the answer is {id, value} or {id, error}.
import http from 'node:http';
import {createRequire} from 'node:module';
import {readFileSync} from 'node:fs';
import {setTimeout as pause} from 'node:timers/promises';

const PouchDB = createRequire(process.env.PEER_MODULES + '/')('pouchdb');

const stations = new Map(); // name -> {db, agent, records, next}
let live = null;

// A browser keeps up to six connections to a server alive. node-fetch, which PouchDB brings, does so only with an
// agent; and it never settles when an answer is cut in its middle, so a link with cuts takes node's own fetch.
function remote(url, station, own) {
  const viaAgent = (u, o) => PouchDB.fetch(u, {...o, agent: station.agent});
  const viaNode = (u, o = {}) => fetch(u, {method: o.method, body: o.body, signal: o.signal, headers: Object.fromEntries(o.headers ?? [])});
  return new PouchDB(url, {skip_setup: true, fetch: own ? viaNode : viaAgent});
}

function replicate({name, url, mode, batch = 100, own = false}) {
  const station = stations.get(name);
  const hub = remote(url, station, own);
  const options = {batch_size: batch};
  const run = mode === 'push' ? station.db.replicate.to(hub, options) : station.db.sync(hub, options);
  return new Promise((done, fail) => {
    run.on('complete', (info) => {
      const parts = [info, info.push, info.pull].filter(Boolean);
      const errors = parts.flatMap((part) => part.errors ?? []);
      if (errors.length > 0 || parts.some((part) => part.status === 'aborted')) fail(new Error(`replication: ${errors[0] ?? 'aborted'}`));
      else done();
    });
    run.on('error', fail);
  });
}

const commands = {
  open: ({name, dir, file}) => {
    const agent = new http.Agent({keepAlive: true, maxSockets: 6});
    const records = file === undefined ? [] : readFileSync(file, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
    stations.set(name, {db: new PouchDB(dir), agent, records, next: 0});
  },
  // Writes the next `count` records of the file, a few hundred at once: not what is measured.
  fill: async ({name, count}) => {
    const station = stations.get(name);
    for (const end = station.next + count; station.next < end;) {
      const part = station.records.slice(station.next, Math.min(end, station.next + 500));
      await station.db.bulkDocs(part);
      station.next += part.length;
    }
  },
  put: async ({name}) => {
    const station = stations.get(name);
    await station.db.put(station.records[station.next++]);
  },
  edit: async ({name, status}) => {
    const station = stations.get(name);
    const doc = await station.db.get(station.records[station.next - 1]._id);
    await station.db.put({...doc, status});
  },
  // One record after the other, as a page saves them: milliseconds of each.
  saves: async ({name, count}) => {
    const station = stations.get(name);
    const ms = [];
    for (let i = 0; i < count; ++i) {
      const begin = performance.now();
      await station.db.put(station.records[station.next++]);
      ms.push(performance.now() - begin);
    }
    return ms;
  },
  replicate,
  // All databases at once; milliseconds of each.
  replicateAll: ({url, mode, names}) => {
    const begin = performance.now();
    return Promise.all(names.map(async (name) => {
      for (let tries = 0; ; ++tries) {
        try {
          await replicate({name, url, mode});
          return performance.now() - begin;
        } catch (error) {
          if (tries === 20) throw error;
          await pause(200 + 400 * Math.random());
        }
      }
    }));
  },
  // Again and again until it is through or the time is over: {done, tries}.
  replicateUntilDone: async ({limitMs, ...args}) => {
    const end = performance.now() + limitMs;
    let tries = 0;
    while (performance.now() < end) {
      ++tries;
      const over = new AbortController();
      const timeout = pause(end - performance.now(), 'late', {signal: over.signal}).catch(() => 'stopped');
      const attempt = replicate(args).then(() => 'done', () => 'failed');
      const result = await Promise.race([attempt, timeout]);
      over.abort();
      if (result === 'done') return {done: true, tries};
      await pause(50);
    }
    return {done: false, tries};
  },
  disconnect: ({name}) => {
    const station = stations.get(name);
    station.agent.destroy();
    station.agent = new http.Agent({keepAlive: true, maxSockets: 6});
  },
  live: async ({name, url}) => {
    const station = stations.get(name);
    live = station.db.sync(remote(url, station, false), {live: true, retry: true});
    live.on('error', () => {});
    await new Promise((done) => live.once('paused', done));
  },
  stopLive: () => live.cancel(),
  close: () => Promise.all([...stations.values()].map((station) => station.db.close())),
};

process.on('message', async ({id, name, args}) => {
  try {
    process.send({id, value: await commands[name](args)});
  } catch (error) {
    process.send({id, error: String(error.message ?? error)});
  }
});
process.on('unhandledRejection', () => {}); // a cut connection rejects in places that nobody awaits
process.on('disconnect', () => process.exit(0));
