/** Reads the files of an inventory from disk: sizes are bounded, symbolic links are followed. */
import { open, readdir, stat } from 'node:fs/promises'
import { dirname, extname, join } from 'node:path'
import type { InventorySources } from '@timeball/inventory/parse-inventory.ts'
import { largestText } from '@timeball/inventory/yaml/parse-document.ts'
import type { SourceFile } from '@timeball/inventory/yaml/source.ts'
import type { Problem } from '@timeball/lib/problem.ts'
import { type Result, fail, ok } from '@timeball/lib/result.ts'

/** All files together; thousands of small host_vars files fit. */
const largestTotal = 64 * 1024 * 1024

/** Ansible's YAML_FILENAME_EXTENSIONS, after "no extension". */
const extensions = ['.yml', '.yaml', '.json']

/**
 * The inventory file and the files of `group_vars/` and `host_vars/` beside it, found as Ansible
 * finds them: for a name the entry `NAME`, else `NAME.yml`, `NAME.yaml`, `NAME.json`; a directory
 * stands for the files in it. Paths in the result start with the given path's directory.
 */
export async function readInventorySources(
  path: string,
): Promise<Result<InventorySources, readonly Problem[]>> {
  const reading: Reading = { problems: [], total: 0 }
  const inventory = await readInventory(reading, path)
  if (inventory === null) return fail(reading.problems)
  const directory = dirname(path)
  const groupFiles = await readVariableFiles(reading, join(directory, 'group_vars'))
  const hostFiles = await readVariableFiles(reading, join(directory, 'host_vars'))
  if (reading.problems.length > 0) return fail(reading.problems)
  const groupVars = groupFiles.map(({ name, file }) => ({ group: name, file }))
  const hostVars = hostFiles.map(({ name, file }) => ({ host: name, file }))
  return ok({ inventory, groupVars, hostVars })
}

/**
 * The contents of the files of a `--limit` with `@FILE`. Names that are no readable file are left
 * out: they may be lists, and `selectHosts` reports those that are neither.
 */
export async function readPatternFiles(
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  for (const name of names) {
    const file = await readText({ problems: [], total: 0 }, name)
    if (file !== null) files.set(name, file.text)
  }
  return files
}

interface Reading {
  readonly problems: Problem[]
  /** Bytes read so far. */
  total: number
}

async function readInventory(reading: Reading, path: string): Promise<SourceFile | null> {
  const kind = await kindOf(path)
  if (kind === 'missing') {
    reading.problems.push(
      problem(
        path,
        'there is no such inventory',
        'Name it with -i FILE, or start with: timeball init',
      ),
    )
    return null
  }
  if (kind === 'directory') {
    reading.problems.push(
      problem(path, 'the inventory is a directory', 'Name the file in it, such as inventory.yml'),
    )
    return null
  }
  if (/\.(?:ini|cfg|toml|sh|py)$/.test(path)) {
    const fix = `Convert it: ansible-inventory -i ${path} --list --yaml --export > inventory.yml`
    reading.problems.push(problem(path, 'only YAML inventories are read', fix))
    return null
  }
  return readText(reading, path)
}

interface VariableFile {
  readonly name: string
  readonly file: SourceFile
}

async function readVariableFiles(reading: Reading, directory: string): Promise<VariableFile[]> {
  if ((await kindOf(directory)) !== 'directory') return []
  const entries = (await readdir(directory)).filter(
    (entry) => !entry.startsWith('.') && !entry.endsWith('~'),
  )
  const found: VariableFile[] = []
  for (const [name, entry] of chooseEntries(entries)) {
    for (const file of await readEntry(reading, join(directory, entry), 0))
      found.push({ name, file })
  }
  return found
}

/** The entry of each name. `pi.yml` may be that of a host `pi`, or of one that is named `pi.yml`. */
function chooseEntries(entries: readonly string[]): Map<string, string> {
  const chosen = new Map<string, string>()
  for (const extension of ['', ...extensions]) {
    for (const entry of entries) {
      const name = entry.endsWith(extension) ? entry.slice(0, entry.length - extension.length) : ''
      if (name !== '' && !chosen.has(name)) chosen.set(name, entry)
    }
  }
  return chosen
}

async function readEntry(reading: Reading, path: string, depth: number): Promise<SourceFile[]> {
  const kind = await kindOf(path)
  if (kind === 'directory') return readDirectory(reading, path, depth)
  const file = await readText(reading, path)
  return file === null ? [] : [file]
}

/** DataLoader._get_dir_vars_files: sorted, without hidden files, backups and other extensions. */
async function readDirectory(reading: Reading, path: string, depth: number): Promise<SourceFile[]> {
  if (depth > 10) {
    reading.problems.push(
      problem(path, 'directories are nested too deep', 'Look for a link that leads in a circle'),
    )
    return []
  }
  const found: SourceFile[] = []
  for (const entry of (await readdir(path)).toSorted()) {
    const extension = extname(entry)
    if (entry.startsWith('.') || entry.endsWith('~')) continue
    const full = join(path, entry)
    const isDirectory = (await kindOf(full)) === 'directory'
    const isWanted = extension === '' || (!isDirectory && extensions.includes(extension))
    if (isWanted) found.push(...(await readEntry(reading, full, depth + 1)))
  }
  return found
}

async function kindOf(path: string): Promise<'file' | 'directory' | 'missing'> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'file'
  } catch {
    return 'missing'
  }
}

/** The text of a regular file; a pipe or device would block or never end. */
async function readText(reading: Reading, path: string): Promise<SourceFile | null> {
  const refuse = (what: string, fix: string | null) => {
    reading.problems.push(problem(path, what, fix))
    return null
  }
  try {
    const { size, isFile } = await stat(path).then((found) => ({
      size: found.size,
      isFile: found.isFile(),
    }))
    if (!isFile) return refuse('this is not a regular file', null)
    if (size > largestText)
      return refuse('the file is larger than 1 MiB', 'Use host ranges, or split it')
    reading.total += size
    if (reading.total > largestTotal)
      return refuse('the variable files are larger than 64 MiB together', null)
    const bytes = await readBytes(path, size)
    if (bytes === null) return refuse('the file changes while it is read', 'Try again')
    return { path, text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes) }
  } catch (error) {
    if (error instanceof TypeError) return refuse('the file is not valid UTF-8', 'Save it as UTF-8')
    return refuse(`the file cannot be read: ${errorCode(error)}`, 'Check its permissions')
  }
}

/** The bytes of a file of a known size, `null` when there are more by now. */
async function readBytes(path: string, size: number): Promise<Uint8Array | null> {
  const handle = await open(path)
  try {
    const buffer = new Uint8Array(size + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await handle.read(buffer, length, buffer.length - length)
      length += bytesRead
      if (length === buffer.length) return null
      if (bytesRead === 0) return buffer.subarray(0, length)
    }
  } finally {
    await handle.close()
  }
}

function errorCode(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' ? code : 'unknown error'
}

function problem(file: string, what: string, fix: string | null): Problem {
  return { file, line: null, column: null, what, fix }
}
