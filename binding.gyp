{
  'variables': {
    # -Dtesting=1 builds two more addons: one feeds the pure core from the tests, the other is what
    # the benchmarks take for the limit.
    'testing%': 0,
    # -Dfaults=1 (Linux) builds the addon a second time, so that everything it asks of others can be
    # made to fail (test/native/faults).
    'faults%': 0,
    # -Dsanitize=1 builds for AddressSanitizer and UndefinedBehaviorSanitizer (scripts/sanitize.mjs).
    'sanitize%': 0,
    # -Dcount_lines=1 counts which lines run (scripts/coverage.mjs).
    'count_lines%': 0,
    # -Dmingw_node_library=FILE (node-gyp's `-f make-win`) builds for Windows with MinGW: FILE is the
    # import library of node.exe (scripts/targets).
    'mingw_node_library%': '',
  },
  'target_defaults': {
    'include_dirs': ['native', '.'],
    'defines': [
      'NAPI_VERSION=8',
      'OPENSSL_API_COMPAT=30000',
      'OPENSSL_NO_DEPRECATED',
      # node-addon-api throws JavaScript's exceptions alone, and none where a thread that is being
      # terminated takes none.
      'NODE_ADDON_API_DISABLE_CPP_EXCEPTIONS',
      'NODE_ADDON_API_DISABLE_DEPRECATED',
      'NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS',
    ],
    'cflags': ['-Wall', '-Wextra', '-Wno-unused-parameter', '-fvisibility=hidden',
               '-ffunction-sections', '-fdata-sections'],
    # std::bad_alloc is caught at the edges (docs/ARCHITECTURE.md); nothing else is ever thrown.
    'cflags!': ['-O3', '-fno-exceptions'],
    'cflags_cc': ['-O2', '-fexceptions', '-fno-rtti'],
    'cflags_cc!': ['-O3', '-fno-exceptions', '-std=gnu++17'],
    'conditions': [
      ['count_lines==1', {
        'cflags': ['--coverage', '-fprofile-update=atomic'],
        'cflags_cc!': ['-O2'],
        'cflags_cc': ['-O0'],
        'ldflags': ['--coverage'],
      }],
      ['sanitize==1', {
        'cflags': ['-fsanitize=address,undefined', '-fno-sanitize-recover=undefined',
                   '-fno-omit-frame-pointer', '-g'],
        'cflags_cc!': ['-O2', '-fno-rtti'],
        'cflags_cc': ['-O1'],
        'ldflags': ['-fsanitize=address,undefined'],
      }],
      ['OS=="linux"', {
        'cflags_cc': ['-std=gnu++17'],
        # An OpenSSL, libuv or zlib function that the node binary does not have must fail at load,
        # with a message, and not at its first call.
        # nodelete: once loaded it stays (native/binding/keep_loaded.h).
        'ldflags': ['-Wl,-z,now', '-Wl,-z,relro', '-Wl,-z,nodelete', '-Wl,--gc-sections'],
      }],
      ['OS=="linux" and target_arch=="arm64"', {
        # What chooses between two kinds of atomic instructions asks glibc, under a name of its own.
        'cflags': ['-mno-outline-atomics'],
      }],
      ['OS=="mac"', {
        'xcode_settings': {
          'CLANG_CXX_LANGUAGE_STANDARD': 'gnu++17',
          'GCC_ENABLE_CPP_EXCEPTIONS': 'YES',
          'GCC_SYMBOLS_PRIVATE_EXTERN': 'YES',
          'MACOSX_DEPLOYMENT_TARGET': '11.0',
          'DEAD_CODE_STRIPPING': 'YES',
        },
      }],
      # What node.exe exports of OpenSSL, libuv and zlib is found through an import library and a
      # delay-load hook.
      ['OS=="win"', {
        'defines': ['WIN32_LEAN_AND_MEAN', 'NOMINMAX'],
        # Node's own sources know no exceptions.
        'defines!': ['_HAS_EXCEPTIONS=0'],
        'msvs_settings': {
          'VCCLCompilerTool': {
            'ExceptionHandling': 1,
            'AdditionalOptions': ['/std:c++17'],
          },
        },
      }],
      ['mingw_node_library!=""', {
        'cflags_cc': ['-std=gnu++17'],
        'win_delay_load_hook': 'false',
        # It depends on nothing but node.exe and what every Windows has.
        'ldflags': ['-static', '-Wl,--gc-sections'],
        'libraries/': [['exclude', '\\.lib']],
        'libraries': ['<(mingw_node_library)', '-lws2_32'],
      }],
    ],
  },
  'targets': [
    {
      # What knows neither libuv nor Node-API, compiled once for all addons.
      'target_name': 'wsfd_core',
      'type': 'static_library',
      'win_delay_load_hook': 'false',
      'sources': [
        '<!@(node scripts/list-sources.mjs native/base native/frame native/deflate native/handshake native/connection native/tls)',
      ],
    },
    {
      'target_name': 'wsfd',
      'dependencies': ['wsfd_core'],
      'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
      'sources': ['<!@(node scripts/list-sources.mjs native/driver native/binding)'],
    },
  ],
  'conditions': [
    ['testing==1', {
      'targets': [
        {
          'target_name': 'wsfd_testing',
          'dependencies': ['wsfd_core'],
          'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
          'sources': [
            '<!@(node scripts/list-sources.mjs test/native/testing test/native/reference)',
            # It runs where wsfd.node does.
            'native/binding/older_libraries.cc',
          ],
        },
      ],
    }],
    # Its sockets are those of Linux.
    ['testing==1 and OS=="linux"', {
      'targets': [
        {
          'target_name': 'wsfd_bench',
          'dependencies': ['wsfd_core'],
          'include_dirs': ['<!(node -p "require(\'node-addon-api\').include_dir")'],
          'sources': ['<!@(node scripts/list-sources.mjs bench/native test/native/reference)'],
        },
      ],
    }],
    ['faults==1', {
      'targets': [
        {
          'target_name': 'wsfd_faults',
          'dependencies': ['wsfd_core', 'wsfd'],
          'sources': [
            '<!@(node scripts/list-sources.mjs test/native/faults)',
            # All but its entry is the very code of wsfd.node.
            '<!@(node scripts/list-faults.mjs objects)',
          ],
          'ldflags': [
            '<!@(node scripts/list-faults.mjs wraps)',
            # The C++ library's own allocations must fail too.
            '-static-libstdc++',
            '-static-libgcc',
            '-Wl,--exclude-libs,ALL,-Bsymbolic',
          ],
        },
      ],
    }],
  ],
}
