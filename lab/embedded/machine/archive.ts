/** What the archives of an embedded device have, and what `apt-get -s` would do with it. */
import type { Answer } from './calls.ts'
import type { Machine } from './machine.ts'

/** What an embedded device can install, newest first, with the versions of Debian 13. */
export const archive: ReadonlyMap<string, readonly [string, ...string[]]> = new Map([
  ['git', ['1:2.47.2-0.2']],
  ['docker.io', ['26.1.5+dfsg1-9+b9']],
  ['docker-compose', ['2.26.1-4']],
  ['gpsd', ['3.25-5', '3.25-4']],
  ['gpsd-tools', ['3.25-5', '3.25-4']],
  ['pps-tools', ['1.0.3-2']],
  ['ntpsec', ['1.2.3+dfsg1-8']],
  ['openssh-server', ['1:10.0p1-7+deb13u1', '1:10.0p1-7']],
  ['systemd-timesyncd', ['257.9-1~deb13u1', '257.8-1~deb13u2']],
])
/** Those whose newest version is a security fix. */
const security: ReadonlySet<string> = new Set(['openssh-server'])

export function notFound(name: string, version: string): string {
  return `E: Version '${version}' for '${name}' was not found`
}

interface Step {
  readonly name: string
  readonly isOlder: boolean
  readonly line: string
}

/** `apt-get -s`: what would be installed, and nothing is. */
export function simulateApt(
  { packages }: Machine,
  action: string,
  wanted: readonly string[],
): Answer {
  const words = action === 'upgrade' ? [...packages.keys()] : wanted
  const asked = words
    .map((word) => word.split('='))
    .map(([name = '', version]) => {
      const versions: readonly string[] = archive.get(name) ?? []
      return { name, versions, to: version ?? versions[0], isNamed: version !== undefined }
    })
  const lost = asked.find(({ versions, to = '', isNamed }) => isNamed && !versions.includes(to))
  if (lost !== undefined) {
    return { status: 100, stderr: `${notFound(lost.name, lost.to ?? '')}\n` }
  }
  const steps = asked.flatMap(({ name, to }) => {
    const from = packages.get(name)
    return from === undefined || to === undefined || to === from ? [] : [stepOf(name, from, to)]
  })
  const older = steps.filter(({ isOlder }) => isOlder).map(({ name }) => name)
  const downgraded =
    older.length === 0 ? '' : `The following packages will be DOWNGRADED:\n  ${older.join(' ')}\n`
  const sum = `${steps.length} upgraded, 0 newly installed, 0 to remove and 0 not upgraded.\n`
  return { status: 0, stdout: downgraded + sum + steps.map(({ line }) => line).join('') }
}

function stepOf(name: string, from: string, to: string): Step {
  const versions: readonly string[] = archive.get(name) ?? []
  const isFix = security.has(name) && to === versions[0]
  const origin = isFix ? 'Debian-Security:13/stable-security' : 'Debian:13.2/stable'
  const isOlder = versions.indexOf(to) > versions.indexOf(from)
  return { name, isOlder, line: `Inst ${name} [${from}] (${to} ${origin} [arm64])\n` }
}
