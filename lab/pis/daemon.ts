/** Programs of the lab that go on after the command: known by their pid file and command line. */
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { startDetached, waitFor } from './run.ts'

export interface Daemon {
  readonly name: string
  readonly argv: readonly string[]
  readonly pidFile: string
  readonly logFile: string
  /** A part of its command line that no other program has: a pid may have been given away again. */
  readonly mark: string
}

/** The pid of the running daemon, or `null`. */
export function daemonPid(daemon: Pick<Daemon, 'pidFile' | 'mark'>): number | null {
  if (!existsSync(daemon.pidFile)) return null
  const pid = Number(readFileSync(daemon.pidFile, 'utf8').trim())
  if (!Number.isInteger(pid) || pid < 2) return null
  return commandLine(pid).includes(daemon.mark) ? pid : null
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
  } catch {
    return ''
  }
}

/**
 * Starts it unless it runs. The pid file is written by the new process itself, so that this
 * command can be killed at any point and the next one still finds the daemon. The shell and
 * `ip netns exec` are replaced by the program, so the pid stays.
 */
export function startDaemon(daemon: Daemon): 'started' | 'running' {
  if (daemonPid(daemon) !== null) return 'running'
  const script = 'echo $$ > "$0" && exec "$@"'
  startDetached(['sh', '-c', script, daemon.pidFile, ...daemon.argv], daemon.logFile)
  return 'started'
}

/** SIGTERM, then SIGKILL after `patienceMs`; returns when it is gone. */
export async function stopDaemon(
  daemon: Pick<Daemon, 'name' | 'pidFile' | 'mark'>,
  patienceMs = 15_000,
): Promise<void> {
  const pid = daemonPid(daemon)
  if (pid !== null) {
    signal(pid, 'SIGTERM')
    const gone = async (): Promise<boolean> => daemonPid(daemon) === null
    await waitFor(daemon.name, patienceMs, gone).catch(async () => {
      signal(pid, 'SIGKILL')
      await waitFor(`the end of ${daemon.name}`, 5_000, gone)
    })
  }
  rmSync(daemon.pidFile, { force: true })
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended between the look and the signal, which is what was wanted.
  }
}
