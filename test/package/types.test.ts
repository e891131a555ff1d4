// The tarball's types, seen by the kinds of project that there are.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { Consumer } from './consumer';

const root = join(__dirname, '..', '..', '..');

/** Uses names of every kind, and a mistake that must be seen. */
const program = `import { getLastError, webSocketOpen, webSocketRead, webSocketWrite } from 'wsfd';
import type { Message, OpenOptions, Ref, WebSocketError } from 'wsfd';
import { WebSocket } from 'wsfd/websocket';

export const state: number = new WebSocket('wss://localhost:40000/').readyState;

export async function main(): Promise<number> {
  const options: OpenOptions = { timeout: 5, ignoreSslErrors: ['SelfSignedCertificate'] };
  const socket: number = await webSocketOpen('wss://localhost:40000/', options);
  const error: WebSocketError | undefined = getLastError()[0];
  if (error?.category === 'tls') return error.certificateErrors?.length ?? 0;
  const message: Ref<Message> = {};
  if ((await webSocketRead(socket, message)) !== 0) return -1;
  // @ts-expect-error: this is the mistake; a number is no message
  webSocketWrite(socket, 5);
  return webSocketWrite(socket, message.value ?? '');
}
`;

const kinds: [resolution: string, module: string, files: string[]][] = [
  // An ES module and a CommonJS module.
  ['node16', 'node16', ['main.mts', 'main.cts']],
  ['bundler', 'esnext', ['main.ts']],
];

describe('types', () => {
  let consumer: Consumer;

  before(async () => {
    consumer = new Consumer();
    await consumer.install('--ignore-scripts');
    // What a TypeScript project for Node has installed beside.
    mkdirSync(join(consumer.folder, 'node_modules', '@types'));
    const types = join('node_modules', '@types', 'node');
    symlinkSync(join(root, types), join(consumer.folder, types));
  });

  after(() => {
    consumer.remove();
  });

  for (const [moduleResolution, module, files] of kinds) {
    test(`with moduleResolution ${moduleResolution}`, async () => {
      for (const file of files) consumer.write(file, program);
      const options = { module, moduleResolution, target: 'es2022', strict: true, noEmit: true };
      const config = { compilerOptions: { ...options, types: ['node'] }, files };
      consumer.write('tsconfig.json', JSON.stringify(config));
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      assert.deepEqual(await consumer.run('node', [tsc, '-p', '.']), { code: 0, output: '' });
    });
  }
});
