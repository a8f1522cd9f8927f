/** By what a file is known on devices: a random number in its header, which copies of it have, too. */
import { randomInt } from 'node:crypto'
import type { DatabaseSync } from 'node:sqlite'

export function originOf(database: DatabaseSync): string {
  return numberOf(database).toString(16).padStart(8, '0')
}

/** Files of before had none. */
export function giveOrigin(database: DatabaseSync): void {
  if (numberOf(database) !== 0) return
  database.exec(`PRAGMA application_id = ${randomInt(1, 0x7fff_ffff)}`)
}

/** SQLite has it with a sign. */
function numberOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA application_id').get()?.['application_id']) >>> 0
}
