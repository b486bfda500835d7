// Generates the TypeScript client from the schema into web-gen/ with the system's protoc.
// PROTOC names another compiler.
import {execFileSync} from 'node:child_process';
import {mkdirSync, rmSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const proto = join(here, '..', '..', 'proto');
const out = join(here, 'web-gen');
const files = ['options', 'records', 'views', 'services'].map((name) => `liaison/v1/${name}.proto`);

rmSync(out, {recursive: true, force: true});
mkdirSync(out, {recursive: true});
execFileSync(
  process.env.PROTOC ?? 'protoc',
  [
    `-I${proto}`,
    `--plugin=protoc-gen-es=${join(here, 'node_modules', '.bin', 'protoc-gen-es')}`,
    `--es_out=${out}`,
    '--es_opt=target=ts',
    ...files,
  ],
  {stdio: 'inherit'},
);
