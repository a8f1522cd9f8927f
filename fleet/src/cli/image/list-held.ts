/** `timeball image list --devices`: what devices have, and what they could be rolled back to. */
import type { ExitCode } from '../../api/exit-codes.ts'
import { heldImageRecord, imageRecord } from '../../api/records/image-record.ts'
import { isWell } from '../../core/ask/answer.ts'
import { namesOf } from '../../core/ask/fold.ts'
import {
  foldHeldImages,
  heldImagesScript,
  readHeldImages,
  type HeldRow,
  type HeldState,
} from '../../core/ask/held-images.ts'
import { parseImageReference } from '../../core/desired/image-reference.ts'
import type { KeptImage } from '../../core/desired/kept-image.ts'
import { megabytes } from '../../core/megabytes.ts'
import { shortDigests } from '../../core/short-digest.ts'
import { formatTable, type Column, type Tone } from '../../core/table.ts'
import { askFleet, endOf, failedOf } from '../ask/ask-fleet.ts'
import type { Context, FleetOptions } from '../context.ts'
import { openRecords } from '../records.ts'
import { reach } from '../start.ts'

const question = { script: heldImagesScript, as: 'root', seconds: 30, mostBytes: 262_144 } as const

export async function listHeld(
  context: Context,
  kept: readonly KeptImage[],
  targets: string | undefined,
  options: FleetOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const reached = await reach(context, targets, options)
  if (!reached.ok) return reached.failure
  const { loaded } = reached.value
  const answers = await askFleet(context, reached.value, question, null)
  await reached.value.outside.engine.close('keep')
  const ours = likeOurs([loaded.fleet.settings.image.ref, ...kept.map(({ name }) => name)])
  const held = answers.flatMap((answer) =>
    answer.result.ok && isWell(answer)
      ? readHeldImages(answer.device, answer.result.value.output, ours)
      : [],
  )
  const records = await openRecords(context, options.json)
  for (const image of kept) records?.write(imageRecord(image))
  for (const image of held) records?.write(heldImageRecord(image))
  if (records === null) {
    const rows = foldHeldImages(held).map((row) => ({ ...row, image: nameOf(row.image, kept) }))
    if (rows.length === 0) terminal.say('timeball: these devices have no image of this fleet')
    else for (const line of formatTable(rows, columns, terminal)) terminal.out(line)
  }
  const exit = endOf(context, answers)
  const failed = failedOf(answers)
  return records?.result(exit, { failed }) ?? exit
}

/** Devices have images of others, too: ours end like those that the fleet knows. */
function likeOurs(names: readonly string[]): (image: string) => boolean {
  const known = new Set(names.map((name) => lastPart(name)))
  return (image) => known.has(lastPart(image))
}

function lastPart(name: string): string {
  const parsed = parseImageReference(name)
  return parsed.ok ? (parsed.value.repository.split('/').at(-1) ?? '') : ''
}

/** With the name that it is kept under here, where it is. */
function nameOf(image: string, kept: readonly KeptImage[]): string {
  const name = kept.find(({ digest }) => image.endsWith(`@${digest}`))?.name
  return name === undefined ? shortDigests(image) : `${name} (${shortDigests(digestOf(image))})`
}

function digestOf(image: string): string {
  return image.slice(image.indexOf('@') + 1)
}

const signs = {
  runs: { text: '✓ runs', tone: 'good' },
  ready: { text: 'ready', tone: 'plain' },
  gone: { text: '✗ missing', tone: 'bad' },
  spare: { text: 'spare', tone: 'plain' },
} as const satisfies Record<HeldState, { readonly text: string; readonly tone: Tone | 'plain' }>

const columns: readonly Column<HeldRow>[] = [
  { title: 'DEVICES', align: 'left', shrink: true, cell: ({ devices }) => namesOf(devices) },
  {
    title: 'STATE',
    align: 'left',
    shrink: false,
    cell({ state }) {
      const { text, tone } = signs[state]
      return tone === 'plain' ? text : { text, tone }
    },
  },
  { title: 'GEN', align: 'right', shrink: false, cell: ({ generation }) => `${generation ?? ''}` },
  {
    title: 'SIZE',
    align: 'right',
    shrink: false,
    cell: ({ sizeBytes }) => (sizeBytes === null ? '' : megabytes(sizeBytes)),
  },
  { title: 'IMAGE', align: 'left', shrink: true, cell: ({ image }) => image },
]
