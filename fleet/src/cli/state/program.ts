/** argv of `timeball state`. */
import { examples, fleetFiles, refuseUnknown, type CommandEntry } from '../command-entry.ts'
import type { FleetOptions } from '../context.ts'

export const stateEntry: CommandEntry = {
  usage: 'state',
  summary: 'What is remembered of a fleet: migrate it to another store.',
  define(state, { shell, end }) {
    fleetFiles(state.command('migrate <place>'))
      .description(
        'Copy what is remembered into sqlite or postgres://…; fleet.yaml is edited by you.',
      )
      .addHelpText(
        'after',
        examples('state migrate postgres://timeball@db.example/fleet', 'state migrate sqlite'),
      )
      .action(async (place: string, options: FleetOptions) => {
        const { migrateCommand } = await import('./migrate.ts')
        end(await migrateCommand(await shell.open(), place, options))
      })
    state.addHelpText('after', examples('state migrate postgres://timeball@db.example/fleet'))
    refuseUnknown(state)
  },
}
