/** How long devices took to become healthy: rollouts learn their deadlines from it. */
import type { DatabaseSync } from 'node:sqlite'
import type { RolloutEvent } from '../../core/rollout/event.ts'
import type { SettleHistory } from '../../ports/rollout-store.ts'
import { isSound, seal } from './row-checksums.ts'

/** Times that are kept of each device. */
const remembered = 20

export function settleHistory(database: DatabaseSync) {
  const insert = database.prepare('INSERT OR REPLACE INTO settled VALUES (?, ?, ?, NULL)')
  const sealIt = database.prepare(seal('settled', 'device = ? AND at_unix_ms = ?'))
  const forget = database.prepare(
    `DELETE FROM settled WHERE device = ?1 AND at_unix_ms < (
       SELECT at_unix_ms FROM settled WHERE device = ?1
       ORDER BY at_unix_ms DESC LIMIT 1 OFFSET ${remembered - 1})`,
  )
  const all = database.prepare(
    `SELECT device, seconds, ${isSound('settled')} AS sound FROM settled ORDER BY at_unix_ms DESC`,
  )
  return {
    add({ device, atUnixMs, settledSeconds }: Extract<RolloutEvent, { type: 'healthy' }>): void {
      // Learned from whole observations only.
      if (settledSeconds === null) return
      insert.run(device, atUnixMs, settledSeconds)
      sealIt.run(device, atUnixMs)
      forget.run(device)
    },
    /** Checked here, and not when the file is opened: there are twenty for each device. */
    read: (): SettleHistory => {
      const rows = all.all()
      const sound = rows.filter(({ sound: isSoundRow }) => isSoundRow === 1)
      const byDevice = Map.groupBy(sound, ({ device }) => String(device))
      const times = [...byDevice].map(([device, found]): [string, number[]] => [
        device,
        found.map(({ seconds }) => Number(seconds)),
      ])
      return { times: new Map(times), damaged: rows.length - sound.length }
    },
  }
}
