/** argv of `timeball enroll`. */
import { another, examples, fleetFiles, jsonOption, type CommandEntry } from '../command-entry.ts'
import type { EnrollOptions } from './enroll.ts'

export const enrollEntry: CommandEntry = {
  usage: 'enroll <devices...>',
  summary: 'Pin the host key of new devices, and try every layer of the way there.',
  define(enroll, { shell, end }) {
    jsonOption(fleetFiles(enroll))
      .option(
        '--fingerprint <sha256>',
        'the host key, as it was read on the device; nobody is asked then',
        another,
      )
      .option(
        '--replace',
        'the device was set up anew: its new key is pinned instead of the old one',
      )
      .addHelpText(
        'after',
        examples('enroll pi-gps-01 pi-ntp-01', 'enroll pi-gps-01 --fingerprint SHA256:…'),
      )
      .action(async (devices: readonly string[], options: EnrollOptions) => {
        const { enrollCommand } = await import('./enroll.ts')
        end(await enrollCommand(await shell.open(), devices, options))
      })
  },
}
