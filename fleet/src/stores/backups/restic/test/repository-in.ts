/** A repository of restic whose files the contract of stores looks at, and damages. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { BackupStore } from '../../../../ports/backup-store.ts'

/** `storeIn` opens the repository of a folder of this machine, by whatever way. */
export function repositoryIn(folder: string, storeIn: (folder: string) => BackupStore) {
  return {
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
  }
}
