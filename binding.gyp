{
  'variables': {
    # -Dtesting=1 builds two more addons: one feeds the pure core from the tests, the other is what
    # the benchmarks take for the limit.
    'testing%': 0,
  },
  'target_defaults': {
    'include_dirs': [
      'native',
      '<!(node -p "require(\'node-addon-api\').include_dir")',
    ],
    'defines': [
      'NAPI_VERSION=8',
      'NODE_ADDON_API_DISABLE_DEPRECATED',
      'NAPI_DISABLE_CPP_EXCEPTIONS',
      'OPENSSL_API_COMPAT=30000',
      'OPENSSL_NO_DEPRECATED',
    ],
    'cflags': ['-Wall', '-Wextra', '-Wno-unused-parameter', '-fvisibility=hidden'],
    'cflags!': ['-O3', '-fno-exceptions'],
    'cflags_cc': ['-O2', '-fno-exceptions', '-fno-rtti'],
    'cflags_cc!': ['-O3', '-std=gnu++17'],
    'conditions': [
      ['OS=="linux"', {
        'cflags_cc': ['-std=gnu++17'],
        # An OpenSSL, libuv or zlib function that the node binary does not have must fail at load,
        # with a message, and not at its first call.
        # Once loaded it stays: Node unloads an addon when the last thread that had it ends, and socket
        # numbers must not begin anew.
        'ldflags': ['-Wl,-z,now', '-Wl,-z,relro', '-Wl,-z,nodelete'],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++17',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
        },
      }],
      ['OS=="win"', {
        'msvs_settings': { 'VCCLCompilerTool': { 'AdditionalOptions': ['/std:c++17'] } },
      }],
    ],
  },
  'targets': [
    {
      'target_name': 'wsfd',
      'sources': [
        '<!@(node scripts/list-sources.mjs base frame deflate handshake connection tls driver binding)',
      ],
    },
  ],
  'conditions': [
    ['testing==1', {
      'targets': [
        {
          'target_name': 'wsfd_testing',
          'sources': [
            '<!@(node scripts/list-sources.mjs base frame deflate handshake connection tls testing)',
          ],
        },
        {
          'target_name': 'wsfd_bench',
          'sources': ['<!@(node scripts/list-sources.mjs base frame handshake bench)'],
        },
      ],
    }],
  ],
}
