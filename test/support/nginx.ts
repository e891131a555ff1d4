// Debian's nginx, speaking TLS for a WebSocket server behind it.
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { request } from 'node:https';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Fixture } from './fixture';
import { runProgram } from './programs';

export interface NginxOptions {
  tls: { cert: string; key: string };
  /** The port of the server behind it. */
  backend: number;
  /** As nginx writes times: `500ms`. Absent: its own defaults. */
  readTimeout?: string;
  shutdownTimeout?: string;
}

export interface Nginx extends Fixture {
  /** Has nginx read its configuration again; resolves once new connections meet new workers. */
  reload(): Promise<void>;
}

function configure(folder: string, port: number, options: NginxOptions, generation: number): void {
  const { readTimeout, shutdownTimeout } = options;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  );
  const lines = [
    'daemon off;',
    'worker_processes 1;',
    `pid ${folder}/nginx.pid;`,
    `error_log ${folder}/error.log;`,
    ...(shutdownTimeout === undefined ? [] : [`worker_shutdown_timeout ${shutdownTimeout};`]),
    'events {}',
    'http {',
    'access_log off;',
    ...temporary,
    'server {',
    `listen 127.0.0.1:${port} ssl;`,
    `ssl_certificate ${folder}/cert.pem;`,
    `ssl_certificate_key ${folder}/key.pem;`,
    `location = /generation { return 200 "${generation}"; }`,
    'location / {',
    `proxy_pass http://127.0.0.1:${options.backend};`,
    'proxy_http_version 1.1;',
    'proxy_set_header Upgrade $http_upgrade;',
    'proxy_set_header Connection upgrade;',
    ...(readTimeout === undefined ? [] : [`proxy_read_timeout ${readTimeout};`]),
    '}}}',
  ];
  writeFileSync(join(folder, 'nginx.conf'), lines.join('\n'));
}

/** The generation of workers that answers. */
async function generationOf(port: number): Promise<string> {
  const options = { port, path: '/generation', rejectUnauthorized: false, agent: false };
  const sent = request({ host: '127.0.0.1', ...options }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  let body = '';
  for await (const part of response) body += String(part);
  return body;
}

export async function startNginx(options: NginxOptions): Promise<Nginx> {
  const { port, close, child, folder } = await runProgram((free, place) => {
    configure(place, free, options, 0);
    writeFileSync(join(place, 'cert.pem'), options.tls.cert);
    writeFileSync(join(place, 'key.pem'), options.tls.key);
    const log = `${place}/error.log`;
    return ['nginx', '-e', log, '-p', place, '-c', join(place, 'nginx.conf')];
  });
  let generation = 0;
  const reload = async (): Promise<void> => {
    configure(folder, port, options, (generation += 1));
    child.kill('SIGHUP');
    while ((await generationOf(port)) !== `${generation}`);
  };
  return { port, url: `wss://localhost:${port}/`, close, reload };
}
