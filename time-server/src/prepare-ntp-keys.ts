/** Writes the keys of ntpd into a file of its own, before it starts. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { parseEnvFile } from './keys/env-file.ts'
import type { KeysForNtpd } from './ntp-conf.ts'
import { formatNtpKeys, readNtpKeys } from './ntp-keys.ts'
import type { Settings } from './settings.ts'

/** In the folder of ntpd's configuration. Fails with sentences without values. */
export function prepareNtpKeys(
  { apiKeysFile: path }: Settings,
  folder: string,
): Result<KeysForNtpd, readonly string[]> {
  const text = path === null ? fail(['API_KEYS_FILE is not set']) : readText(path)
  if (!text.ok) return text
  const read = readNtpKeys(parseEnvFile(text.value))
  if (!read.ok) return read
  const file = join(folder, 'ntp.keys')
  writeFileSync(file, formatNtpKeys(read.value), { mode: 0o600 })
  return ok({ keys: read.value, file })
}

function readText(path: string): Result<string, readonly string[]> {
  try {
    return ok(readFileSync(path, 'utf8'))
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    return fail([`the keys of ntpd cannot be read from ${path} (${code})`])
  }
}
