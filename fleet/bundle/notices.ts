/** The licences of the libraries that are part of the bundle, as each of them asks for. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bundledPackages, type BundledPackage } from '../../time-server/bundled-packages.ts'

/** `files` are absolute or relative to `root`. */
export function noticesOf(root: string, files: readonly string[]): string {
  return bundledPackages(root, files)
    .map((each) => noticeOf(each))
    .join(`\n${'-'.repeat(72)}\n\n`)
}

function noticeOf({ folder, name, version, license }: BundledPackage): string {
  const [file] = globSync('{LICENSE,LICENCE,license}*', { cwd: folder })
  const text = file === undefined ? '' : `\n${readFileSync(join(folder, file), 'utf8').trim()}\n`
  return `${name} ${version} (${license})\n${text}`
}
