/** Each check of `doctor` on the machine that the commands run on. */
import type { LeapSeconds } from '@timeball/clock/leap/leap-seconds.ts'
import { formatProblem, type Problem } from '@timeball/lib/problem.ts'
import { scaleSeconds } from '../../table.ts'
import { ill, unseen, well, type Diagnosis } from './diagnosis.ts'

export interface ControllerInput {
  /** What the programs say of themselves; `null`: there is none. */
  readonly ssh: string | null
  readonly git: string | null
  readonly docker: string | null
  /** Of a fleet that could not be read: why. */
  readonly fleet: FleetSeen | readonly Problem[]
}

export interface FleetSeen {
  readonly devices: number
  /** The list of this machine. */
  readonly leapSeconds: LeapSeconds | null
  readonly nowUnixMs: number
  /** Why nobody can say what devices should be: a key that is missing, or the registry; `null`: all is known. */
  readonly incomplete: string | null
  readonly clock: OwnClock
  readonly state: FolderSeen
  /** Why the journal cannot be used; `null`: it can. */
  readonly journal: string | null
}

/** The clock of this machine against the time of the fleet. */
export type OwnClock =
  | { readonly kind: 'measured'; readonly aheadSeconds: number }
  | { readonly kind: 'unknown'; readonly why: string }

export interface FolderSeen {
  readonly path: string
  readonly canWrite: boolean
  /** Whether others may read it; `false` also where it is not there yet. */
  readonly isOpenToOthers: boolean
  readonly freeBytes: number
}

export function judgeController(input: ControllerInput): readonly Diagnosis[] {
  const { fleet } = input
  return [
    sshClient(input),
    git(input),
    docker(input),
    ...('devices' in fleet
      ? [files(fleet), wanted(fleet), clock(fleet), leap(fleet), folder(fleet), journal(fleet)]
      : fleet.map(problem)),
  ]
}

/** Debian 11 has 8.4; older ones know less than what keeps automation safe. */
const oldestSsh = 8.4

function sshClient({ ssh }: ControllerInput): Diagnosis {
  if (ssh === null) {
    return ill('ssh', 'there is no ssh here', {
      why: 'devices are reached over it',
      mend: 'sudo apt-get install openssh-client',
    })
  }
  const version = Number(/OpenSSH_(\d+\.\d+)/.exec(ssh)?.[1] ?? Number.NaN)
  if (Number.isNaN(version)) return unseen('ssh', ssh)
  if (version >= oldestSsh) return well('ssh', ssh)
  return ill('ssh', ssh, {
    level: 'warn',
    why: `before ${oldestSsh} it does not know some of the options that keep it safe`,
    mend: 'update OpenSSH',
  })
}

function git({ git: version }: ControllerInput): Diagnosis {
  if (version !== null) return well('git', version)
  return ill('git', 'there is no git here', {
    level: 'warn',
    why: 'the files of a fleet belong into version control',
    mend: 'sudo apt-get install git',
  })
}

function docker({ docker: version }: ControllerInput): Diagnosis {
  if (version !== null) return well('docker', version)
  return unseen('docker', 'none here; only timeball monitoring up uses it')
}

const soonMs = 30 * 86_400_000

function leap({ leapSeconds, nowUnixMs }: FleetSeen): Diagnosis {
  const more = {
    level: 'warn',
    why: 'rollouts stand still around a leap second, and devices are checked against the list',
    mend: 'sudo apt-get install --only-upgrade tzdata',
  } as const
  if (leapSeconds === null) return ill('leap seconds', 'no list on this machine', more)
  const expiresMs = leapSeconds.expiresUnixSeconds * 1000
  const day = Temporal.Instant.fromEpochMilliseconds(expiresMs).toString().slice(0, 10)
  if (expiresMs < nowUnixMs) return ill('leap seconds', `the list expired on ${day}`, more)
  const text = `the list is good until ${day}`
  return expiresMs - nowUnixMs < soonMs
    ? ill('leap seconds', text, more)
    : well('leap seconds', text)
}

function problem(found: Problem): Diagnosis {
  const what = formatProblem({ ...found, fix: null })
  return ill('files', what, {
    why: 'nothing can be done with a fleet that cannot be read',
    mend: found.fix ?? 'see docs/fleet-yaml.md and docs/inventory.md',
  })
}

function files({ devices }: FleetSeen): Diagnosis {
  return well('files', `${devices} devices`)
}

function wanted({ incomplete }: FleetSeen): Diagnosis {
  if (incomplete === null) return well('keys and image', 'all are known')
  return ill('keys and image', incomplete, {
    why: 'without them nobody can say what a device should be: no plan, no drift',
    mend: 'timeball plan says what to do about it',
  })
}

/** What a controller may be off before it accuses others (docs/clock.md). */
const mostOffSeconds = 1

function clock({ clock: own }: FleetSeen): Diagnosis {
  const check = 'clock'
  if (own.kind === 'unknown') return unseen(check, `the fleet has no majority: ${own.why}`)
  const { aheadSeconds: offSeconds } = own
  const text = `${scaleSeconds(Math.abs(offSeconds))} ${offSeconds < 0 ? 'behind' : 'ahead of'} the fleet`
  if (Math.abs(offSeconds) < mostOffSeconds) return well(check, text)
  return ill(check, text, {
    why: 'certificates, journals and freeze windows go by the clock of this machine',
    mend: 'sudo systemctl enable --now systemd-timesyncd, with a device of the fleet as NTP=',
  })
}

const leastFreeBytes = 100 * 1024 ** 2

function folder({ state }: FleetSeen): Diagnosis {
  const { path, canWrite, isOpenToOthers, freeBytes } = state
  if (!canWrite) {
    return ill('.timeball', `${path} cannot be written`, {
      why: 'the journal, host keys and what was learned are kept there',
      mend: `give it to the user who runs timeball: sudo chown -R "$USER" ${path}`,
    })
  }
  if (isOpenToOthers) {
    return ill('.timeball', `${path} can be read by others`, {
      level: 'warn',
      why: 'it has saved output of devices',
      mend: `chmod 700 ${path}`,
    })
  }
  const free = `${Math.round(freeBytes / 1024 ** 2)} MiB free`
  if (freeBytes >= leastFreeBytes) return well('.timeball', free)
  return ill('.timeball', free, {
    why: 'a journal that cannot be written stops a rollout',
    mend: 'make room on the disk of this machine',
  })
}

function journal({ journal: why }: FleetSeen): Diagnosis {
  if (why === null) return well('journal', 'can be read')
  return ill('journal', why, {
    why: 'what rollouts did, and which releases are blocked, is in it',
    mend: 'timeball recover',
  })
}
