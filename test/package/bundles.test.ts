// Programs that use wsfd, put into a bundle by the bundlers themselves, in the two ways of
// docs/INSTALLING.md, and what they say when neither was followed.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { makeSelfSigned } from '../support/certificates';
import { startWsServer } from '../support/servers';
import { Consumer, programs, smokeOutput, toolFile } from './consumer';

const root = join(__dirname, '..', '..', '..');
const { cert, key } = makeSelfSigned();

/** A bundler, as a program that makes of argv[2] argv[3]; `external`: wsfd is left out. */
const bundlers: Record<string, (external: boolean) => string> = {
  esbuild: (external) => `
    require(${JSON.stringify(toolFile('esbuild'))}).buildSync({
      entryPoints: [process.argv[2]], outfile: process.argv[3], bundle: true, platform: 'node',
      format: process.argv[3].endsWith('.mjs') ? 'esm' : 'cjs',
      external: ${external ? "['wsfd']" : '[]'},
    });`,
  webpack: (external) => `
    const [, , entry, out] = process.argv;
    const esm = out.endsWith('.mjs');
    require(${JSON.stringify(toolFile('webpack'))})({
      entry: require('path').resolve(entry), mode: 'production', target: 'node',
      output: {
        path: require('path').dirname(out), filename: require('path').basename(out),
        module: esm, chunkFormat: esm ? 'module' : 'commonjs',
      },
      experiments: { outputModule: esm },
      externals: ${external ? "{ wsfd: (esm ? 'module' : 'commonjs') + ' wsfd' }" : '{}'},
    }, (error, stats) => {
      if (error === null && !stats.hasErrors() && !stats.hasWarnings()) return;
      console.error(error ?? stats.toString());
      process.exitCode = 1;
    });`,
  // Rollup itself leaves out what is not its program's own.
  Rollup: () => `
    const { rollup } = require(${JSON.stringify(join(root, 'node_modules', 'rollup'))});
    rollup({ input: process.argv[2], external: ['wsfd'] }).then((build) =>
      build.write({ file: process.argv[3], format: process.argv[3].endsWith('.mjs') ? 'es' : 'cjs' }),
    );`,
};

for (const [name, bundler] of Object.entries(bundlers)) {
  describe(name, () => {
    let consumer: Consumer;
    /** A machine that has nothing but the bundle. */
    let elsewhere: Consumer;
    let server: Awaited<ReturnType<typeof startWsServer>>;

    before(async () => {
      consumer = new Consumer();
      elsewhere = new Consumer();
      server = await startWsServer({ tls: { cert, key } });
      await consumer.install();
      for (const [program, text] of Object.entries(programs)) consumer.write(program, text);
      consumer.write('with.cjs', bundler(true));
      consumer.write('whole.cjs', bundler(false));
    });

    after(async () => {
      await server.close();
      consumer.remove();
      elsewhere.remove();
    });

    /** Makes a bundle of a program; the bundle's path. */
    async function bundle(by: string, program: string, out: string): Promise<string> {
      const file = join(consumer.folder, 'dist', out);
      assert.deepEqual(await consumer.run('node', [by, program, file]), { code: 0, output: '' });
      return file;
    }

    for (const [program, out] of [
      ['smoke.mjs', 'external.cjs'],
      ['smoke.mjs', 'external.mjs'],
    ] as const) {
      test(`leaves wsfd out of ${out}`, async () => {
        const file = await bundle('with.cjs', program, out);
        const ran = await consumer.run('node', [file, server.url, cert]);
        assert.deepEqual(ran, { code: 0, output: smokeOutput });
      });
    }

    // Bundling a CommonJS package takes plugins of Rollup's.
    if (name === 'Rollup') return;

    for (const program of Object.keys(programs)) {
      test(`puts wsfd into a bundle of ${program}, and prebuilds/ is beside`, async () => {
        const file = await bundle('whole.cjs', program, 'whole.cjs');
        const there = join(elsewhere.folder, 'app');
        mkdirSync(there);
        cpSync(file, join(there, 'whole.cjs'));

        const alone = await elsewhere.run('node', [join('app', 'whole.cjs'), server.url, cert]);
        assert.notEqual(alone.code, 0);
        assert.match(alone.output, /could not load its native part .*none beside the bundle/);
        assert.ok(alone.output.includes(`It was put into a bundle in ${there}`), alone.output);
        assert.match(alone.output, /external: \['wsfd'\].*or copy node_modules\/wsfd\/prebuilds/);

        const prebuilds = join(consumer.package, 'prebuilds');
        cpSync(prebuilds, join(there, 'prebuilds'), { recursive: true });
        const args = [join('app', 'whole.cjs'), server.url, cert];
        const ran = await elsewhere.run('node', args);
        assert.deepEqual(ran, { code: 0, output: smokeOutput });

        const traced = await elsewhere.run('node', args, { WSFD_DEBUG: '1' });
        assert.equal(traced.code, 0);
        assert.match(traced.output, /wsfd #1 \+[\d.]+ ms {2}opening wss:/);
        rmSync(there, { recursive: true });
      });
    }
  });
}
