/** `timeball image prune`: forgets images that are kept beside the fleet. What devices have stays. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { withRegistry } from '../../core/desired/carried-image.ts'
import { imageRecord } from '../../api/records/image-record.ts'
import { megabytes } from '../../core/megabytes.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface PruneOptions extends FleetOptions {
  readonly yes?: boolean
}

/** Without names: all but what `fleet.yaml` says. */
export async function pruneCommand(
  context: Context,
  written: readonly string[],
  options: PruneOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const images = await context.openImages(loaded.value)
  const all = await images.list()
  const names = written.map((name) => withRegistry(name))
  const unknown = names.find((name) => !all.some((image) => image.name === name))
  if (unknown !== undefined) {
    const what = `${images.folder} has no ${unknown}`
    const fix = 'timeball image list shows what it has'
    return refuse(terminal, [{ file: '(command line)', line: null, column: null, what, fix }])
  }
  const { ref } = loaded.value.fleet.settings.image
  const goes = all.filter(({ name }) => (names.length > 0 ? names.includes(name) : name !== ref))
  const gone = new Set(goes.map(({ name }) => name))
  const keep = new Set(all.map(({ name }) => name).filter((name) => !gone.has(name)))
  if (goes.length > 0 && options.yes !== true) {
    const question = `Forget ${[...gone].join(', ')}?`
    const answer = await terminal.confirm(question)
    if (answer === null) {
      const what = 'prune needs an answer, and nobody can be asked here'
      const fix = 'Say --yes'
      return refuse(terminal, [{ file: '(command line)', line: null, column: null, what, fix }])
    }
    if (!answer) return exitCodes.declined
  }
  const freed = await images.prune(keep)
  const records = await openRecords(context, options.json)
  for (const image of goes) records?.write(imageRecord(image))
  if (records !== null) return records.result(exitCodes.done, {})
  const count = goes.length === 1 ? '1 image' : `${goes.length} images`
  terminal.out(`${count} forgotten, ${megabytes(freed)} free again.`)
  return exitCodes.done
}
