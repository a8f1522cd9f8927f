/**
 * Whether something beside our daemon steers this machine's clock. Two disciplines pull it to and
 * fro, and each looks fine by itself. A container does not see the processes of its host; on the
 * host's network it still sees the ports, and chronyd is known by its command port.
 */
import { readdir, readFile } from 'node:fs/promises'

/** `found`: names of programs. `isComplete`: whether all processes of the host could be seen. */
export interface OtherDisciplines {
  readonly found: readonly string[]
  readonly isComplete: boolean
  readonly reason: string
}

export interface DisciplinesSource {
  /** `/proc`, except in tests. */
  readonly procPath: string
  readonly ownDaemon: 'ntpd' | 'chronyd' | null
}

/** As `/proc/PID/comm` has them, cut at 15 characters. */
const programs = new Map([
  ['systemd-timesyn', 'systemd-timesyncd'],
  ['chronyd', 'chronyd'],
  ['ntpd', 'ntpd'],
  ['openntpd', 'openntpd'],
  ['ptp4l', 'ptp4l'],
  ['phc2sys', 'phc2sys'],
])
/** chronyd's command port, 323, in the notation of `/proc/net/udp`. */
const chronyPort = /^ *\d+: [0-9A-F]+:0143 /m

/** Processes come and go slowly, and there may be hundreds. */
const shareMs = 30_000

/** `readOtherDisciplines`, at most twice a minute. */
export function disciplinesReader(
  procPath: string,
): (ownDaemon: DisciplinesSource['ownDaemon']) => Promise<OtherDisciplines> {
  let readAtMs = -Infinity
  let found: Promise<OtherDisciplines> | null = null
  return (ownDaemon) => {
    if (found !== null && performance.now() - readAtMs < shareMs) return found
    readAtMs = performance.now()
    found = readOtherDisciplines({ procPath, ownDaemon })
    return found
  }
}

/** Looks at processes and ports. Never rejects. */
export async function readOtherDisciplines(source: DisciplinesSource): Promise<OtherDisciplines> {
  const { procPath, ownDaemon } = source
  const pids = (await readdir(procPath).catch(() => [])).filter((name) => /^\d+$/.test(name))
  const names = await Promise.all(pids.map((pid) => readText(`${procPath}/${pid}/comm`)))
  const ports = await Promise.all(
    ['udp', 'udp6'].map((kind) => readText(`${procPath}/net/${kind}`)),
  )
  const seen = names.flatMap((name) => programs.get(name.trim()) ?? [])
  if (ports.some((text) => chronyPort.test(text))) seen.push('chronyd')
  const found = [...new Set(seen)].filter((name) => name !== (ownDaemon ?? 'ntpd')).toSorted()
  const first = names[pids.indexOf('1')]?.trim() ?? ''
  return describe(found, first === 'systemd' || first === 'init')
}

function describe(found: readonly string[], isComplete: boolean): OtherDisciplines {
  if (found.length > 0) {
    return { found, isComplete, reason: `${found.join(', ')} may steer this clock too` }
  }
  const reason = isComplete
    ? 'no other program that steers a clock runs here'
    : 'the processes of the host cannot be seen from here; chronyd would show its port'
  return { found, isComplete, reason }
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
