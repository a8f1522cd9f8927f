/** Packages that dpkg has installed, from `/var/lib/dpkg/status` (deb-control(5), dpkg-query(1)). */
import type { FoundPackage } from './found-package.ts'

const namePattern = /^[a-z0-9][a-z0-9+.-]{1,127}$/
const versionPattern = /^[A-Za-z0-9.+:~-]{1,128}$/
const maxPackages = 5_000

/** In the order of the file; what is half installed or removed is left out. */
export function parseDpkgStatus(text: string): readonly FoundPackage[] {
  const packages: FoundPackage[] = []
  for (const stanza of text.split('\n\n')) {
    const found = packageOf(fieldsOf(stanza))
    if (found !== null) packages.push(found)
    if (packages.length === maxPackages) break
  }
  return packages
}

function packageOf(fields: ReadonlyMap<string, string>): FoundPackage | null {
  const of = (field: string): string => fields.get(field) ?? ''
  const name = of('Package')
  const version = of('Version')
  const isInstalled = of('Status').endsWith(' installed')
  if (!isInstalled || !namePattern.test(name) || !versionPattern.test(version)) return null
  const architecture = of('Architecture')
  // `Source: name (version)` where its version is another, too.
  const source = of('Source').split(' ')[0] ?? ''
  return {
    ...{ kind: 'deb', name, version, license: null },
    architecture: namePattern.test(architecture) ? architecture : null,
    source: namePattern.test(source) && source !== name ? source : null,
  }
}

/** The first line of each field. */
function fieldsOf(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (const line of stanza.split('\n')) {
    const colon = line.indexOf(':')
    if (colon > 0 && !line.startsWith(' ')) {
      fields.set(line.slice(0, colon), line.slice(colon + 1).trim())
    }
  }
  return fields
}
