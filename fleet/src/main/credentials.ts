/** Keys that a service manager hands over as a file: `keys.env` of `$CREDENTIALS_DIRECTORY` (systemd.exec(5)). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Of lines such as `API_KEY_1=…`; what is in the environment already counts more. */
export function withCredentials(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string | undefined> {
  const folder = environment['CREDENTIALS_DIRECTORY']
  return folder === undefined ? { ...environment } : { ...keysIn(folder), ...environment }
}

function keysIn(folder: string): Record<string, string> {
  try {
    const lines = readFileSync(join(folder, 'keys.env'), 'utf8').split('\n')
    return Object.fromEntries(
      lines.flatMap((line) => {
        const [, name, value] = /^(API_KEY_\w+|TIMEBALL_AGE_\w+)=(.*)$/.exec(line) ?? []
        return name === undefined || value === undefined ? [] : [[name, unquoted(value)]]
      }),
    )
  } catch {
    // A service without this credential has its keys elsewhere.
    return {}
  }
}

function unquoted(value: string): string {
  const text = value.trim()
  return /^"(.*)"$/.exec(text)?.[1] ?? /^'(.*)'$/.exec(text)?.[1] ?? text
}
