/** Which npm packages a bundle is made of. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { z } from 'zod'

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() })

export interface BundledPackage extends z.output<typeof manifest> {
  readonly folder: string
}

/** `files` are absolute or relative to `root`. */
export function bundledPackages(root: string, files: readonly string[]): readonly BundledPackage[] {
  const folders = files.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path) ?? [])
  return [...new Set(folders.map((folder) => resolve(root, folder)))].toSorted().map((folder) => {
    const content: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    return { ...manifest.parse(content), folder }
  })
}

/** What the image has beside the bundle, for its SBOM. */
export function packageList(root: string, files: readonly string[]): string {
  const packages = bundledPackages(root, files).map(({ name, version, license }) => ({
    ...{ name, version, license },
  }))
  return `${JSON.stringify(packages, null, 1)}\n`
}
