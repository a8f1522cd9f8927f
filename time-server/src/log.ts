/** One JSON object a line on stderr: messages are static, what changes is in fields. */
import type { Settings } from './settings.ts'
import { logLevels } from './settings.ts'

export type Level = Settings['logLevel']

/** Writes lines of at least the level that was asked for. */
export type Log = (
  level: Level,
  message: string,
  fields?: Readonly<Record<string, unknown>>,
) => void

/** `write` takes one whole line. */
export function logger(least: Level, write: (line: string) => void): Log {
  return (level, message, fields = {}) => {
    if (logLevels.indexOf(level) > logLevels.indexOf(least)) return
    write(`${JSON.stringify({ time: new Date().toISOString(), level, message, ...fields })}\n`)
  }
}
