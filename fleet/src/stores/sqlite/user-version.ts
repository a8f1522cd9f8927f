import type { DatabaseSync } from 'node:sqlite'

/** The version of the tables in a file, as its writer set it; 0: it set none. */
export function versionOf(database: DatabaseSync): number {
  return Number(database.prepare('PRAGMA user_version').get()?.['user_version'])
}

/** A file that a later version of timeball wrote: it is not damaged, and not for this one. */
export class LaterVersionError extends Error {
  constructor() {
    super('it was written by a later version of timeball')
  }
}
