#!/bin/sh
# Builds the prebuilt binary and runs the tests in a container of AlmaLinux 8 or Alpine.
set -eu

if [ -e /etc/alpine-release ]; then
  apk add --no-cache bash g++ git make python3
else
  dnf install -y curl gcc-toolset-13-gcc-c++ git make python3.11 xz
  export npm_config_python=/usr/bin/python3.11
  # Newer than what the system has; what the system lacks of its library is linked in.
  set +u
  . /opt/rh/gcc-toolset-13/enable
  set -u
  dnf module install -y nodejs:20/minimal
  dnf install -y npm
fi

npm ci --ignore-scripts
npm run prebuildify
npm test -- --only-tests
