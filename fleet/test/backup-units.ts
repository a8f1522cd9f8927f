/** The units of docs/backup.md that make backups every night, as they stand there. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const page = readFileSync(join(import.meta.dirname, '../../docs/backup.md'), 'utf8')

/** By name, such as `timeball-backup.service`. */
export const backupUnits: ReadonlyMap<string, string> = new Map(
  [...page.matchAll(/```ini\n# \/etc\/systemd\/system\/(\S+)\n(.*?)```/gs)].map(
    ([, name = '', text = '']) => [name, text],
  ),
)
