// Which files, exports and types nobody uses: part of npm run lint.

/** What the tests load by its name, from modules/ or scripts/. */
const loadedByTests = [
  'scripts/targets/{left-out,results,run-files}.mjs',
  'src/api/connections.ts',
  'src/command/history.ts',
  'src/errors/foreign-options.ts',
  'src/options/open-options.ts',
  'src/socket/retry-after.ts',
  'src/websocket/message-event.ts',
];

export default {
  // Programs, and what is loaded by its name. Whatever they import is used.
  entry: [
    'src/{index,websocket}.{ts,mts}',
    'src/command/{main,manual}.ts',
    'src/diagnostics/trace.ts',
    'scripts/*.mjs',
    'scripts/targets/{smoke,threads}.mjs',
    'test/**/*.test.ts',
    'test/{faults/run,fuzz/seeds,fuzz/options,soak/main}.ts',
    'test/soak/servers/*.ts',
    'examples/{*,ingest/main,telemetry/server}.ts',
    'test/support/uws-server.ts',
    'test/examples/ingest/odd-watch.ts',
    'bench/{main,trial,servers/*}.ts',
  ],
  project: ['{src,scripts,test,bench,examples}/**/*.{ts,mts,mjs}'],
  // A type that an exported function names may be exported too.
  ignoreExportsUsedInFile: { interface: true, type: true },
  ignoreIssues: Object.fromEntries(loadedByTests.map((file) => [file, ['exports']])),
};
