import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDpkgStatus } from './dpkg-status.ts'

const status = `Package: libc6
Status: install ok installed
Architecture: arm64
Multi-Arch: same
Source: glibc (2.41-12)
Version: 2.41-12+deb13u1
Description: GNU C Library
 Package: not-a-field
 .

Package: ntpsec
Status: deinstall ok config-files
Version: 1.2.3+dfsg1-8

Package: tzdata
Status: install ok installed
Architecture: all
Version: 2026a-0+deb13u1

Package: $(reboot)
Status: install ok installed
Version: 1
`

test('what is installed has its name, version, architecture and source', () => {
  assert.deepEqual(parseDpkgStatus(status), [
    {
      ...{ kind: 'deb', name: 'libc6', version: '2.41-12+deb13u1', license: null },
      ...{ architecture: 'arm64', source: 'glibc' },
    },
    {
      ...{ kind: 'deb', name: 'tzdata', version: '2026a-0+deb13u1', license: null },
      ...{ architecture: 'all', source: null },
    },
  ])
})

test('what is no status file has no packages', () => {
  for (const text of ['', '\n\n\n', ':::\n', 'Package\n\nVersion: 1']) {
    assert.deepEqual(parseDpkgStatus(text), [])
  }
})
