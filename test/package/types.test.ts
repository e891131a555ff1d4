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

export async function main(): Promise<number> {
  const options: OpenOptions = { timeout: 5, ignoreSslErrors: ['SelfSignedCertificate'] };
  const socket: number = await webSocketOpen('wss://localhost:40000/', options);
  const error: WebSocketError | undefined = getLastError()[0];
  if (error?.category === 'tls') return error.certificateErrors?.length ?? 0;
  const message: Ref<Message> = {};
  if ((await webSocketRead(socket, message)) !== 0) return -1;
  // @ts-expect-error a number is no message
  webSocketWrite(socket, 5);
  return webSocketWrite(socket, message.value ?? '');
}
`;

const kinds: [name: string, file: string, compilerOptions: Record<string, unknown>][] = [
  ['node16, an ES module', 'main.mts', { module: 'node16', moduleResolution: 'node16' }],
  ['node16, CommonJS', 'main.cts', { module: 'node16', moduleResolution: 'node16' }],
  ['nodenext', 'main.ts', { module: 'nodenext', moduleResolution: 'nodenext' }],
  ['bundler', 'main.ts', { module: 'esnext', moduleResolution: 'bundler' }],
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

  for (const [name, file, options] of kinds) {
    test(name, async () => {
      consumer.write(file, program);
      const compilerOptions = { ...options, strict: true, noEmit: true, target: 'es2022' };
      const config = { compilerOptions: { ...compilerOptions, types: ['node'] }, files: [file] };
      consumer.write('tsconfig.json', JSON.stringify(config));
      const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
      assert.deepEqual(await consumer.run('node', [tsc, '-p', '.']), { code: 0, output: '' });
    });
  }
});
