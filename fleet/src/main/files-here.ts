/** Files of this machine that a command names: what is wrong with one is told in words. */
import { accessSync, constants, existsSync, statfsSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { makeFolder, readFile, rename, rm, stat, writeFile } from '@timeball/lib/files.ts'
import { fileProblem } from '@timeball/lib/file-problem.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { printable } from '@timeball/lib/printable.ts'
import { newFleetHere } from './new-fleet.ts'
import { runTool } from './run-tool.ts'
import { systemd } from './systemd.ts'
import { troubleOf } from '../api/trouble.ts'
import type { FolderSeen } from '../core/ask/doctor/judge-controller.ts'
import type { Context, FileHere, WriteFailure } from '../cli/context.ts'

type FilesHere = Pick<
  Context,
  | ('readText' | 'readBytes' | 'isFolder' | 'seeFolder')
  | ('systemd' | 'toolVersion' | 'writeFile' | 'makeFolder' | 'newFleet' | 'createFile')
>

export const filesHere: FilesHere = {
  ...newFleetHere,
  readText,
  readBytes,
  isFolder,
  seeFolder,
  toolVersion,
  systemd,
  writeFile: (path, content) => tried(path, () => replaceWhole(path, content)),
  makeFolder: (path) => tried(path, () => makeFolder(path)),
}

async function readText(path: string): Promise<Result<string, Problem>> {
  try {
    return ok(await readFile(path, 'utf8'))
  } catch (error) {
    return fail(fileProblem(path, error))
  }
}

async function tried(
  path: string,
  write: () => Promise<void> | void,
): Promise<WriteFailure | null> {
  try {
    await write()
    return null
  } catch (error) {
    const { code, hint } = troubleOf(error)
    const problem = fileProblem(path, error)
    return { problem: { ...problem, fix: problem.fix ?? hint }, isUsage: wrongPath.has(code) }
  }
}

/** The old content or the new one, never half of it; what is no file (`/dev/stdout`) is written to. */
async function replaceWhole(path: string, content: string | Uint8Array): Promise<void> {
  const found = await stat(path).catch(() => null)
  if (found !== null && !found.isFile()) return await writeFile(path, content)
  const temporary = `${path}.${process.pid}.new`
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
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

/** Of a folder that is not there yet its parent tells. */
async function seeFolder(path: string): Promise<FolderSeen> {
  const found = existsSync(path) ? path : dirname(path)
  const { bavail, bsize } = statfsSync(found)
  const isOpenToOthers = found === path && (statSync(path).mode & 0o007) !== 0
  return { path, canWrite: canWrite(found), isOpenToOthers, freeBytes: bavail * bsize }
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK)
    return true
  } catch {
    return false
  }
}

async function toolVersion(program: string, args: readonly string[]): Promise<string | null> {
  const end = await runTool('.', program, args, { timeoutMs: 10_000, environment: {} })
  return end.kind === 'missing' ? null : printable(end.output.split('\n')[0] ?? '', 80)
}
