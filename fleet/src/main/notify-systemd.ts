/** Tells systemd how the controller is (sd_notify(3)), where it was started by a unit that asks for that. */
import { spawn } from 'node:child_process'
import type { ControllerHealth } from '../core/controller/health.ts'

export interface Notifier {
  /** No further sign of life is given. */
  end(): void
}

/** `health`: while it is not stalled, the watchdog is kept quiet. */
export function notifySystemd(
  environment: Readonly<Record<string, string | undefined>>,
  health: () => Pick<ControllerHealth, 'status'>,
): Notifier {
  if ((environment['NOTIFY_SOCKET'] ?? '') === '') return { end() {} }
  tell('--ready', '--status=watching the fleet')
  const watchdogUs = Number(environment['WATCHDOG_USEC'] ?? '')
  const timer =
    watchdogUs > 0
      ? setInterval(() => {
          if (health().status !== 'stalled') tell('WATCHDOG=1')
        }, watchdogUs / 2_000)
      : null
  return {
    end() {
      if (timer !== null) clearInterval(timer)
      tell('STOPPING=1')
    },
  }
}

/** By systemd's own program: Node has no datagrams on unix sockets. What it says is of no use here. */
function tell(...words: readonly string[]): void {
  const child = spawn('systemd-notify', words, { stdio: 'ignore' })
  child.on('error', () => {})
}
