import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { readInventorySources } from './find-sources.ts'
import { readPatternFiles } from './pattern-files.ts'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'timeball-files-'))
  context.after(async () => await rm(path, { recursive: true }))
  return path
}

async function problemOf(path: string): Promise<string> {
  const result = readInventorySources({ sources: [path], playbookDirectory: '/nowhere' })
  return result.ok ? '' : result.failure.map(({ what, fix }) => `${what} (${fix})`).join('\n')
}

test('variable files are found beside the inventory, also through links', async (context) => {
  const path = await folder(context)
  await mkdir(join(path, 'real/group_vars/all'), { recursive: true })
  await writeFile(join(path, 'real/inventory.yml'), 'all:\n')
  await writeFile(join(path, 'real/group_vars/all/b.yml'), 'b: 1\n')
  await writeFile(join(path, 'real/group_vars/all/a.yml'), 'a: 1\n')
  await symlink('real', join(path, 'link'))
  const sources = [join(path, 'link/inventory.yml')]
  const result = readInventorySources({ sources, playbookDirectory: '/nowhere' })
  assert.ok(result.ok)
  const [beside] = result.value.sources.directories
  const files = beside?.groups.map(({ entry, files }) => [
    entry,
    ...files.map((file) => (file.ok ? file.value.path : file.failure.what)),
  ])
  assert.deepEqual(files, [
    ['all', join(path, 'link/group_vars/all/a.yml'), join(path, 'link/group_vars/all/b.yml')],
  ])
})

test('what cannot be an inventory is a problem with a fix', async (context) => {
  const path = await folder(context)
  await mkdir(join(path, 'empty'))
  await mkdir(join(path, 'empty/group_vars'))
  await writeFile(join(path, 'latin.yml'), Uint8Array.of(0x61, 0xe9, 0x0a))
  await writeFile(join(path, 'large.yml'), 'x'.repeat(1_100_000))
  assert.match(
    await problemOf(join(path, 'missing.yml')),
    /no such inventory \(Name it with -i FILE/,
  )
  assert.match(await problemOf(join(path, 'empty')), /the folder has no inventory \(Name the file/)
  assert.match(await problemOf(join(path, 'latin.yml')), /not valid UTF-8/)
  assert.match(await problemOf(join(path, 'large.yml')), /larger than 1 MiB/)
  assert.match(await problemOf('/dev/zero'), /not a regular file/)
})

test('a folder that links to itself ends', async (context) => {
  const path = await folder(context)
  await mkdir(join(path, 'host_vars/pi-01'), { recursive: true })
  await writeFile(join(path, 'inventory.yml'), 'all:\n')
  await symlink('.', join(path, 'host_vars/pi-01/again'))
  const sources = [join(path, 'inventory.yml')]
  const found = readInventorySources({ sources, playbookDirectory: '/nowhere' })
  assert.ok(found.ok)
  const [entry] = found.value.sources.directories[0]?.hosts ?? []
  const last = entry?.files.at(-1)
  assert.match(last?.ok === false ? last.failure.what : '', /nested too deep/)
})

test('files of a pattern are read when they exist', async (context) => {
  const path = await folder(context)
  await writeFile(join(path, 'retry'), 'pi-01\n')
  const files = readPatternFiles([join(path, 'retry'), 'failed'])
  assert.deepEqual([...files], [[join(path, 'retry'), 'pi-01\n']])
})
