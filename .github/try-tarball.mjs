// Installs the tarball of a folder in an empty one, and opens verified wss connections with it, to a
// server of Node's own. Usage: node .github/try-tarball.mjs FOLDER
import { execFileSync, spawn } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expected } from '../scripts/targets/smoke-result.mjs';

const [, , given = '.'] = process.argv;
const [tarball] = readdirSync(given).filter((name) => name.endsWith('.tgz'));
const folder = mkdtempSync(join(tmpdir(), 'wsfd-tarball-'));
const inFolder = { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' };
writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
execFileSync('npm', ['install', '--ignore-scripts', resolve(given, tarball), 'ws'], inFolder);
copyFileSync('scripts/targets/smoke.mjs', join(folder, 'smoke.mjs'));

const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-subj'];
const names = ['/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
execFileSync('openssl', [...request, ...names, ...files]);

const { WebSocketServer } = await import(`file://${join(folder, 'node_modules/ws/wrapper.mjs')}`);
const read = (name) => readFileSync(join(folder, name));
const server = createServer({ key: read('key.pem'), cert: read('cert.pem') });
new WebSocketServer({ server }).on('connection', (peer) => {
  peer.on('message', (data, binary) => peer.send(data, { binary }));
});
server.listen(0, 'localhost', () => {
  const url = `wss://localhost:${String(server.address().port)}/`;
  const child = spawn(process.execPath, ['smoke.mjs', url, 'cert.pem'], { cwd: folder });
  let output = '';
  child.stdout.on('data', (text) => (output += String(text)));
  child.stderr.pipe(process.stderr);
  child.once('close', (code) => {
    console.log(process.version, process.platform, process.arch, output);
    process.exit(code === 0 && output.trim() === JSON.stringify(expected) ? 0 : 1);
  });
});
