// Makes docs/API.md and docs/API-WEBSOCKET.md from the docstrings (typedoc), and from the exported
// declarations docs/api-report/*.api.md, which shows changes of the interface (api-extractor).
// Usage: node scripts/generate-api.mjs [--check]
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runGenerator, updateFiles } from './lists.mjs';
import { isMain, root, runModule } from './tools.mjs';

/** The package's entry points, and the page of each. */
const entries = [
  { source: 'src/index.ts', name: 'wsfd', page: 'docs/API.md' },
  { source: 'src/websocket.ts', name: 'wsfd/websocket', page: 'docs/API-WEBSOCKET.md' },
];

const typedocOptions = {
  plugin: ['typedoc-plugin-markdown'],
  tsconfig: 'tsconfig.json',
  readme: 'none',
  entryFileName: 'API',
  outputFileStrategy: 'modules',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  disableSources: true,
  excludePrivate: true,
  excludeExternals: true,
  groupOrder: ['Functions', 'Classes', 'Interfaces', 'Type Aliases', '*'],
  // An array of literals that a type is made from is no part of the interface.
  validation: { notExported: false },
  logLevel: 'Error',
};

/** typedoc-plugin-markdown numbers some anchors although their heading is unique. */
function mendAnchors(text) {
  const headings = Array.from(text.matchAll(/^#+ (\w+)/gm), ([, name]) => name.toLowerCase());
  return text.replaceAll(/\(#(\w+)-1\)/g, (link, name) =>
    headings.filter((heading) => heading === name).length === 1 ? `(#${name})` : link,
  );
}

async function typedoc({ source, name, page }, folder) {
  const config = join(folder, 'typedoc.json');
  const options = { ...typedocOptions, name, entryPoints: [join(root, source)], out: folder };
  writeFileSync(config, JSON.stringify({ ...options, tsconfig: join(root, 'tsconfig.json') }));
  const { code, output } = await runModule('typedoc/bin/typedoc', ['--options', config], {
    capture: true,
  });
  if (code !== 0) throw new Error(`typedoc failed on ${source}:\n${output}`);
  const text = mendAnchors(readFileSync(join(folder, 'API.md'), 'utf8'));
  const origin = '<!-- Made by scripts/generate-api.mjs from the docstrings: edit those. -->';
  return { path: page, text: `${origin}\n\n${text}` };
}

async function report({ source, name }, folder) {
  const config = join(folder, 'api-extractor.json');
  const declarations = source.replace(/^src/, 'dist').replace(/ts$/, 'd.ts');
  const path = `docs/api-report/${name.replaceAll('/', '-')}.api.md`;
  const options = {
    projectFolder: root,
    mainEntryPointFilePath: join(root, declarations),
    compiler: { tsconfigFilePath: join(root, 'tsconfig.json') },
    apiReport: {
      enabled: true,
      reportFolder: folder,
      reportTempFolder: folder,
      reportFileName: 'report.api.md',
    },
    docModel: { enabled: false },
    dtsRollup: { enabled: false },
    tsdocMetadata: { enabled: false },
    newlineKind: 'lf',
    messages: {
      compilerMessageReporting: { default: { logLevel: 'none' } },
      extractorMessageReporting: { default: { logLevel: 'none' } },
      tsdocMessageReporting: { default: { logLevel: 'none' } },
    },
  };
  writeFileSync(config, JSON.stringify(options));
  const args = ['run', '--local', '--config', config];
  const { code, output } = await runModule('@microsoft/api-extractor/bin/api-extractor', args, {
    capture: true,
  });
  if (code !== 0) throw new Error(`api-extractor failed on ${declarations}:\n${output}`);
  return { path, text: readFileSync(join(folder, 'report.api.md'), 'utf8') };
}

/** Writes the pages, or with `check` only compares them; the names of those that differed. */
export async function generateApi({ check = false } = {}) {
  mkdirSync(join(root, 'docs', 'api-report'), { recursive: true });
  const pages = {};
  for (const entry of entries) {
    const folder = join(root, '.cache', 'api', entry.name);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    for (const { path, text } of [await typedoc(entry, folder), await report(entry, folder)]) {
      pages[path] = text;
    }
  }
  return updateFiles(pages, { check });
}

if (isMain(import.meta.url)) await runGenerator(generateApi, 'the sources');
