/** `timeball image list`: the images that are kept beside the fleet, or on its devices. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { imageRecord } from '../../api/records/image-record.ts'
import { megabytes } from '../../core/megabytes.ts'
import { shortDigests } from '../../core/short-digest.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import type { Context, FleetOptions } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'

export interface ListOptions extends FleetOptions {
  /** `true`: all of them. */
  readonly devices?: string | true
}

export async function listCommand(context: Context, options: ListOptions): Promise<ExitCode> {
  const { terminal } = context
  const loaded = await context.loadFleet(options)
  if (!loaded.ok) return refuse(terminal, loaded.failure)
  const images = await context.openImages(loaded.value)
  const kept = await images.list()
  const { devices } = options
  if (devices !== undefined) {
    const { listHeld } = await import('./list-held.ts')
    return await listHeld(context, kept, devices === true ? undefined : devices, options)
  }
  const records = await openRecords(context, options.json)
  for (const image of kept) records?.write(imageRecord(image))
  if (records !== null) return records.result(exitCodes.done, {})
  if (kept.length === 0) {
    terminal.say(`timeball: ${images.folder} has no image; timeball image build makes one`)
    return exitCodes.done
  }
  for (const line of formatTable(kept, columns, terminal)) terminal.out(line)
  return exitCodes.done
}

function column(
  title: string,
  cell: (image: KeptImage) => string,
  align: 'left' | 'right' = 'left',
): Column<KeptImage> {
  return { title, align, shrink: false, cell }
}

const columns: readonly Column<KeptImage>[] = [
  column('IMAGE', ({ name }) => name),
  column('DIGEST', ({ digest }) => shortDigests(digest)),
  column('PLATFORMS', ({ platforms }) => platforms.join(', ')),
  column('SIZE', ({ sizeBytes }) => megabytes(sizeBytes), 'right'),
  column('BUILT', ({ createdUnixMs }) =>
    createdUnixMs === null ? '' : Temporal.Instant.fromEpochMilliseconds(createdUnixMs).toString(),
  ),
]
