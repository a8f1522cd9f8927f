/** Devices that were changed from here, and how each was reached. */
import type { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import type { Reachable } from '../../core/device/device.ts'
import type { KnownDevices } from '../../ports/rollout-store.ts'
import { inTransaction } from './database.ts'
import { isSound, seal } from './row-checksums.ts'

const reached = z.strictObject({
  address: z.string(),
  port: z.int(),
  user: z.string(),
  key: z.string().nullable(),
  args: z.array(z.string()),
})

export function knownDevices(database: DatabaseSync): KnownDevices {
  const put = database.prepare('INSERT OR REPLACE INTO known VALUES (?, ?, NULL)')
  const sealThem = database.prepare(seal('known'))
  const all = database.prepare(`SELECT * FROM known WHERE ${isSound('known')} ORDER BY device`)
  const drop = database.prepare('DELETE FROM known WHERE device = ?')
  const unlearn = database.prepare('DELETE FROM settled WHERE device = ?')
  return {
    async remember(devices) {
      inTransaction(database, () => {
        for (const { name, address, sshPort, user, privateKeyFile, commonArgs } of devices) {
          const way = { address, port: sshPort, user, key: privateKeyFile, args: commonArgs }
          put.run(name, JSON.stringify(way))
        }
        sealThem.run()
      })
    },
    known: async () => all.all().map(deviceOf),
    async forget(device) {
      inTransaction(database, () => {
        drop.run(device)
        unlearn.run(device)
      })
    },
  }
}

function deviceOf(row: Readonly<Record<string, unknown>>): Reachable {
  const { address, port, user, key, args } = reached.parse(JSON.parse(String(row['reached'])))
  const name = String(row['device'])
  return { name, address, sshPort: port, user, privateKeyFile: key, commonArgs: args }
}
