/** `dpkg-query`, `apt-get` and `df` as far as Timeball uses them. */
import { statfs } from 'node:fs/promises'
import { archive, notFound, simulateApt } from './archive.ts'
import { readArguments } from './arguments.ts'
import type { Answer, Call } from './calls.ts'
import type { Machine } from './machine.ts'

/** What is there before the first apply. */
export function freshPackages(): Map<string, string> {
  return new Map([
    ['openssh-server', '1:10.0p1-7'],
    ['fake-hwclock', '0.14'],
    ['systemd-timesyncd', '257.8-1~deb13u2'],
  ])
}

export function dpkgQuery({ packages }: Machine, { argv }: Call): Answer {
  const { words, values } = readArguments(argv, { withValue: ['-f', '--showformat'] })
  const format = values.get('-f') ?? values.get('--showformat') ?? '${Package}\\t${Version}\\n'
  const missing = words.filter((name) => !packages.has(name))
  const stdout = words
    .filter((name) => packages.has(name))
    .map((name) => render(format, name, packages.get(name) ?? ''))
    .join('')
  const stderr = missing.map((name) => `dpkg-query: no packages found matching ${name}\n`).join('')
  return { status: missing.length === 0 ? 0 : 1, stdout, stderr }
}

function render(format: string, name: string, version: string): string {
  return format
    .replaceAll('\\n', '\n')
    .replaceAll('\\t', '\t')
    .replaceAll(/\$\{(?:binary:)?Package\}/g, name)
    .replaceAll('${Version}', version)
    .replaceAll('${db:Status-Abbrev}', 'ii ')
    .replaceAll('${db:Status-Status}', 'installed')
    .replaceAll('${Status}', 'install ok installed')
}

export function aptGet(machine: Machine, call: Call): Answer {
  const { words, flags } = readArguments(call.argv, { withValue: ['-o', '-t', '-c'] })
  const [action = '', ...wanted] = words
  if (machine.faults.aptBusy) return failed(busy)
  if (action === 'update' || action === 'check') return { status: 0 }
  if (flags.has('-s')) return simulateApt(machine, action, wanted)
  if (action !== 'install') return failed(`apt-get: '${action}' is not simulated`)
  return installAll(machine, wanted, flags.has('--download-only'))
}

const busy =
  'E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (unattended-upgr)'

function installAll(machine: Machine, wanted: readonly string[], isDownload: boolean): Answer {
  if (machine.faults.diskFull) {
    return failed("E: You don't have enough free space in /var/cache/apt/archives/.")
  }
  for (const word of wanted) {
    const [name = '', version] = word.split('=')
    const versions = archive.get(name)
    if (versions === undefined) return failed(`E: Unable to locate package ${name}`)
    if (version !== undefined && !versions.includes(version)) return failed(notFound(name, version))
    if (!isDownload) install(machine, name, version ?? versions[0])
  }
  return { status: 0 }
}

/** `dpkg --audit` finds nothing. */
export function dpkg({ faults }: Machine, { argv }: Call): Answer {
  if (argv[0] !== '--audit') return failed(`dpkg: '${argv[0] ?? ''}' is not simulated`)
  const text =
    'The following packages are only half configured, probably due to problems\n gpsd  a daemon\n'
  return { status: 0, stdout: faults.dpkgCut ? text : '' }
}

/** All that is there was asked for. */
export function aptMark({ packages }: Machine, { argv }: Call): Answer {
  if (argv[0] === 'showmanual') return { status: 0, stdout: [...packages.keys()].join('\n') }
  return { status: 0 }
}

function install({ packages, units }: Machine, name: string, version: string): void {
  packages.set(name, version)
  if (name !== 'gpsd' || units.has('gpsd.service')) return
  units.set('gpsd.service', { active: 'inactive', enabled: 'disabled' })
}

/** POSIX `df -P`, of the file system that holds the device's folder; 1 kB blocks. */
export async function df(machine: Machine, { argv }: Call): Promise<Answer> {
  const { blocks, bfree, bavail, bsize } = await statfs(machine.root)
  const inKb = (count: number): number => Math.floor((count * bsize) / 1024)
  const sizeKb = inKb(blocks)
  const usedKb = inKb(blocks - bfree)
  const freeKb = machine.faults.diskFull ? 0 : inKb(bavail)
  const used = Math.ceil((100 * usedKb) / Math.max(usedKb + freeKb, 1))
  const rows = argv
    .filter((word) => !word.startsWith('-'))
    .map((path) => `/dev/root ${sizeKb} ${usedKb} ${freeKb} ${used}% ${path}\n`)
  const heading = 'Filesystem 1024-blocks Used Available Capacity Mounted on\n'
  return { status: 0, stdout: heading + rows.join('') }
}

function failed(message: string): Answer {
  return { status: 100, stderr: `${message}\n` }
}
