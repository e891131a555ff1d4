// Which folder of src/ may import which (docs/ARCHITECTURE.md). A folder's own files may import each
// other; nothing may import in a circle, neither values nor types.

/** The arrows: what each folder may import, directly. */
const arrows = {
  base: [],
  errors: ['base'],
  native: ['errors', 'base'],
  options: ['errors', 'native', 'base'],
  diagnostics: ['errors', 'native', 'base'],
  socket: ['options', 'diagnostics', 'errors', 'native', 'base'],
  api: ['socket', 'options', 'diagnostics', 'errors', 'native', 'base'],
  websocket: ['api', 'socket', 'options', 'errors', 'native', 'base'],
};

/** The entry points: what `wsfd`, `wsfd/websocket` and the command `wsfd` are made of. */
const entries = {
  'index|websocket': Object.keys(arrows),
  // The command is a user of the package like any other.
  'command/[^/]+': ['command', 'index', 'base'],
};

const within = (folders) => `^src/(${folders.join('|')})(/|[.]m?ts$)`;

const rule = (name, from, folders) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { path: '^src/', pathNot: within(folders) },
});

export default {
  forbidden: [
    { name: 'no circle', severity: 'error', from: {}, to: { circular: true } },
    ...Object.entries(arrows).map(([folder, targets]) =>
      rule(`${folder} may not`, `^src/${folder}/`, [folder, ...targets]),
    ),
    ...Object.entries(entries).map(([name, targets]) =>
      rule(`${name} may not`, `^src/(${name})[.]m?ts$`, [...name.split('|'), ...targets]),
    ),
    {
      name: 'a folder of the architecture',
      severity: 'error',
      from: {},
      to: {
        path: '^src/',
        pathNot: within([...Object.keys(arrows), 'command', 'index', 'websocket']),
      },
    },
    {
      name: 'no package but node-gyp-build, in native/',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/native/load-addon[.]ts$' },
      to: { pathNot: '^src/', dependencyTypesNot: ['core', 'type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'types'] },
  },
};
