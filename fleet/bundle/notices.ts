/** The licences of the libraries that are part of the bundle, as each of them asks for. */
import { globSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() })

/** `files` are absolute or relative to `root`. */
export function noticesOf(root: string, files: readonly string[]): string {
  const folders = files.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  return [...new Set(folders.map((folder) => resolve(root, folder)))]
    .toSorted()
    .map(noticeOf)
    .join(`\n${'-'.repeat(72)}\n\n`)
}

function noticeOf(folder: string): string {
  const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { name, version, license } = manifest.parse(content)
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: folder })
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}
