// Generates the TypeScript client from the schema into web-gen/ with the system's protoc.
// PROTOC names another compiler.
import {execFileSync} from 'node:child_process';
import {existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const proto = join(here, '..', '..', 'proto');
const out = join(here, 'web-gen');
const files = [
  'options', 'records', 'views', 'record_service', 'file_service', 'station_service', 'devices', 'figures', 'hub_service',
  'congress', 'casework', 'congress_services', 'print', 'people', 'login', 'accounts',
  'audit',
].map((name) => `liaison/v1/${name}.proto`);

// Made beside and moved over, file by file and only where it differs: a build that runs at the same time is not disturbed.
const fresh = mkdtempSync(`${out}.`);
try {
  execFileSync(
    process.env.PROTOC ?? 'protoc',
    [
      `-I${proto}`,
      `--plugin=protoc-gen-es=${join(here, 'node_modules', '.bin', 'protoc-gen-es')}`,
      `--es_out=${fresh}`,
      '--es_opt=target=ts',
      ...files,
    ],
    {stdio: 'inherit'},
  );
  mkdirSync(join(out, 'liaison/v1'), {recursive: true});
  for (const file of files.map((name) => name.replace('.proto', '_pb.ts'))) {
    const [from, to] = [join(fresh, file), join(out, file)];
    if (!existsSync(to) || !readFileSync(from).equals(readFileSync(to))) renameSync(from, to);
  }
} finally {
  rmSync(fresh, {recursive: true, force: true});
}
