/** The real server of `timeball serve`: it is loaded only when it is called. */
import type { Listening, ListenRequest } from '../app/serve/listening.ts'
import { version } from './version.ts'
import { readPage } from './page.ts'
import { readRunbook, readWorstNights } from './runbooks.ts'
import { notifySystemd } from './notify-systemd.ts'
import { ok, type Result } from '@timeball/lib/result.ts'

export async function listenForController(
  request: ListenRequest,
): Promise<Result<Listening, string>> {
  const { listen } = await import('../server/listen.ts')
  const pages = { runbook: readRunbook, worstNights: readWorstNights, page: readPage }
  const listening = await listen({ ...request, version, ...pages })
  if (!listening.ok) return listening
  const notifier = notifySystemd(process.env, () => request.controller.health())
  return ok({
    ...listening.value,
    async close() {
      notifier.end()
      await listening.value.close()
    },
  })
}
