#!/bin/sh
# Builds the prebuilt binary and runs the tests in a container of AlmaLinux 8 or Alpine.
set -eu

if [ -e /etc/alpine-release ]; then
  apk add --no-cache bash g++ git make python3
else
  dnf install -y gcc-toolset-13-gcc-c++ git make procps-ng python3.11 which
  # The tests ask for python3, node-gyp for one that is not as old as the system's.
  ln -sf /usr/bin/python3.11 /usr/local/bin/python3
  # The runner's Node.js, with its headers, is mounted there.
  export PATH="/opt/node/bin:/usr/local/bin:$PATH"
  # Newer than what the system has; what the system lacks of its library is linked in.
  set +u
  . /opt/rh/gcc-toolset-13/enable
  set -u
fi

npm ci --ignore-scripts
npm run prebuildify
npm test -- --only-tests
