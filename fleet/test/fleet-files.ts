/** Fleets as files on disk, read by the real program. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, test } from 'node:test'
import { runTimeball } from './run-program.ts'

export interface Case {
  readonly name: string
  readonly files: Readonly<Record<string, string>>
  readonly words: string
  readonly exit: number
  /** In the output and in what is said, together. */
  readonly said: RegExp
  readonly unsaid?: RegExp
}

/** An inventory that nothing is wrong with. */
export const one = 'all: {hosts: {pi-01: {ansible_host: 192.0.2.1}}}\n'

/** Each case is a test in a folder of its own, which is also the home. */
export async function testFiles(cases: readonly Case[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tb-files-'))
  after(() => rm(folder, { recursive: true, force: true }))
  for (const [index, { name, files, words, exit, said, unsaid }] of cases.entries()) {
    test(name, async () => {
      const cwd = join(folder, String(index))
      await mkdir(cwd)
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(cwd, path)), { recursive: true })
        await writeFile(join(cwd, path), content)
      }
      const ended = await timeball(words, cwd)
      assert.match(ended.output, said)
      if (unsaid !== undefined) assert.doesNotMatch(ended.output, unsaid)
      assert.equal(ended.exit, exit, ended.output)
    })
  }
}

async function timeball(words: string, cwd: string): Promise<{ exit: unknown; output: string }> {
  const env = { API_KEY_1: 'a-good-key-000001', HOME: cwd }
  const { exit, stdout, stderr } = await runTimeball(words, { cwd, env })
  return { exit, output: stdout + stderr }
}
