/** Files of this machine that a command names: what is wrong with one is told in words. */
import { readFile, stat, writeFile } from '@timeball/lib/files.ts'
import { fileProblem } from '@timeball/lib/file-problem.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { troubleOf } from '../api/trouble.ts'
import type { Context, FileHere, WriteFailure } from '../cli/context.ts'

export const filesHere: Pick<Context, 'readText' | 'readBytes' | 'isFolder' | 'writeFile'> = {
  readText,
  readBytes,
  isFolder,
  writeFile: writeWhole,
}

async function readText(path: string): Promise<Result<string, Problem>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    return fail(fileProblem(path, error))
  }
}

async function writeWhole(
  path: string,
  content: string | Uint8Array,
): Promise<WriteFailure | null> {
  try {
    await writeFile(path, content, { mode: 0o600 })
    return null
  } catch (error) {
    const { code, hint } = troubleOf(error)
    const problem = fileProblem(path, error)
    return { problem: { ...problem, fix: problem.fix ?? hint }, isUsage: wrongPath.has(code) }
  }
}

async function readBytes(path: string): Promise<Result<FileHere, Problem>> {
  try {
    const { mode } = await stat(path)
    return ok({ content: await readFile(path), mode: mode & 0o777 })
  } catch (error) {
    return fail(fileProblem(path, error))
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  )
}

/** Where no file can be: the path is a mistake, and the machine is well. */
const wrongPath: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])
