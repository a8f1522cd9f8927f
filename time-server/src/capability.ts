/** Whether ntpd may set the clock. Without the right it still looks perfect, and nothing steers. */
import { readFile } from 'node:fs/promises'

/** What is known about who steers this machine's clock. `reason` is a sentence for people. */
export interface Discipline {
  /** `null`: it cannot be told. */
  readonly disciplined: boolean | null
  readonly reason: string
}

/** Where to look. */
export interface DisciplineSource {
  readonly steersClock: boolean
  readonly ntpdPidFile: string | null
  /** `/proc`, except in tests. */
  readonly procPath: string
}

/** Bit of CAP_SYS_TIME in a capability set: linux/capability.h. */
const sysTimeBit = 25n

/** Reads ntpd's effective capabilities. Never rejects: what cannot be read is `null` with a reason. */
export async function readDiscipline(source: DisciplineSource): Promise<Discipline> {
  if (!source.steersClock) {
    return { disciplined: false, reason: 'declared: something else steers this clock' }
  }
  if (source.ntpdPidFile === null) return unknown('the process id of ntpd is not known')
  const pid = (await readText(source.ntpdPidFile))?.trim()
  if (pid === undefined || !/^\d{1,10}$/.test(pid)) return unknown('ntpd left no process id')
  const status = await readText(`${source.procPath}/${pid}/status`)
  return status === null ? unknown('ntpd does not run') : decideDiscipline(status)
}

/** Decides from the text of `/proc/PID/status` (proc(5)). Pure. */
export function decideDiscipline(status: string): Discipline {
  const name = /^Name:\s*(ntpd|chronyd)$/m.exec(status)?.[1]
  if (name === undefined) return unknown('ntpd does not run')
  if (/^State:\s*[ZX]/m.test(status)) return unknown(`${name} does not run`)
  const effective = /^CapEff:\s*([0-9a-f]{1,16})$/m.exec(status)?.[1]
  if (effective === undefined) return unknown(`${name}'s capabilities cannot be read`)
  const maySet = ((BigInt(`0x${effective}`) >> sysTimeBit) & 1n) === 1n
  return maySet
    ? { disciplined: true, reason: `${name} has CAP_SYS_TIME` }
    : { disciplined: false, reason: `${name} lacks CAP_SYS_TIME: nothing steers the clock` }
}

function unknown(reason: string): Discipline {
  return { disciplined: null, reason }
}

async function readText(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch {
    return null
  }
}
