/** The place of a new fleet, for `init`. */
import { existsSync, statSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { makeFolder, writeFile } from '@timeball/lib/files.ts'
import { fileProblem } from '@timeball/lib/file-problem.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Context } from '../cli/context.ts'
import { usualNames } from './inventory/load-inventory.ts'

export const newFleetHere: Pick<Context, 'newFleet' | 'createFile'> = {
  newFleet(directory, ansible) {
    const folder = basename(resolve(directory))
    if (ansible === null) {
      return Promise.resolve(
        ok({ folder, inventory: null, source: join(directory, 'inventory.yml') }),
      )
    }
    if (!existsSync(ansible)) {
      const what = 'there is no such file or folder'
      return Promise.resolve(fail({ file: ansible, line: null, column: null, what, fix: null }))
    }
    const source = inventoryIn(ansible)
    return Promise.resolve(ok({ folder, inventory: relative(directory, source), source }))
  },
  async createFile(path, text) {
    try {
      makeFolder(dirname(path))
      await writeFile(path, text, { flag: 'wx' })
      return 'made'
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return 'there'
      return { problem: fileProblem(path, error), isUsage: true }
    }
  },
}

/** A file of a usual name in it, as the guide has it; else the folder itself is an inventory. */
function inventoryIn(path: string): string {
  if (!statSync(path).isDirectory()) return path
  const files = usualNames.map((name) => join(path, name))
  const folders = ['inventory', 'inventories', 'ansible'].map((name) => join(path, name))
  const file = files.find((each) => existsSync(each))
  if (file !== undefined) return file
  const folder = folders.find((each) => existsSync(each))
  return folder === undefined ? path : inventoryIn(folder)
}
