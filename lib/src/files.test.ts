import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { makeFolder } from './files.ts'

const folder = mkdtempSync(join(tmpdir(), 'timeball-files-'))
after(() => rmSync(folder, { recursive: true, force: true }))

test('a folder is made with those above it, once', () => {
  const path = join(folder, 'a/b/c')
  makeFolder(path, 0o700)
  makeFolder(path, 0o700)
  assert.deepEqual(
    [path, join(folder, 'a')].map((each) => statSync(each).mode & 0o777),
    [0o700, 0o700],
  )
})

test('why it cannot be made is what the system says of the folder itself', () => {
  writeFileSync(join(folder, 'file'), '')
  assert.throws(() => makeFolder(join(folder, 'file')), { code: 'EEXIST' })
  assert.throws(() => makeFolder(join(folder, 'file/x')), { code: 'ENOTDIR' })
  assert.throws(() => makeFolder('/proc/timeball/x'), { code: 'ENOENT' })
  assert.ok(!existsSync('/proc/timeball'))
})
