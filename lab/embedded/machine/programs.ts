/** Every simulated program of a device, by name. */
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Answer, Call } from './calls.ts'
import { docker } from './docker.ts'
import type { Machine } from './machine.ts'
import { aptGet, aptMark, df, dpkg, dpkgQuery } from './packages.ts'
import { systemctl, systemdRun } from './systemd.ts'

/**
 * Programs that would change the machine on which the fleet runs, whose `/usr/bin` comes after the
 * device's own in PATH. Nothing simulates them.
 */
const refused = `apt docker-compose podman service shutdown poweroff halt journalctl timedatectl
  hostnamectl loginctl useradd usermod sysctl mount umount modprobe ntpd ntpq gpsd gpspipe`

type Program = (machine: Machine, call: Call) => Promise<Answer> | Answer

export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ['docker', docker],
  ['systemctl', systemctl],
  ['systemd-run', systemdRun],
  ['dpkg-query', dpkgQuery],
  ['apt-get', aptGet],
  ['apt-mark', aptMark],
  ['dpkg', dpkg],
  ['df', df],
  ['reboot', reboot],
  ['ipcs', ipcs],
  // Every name is known: the machine under the fleet may be without a network.
  ['getent', () => ({ status: 0, stdout: '192.0.2.1 STREAM\n' })],
  ['vcgencmd', () => ({ status: 0, stdout: 'throttled=0x0\n' })],
  ['hostname', ({ name }) => ({ status: 0, stdout: `${name}\n` })],
])

/** Names of all programs that a device has of its own. */
export const programNames: readonly string[] = [...programs.keys(), ...refused.split(/\s+/)]

/** Of gpsd, once it is there: NTP0 and NTP1, in which ntpd reads the time of the receiver. */
function ipcs({ packages, root }: Machine): Answer {
  const isHeard = packages.has('gpsd') && existsSync(join(root, 'run/gpsd.json'))
  const rows = isHeard ? '0x4e545030 0 root 600 96 2\n0x4e545031 1 root 600 96 2\n' : ''
  return { status: 0, stdout: `key shmid owner perms bytes nattch status\n${rows}` }
}

function reboot(machine: Machine): Answer {
  machine.reboot()
  return { status: 0 }
}

/** Runs a program. Never rejects: a bug here looks like a crash of the program. */
export async function runProgram(machine: Machine, call: Call): Promise<Answer> {
  const program = programs.get(call.program)
  if (program === undefined) return { status: 127, stderr: `${call.program}: not simulated\n` }
  try {
    return await program(machine, call)
  } catch (error) {
    return { status: 70, stderr: `${call.program}: ${String(error)}\n` }
  }
}
