/**
 * The last resort: what is told of an error that nobody expected. Trouble of the machine is a
 * sentence with what to do; anything else is a mistake of ours, and told with its stack.
 */
export interface Trouble {
  /** `ENOSPC`, `sqlite-13`, or `bug`. */
  readonly code: string
  /** One line. */
  readonly message: string
  readonly hint: string | null
  /** Of a mistake of ours; `null`: it is none. */
  readonly stack: string | null
}

const makeRoom = 'make room on the disk, then run it again'
const mayNot = 'check who may read and write there'
const checkDisk = 'check the disk, and the log of the system'

const systemHints: Readonly<Record<string, string>> = {
  ENOSPC: makeRoom,
  EDQUOT: makeRoom,
  EACCES: mayNot,
  EPERM: mayNot,
  EROFS: mayNot,
  EIO: checkDisk,
  EMFILE: 'raise the limit of open files (ulimit -n), or lower ssh.parallel in fleet.yaml',
  ENFILE: 'this machine has too many files open',
}

/** Primary result codes that are no mistake of ours (sqlite.org/rescode.html). */
const sqliteHints: Readonly<Record<number, string>> = {
  5: 'another program holds the database; run it again',
  8: mayNot,
  10: checkDisk,
  11: 'the database is damaged: timeball recover makes a new one out of what can still be read',
  13: makeRoom,
  14: mayNot,
  26: 'the file is no database of Timeball: bring it back from a copy, or move it away',
}

export function troubleOf(error: unknown): Trouble {
  if (!(error instanceof Error)) return bug(String(error), null)
  const sqlite = 'errcode' in error && typeof error.errcode === 'number' ? error.errcode & 0xff : -1
  const ofSqlite = sqliteHints[sqlite]
  if (ofSqlite !== undefined) {
    return {
      code: `sqlite-${sqlite}`,
      message: firstLine(error.message),
      hint: ofSqlite,
      stack: null,
    }
  }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  if (!('syscall' in error)) return bug(`${error.name}: ${error.message}`, error.stack ?? null)
  return { code, message: firstLine(error.message), hint: systemHints[code] ?? null, stack: null }
}

function bug(text: string, stack: string | null): Trouble {
  return {
    code: 'bug',
    message: `this is a mistake of Timeball: ${firstLine(text)}`,
    hint: 'please report it with these lines: https://github.com/timeball/timeball/issues',
    stack: stack ?? '',
  }
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? ''
}
