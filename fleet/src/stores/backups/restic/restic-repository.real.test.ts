/** Against Debian's restic. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { backupStoreContract } from '../../../ports/backup-store.contract.ts'
import { resticRepository } from './restic-repository.ts'

const top = await mkdtemp(join(tmpdir(), 'timeball-restic-'))
after(() => rm(top, { recursive: true, force: true }))
const passwordFile = join(top, 'password')
await writeFile(passwordFile, 'a-password-of-the-test\n', { mode: 0o600 })
const { signal } = new AbortController()

let count = 0
const newFolder = (): string => join(top, `repository-${(count += 1)}`)
const storeIn = (repository: string) => resticRepository({ repository, passwordFile, signal })

backupStoreContract('restic', () => {
  const folder = newFolder()
  return Promise.resolve({
    store: storeIn(folder),
    reopen: () => storeIn(folder),
    async files() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      return entries.filter((each) => each.isFile()).map((each) => join(each.parentPath, each.name))
    },
    readFile: (path: string) => readFile(path),
    async writeFile(path: string, bytes: Uint8Array) {
      // restic makes its files read-only.
      await rm(path)
      await writeFile(path, bytes)
    },
  })
})

test('another password is said in words', async () => {
  const folder = newFolder()
  const begun = await storeIn(folder).begin({ subject: 'pi-1', takenAtUnixMs: 0 })
  assert.ok(begun.ok)
  await begun.value.abandon()
  const wrong = join(top, 'wrong')
  await writeFile(wrong, 'another\n', { mode: 0o600 })
  const store = resticRepository({ repository: folder, passwordFile: wrong, signal })
  assert.match(JSON.stringify(await store.list()), /the password is wrong/)
})
