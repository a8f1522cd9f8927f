/** Against Debian's restic. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { backupStoreContract } from '../../../ports/backup-store.contract.ts'
import { resticRepository } from './restic-repository.ts'
import { repositoryIn } from './test/repository-in.ts'

const top = await mkdtemp(join(tmpdir(), 'timeball-restic-'))
after(() => rm(top, { recursive: true, force: true }))
const passwordFile = join(top, 'password')
await writeFile(passwordFile, 'a-password-of-the-test\n', { mode: 0o600 })
const { signal } = new AbortController()

let count = 0
const newFolder = (): string => join(top, `repository-${(count += 1)}`)
const storeIn = (repository: string) => resticRepository({ repository, passwordFile, signal })

backupStoreContract('restic', () => Promise.resolve(repositoryIn(newFolder(), storeIn)))

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
