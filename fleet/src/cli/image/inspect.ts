/** `timeball image inspect`: what is known of an image without running it. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import { factsRecord } from '../../api/records/image-record.ts'
import {
  baseOf,
  commonLabel,
  contractLabel,
  platformsWith,
  versionLabel,
  type ImageFacts,
  type PlatformFacts,
  type StatementKind,
} from '../../core/desired/image-facts.ts'
import { megabytes } from '../../core/megabytes.ts'
import { formatTable, type Column } from '../../core/table.ts'
import type { Context } from '../context.ts'
import { openRecords } from '../records.ts'
import { describe, type DescribeOptions } from './describe.ts'

export async function inspectCommand(
  context: Context,
  ref: string | undefined,
  options: DescribeOptions,
): Promise<ExitCode> {
  const described = await describe(context, ref, options)
  if (!described.ok) return described.failure
  const { name, place, facts } = described.value
  const records = await openRecords(context, options.json)
  records?.write(factsRecord(described.value))
  if (records !== null) return records.result(exitCodes.done, { image: name })
  const { terminal } = context
  terminal.out(`${name}  ${facts.digest}`)
  terminal.out(place === 'kept' ? 'Kept beside the fleet.' : 'In its registry.')
  for (const line of formatTable(facts.platforms, columns, terminal)) terminal.out(line)
  for (const [what, text] of rowsOf(facts)) terminal.out(`${what.padEnd(width)}${text}`)
  return exitCodes.done
}

const width = 'Device contract  '.length

function rowsOf(facts: ImageFacts): readonly (readonly [string, string])[] {
  return [
    ['Size', `${megabytes(facts.sizeBytes)}, all platforms together`],
    ['Version', commonLabel(facts, versionLabel) ?? 'not said'],
    ['Device contract', commonLabel(facts, contractLabel) ?? 'not said'],
    ['Base', baseOf(facts) ?? 'not said'],
    ['SBOM', statementText(facts, 'sbom')],
    ['Provenance', statementText(facts, 'provenance')],
    ['Signatures', signatureText(facts)],
  ]
}

function statementText(facts: ImageFacts, kind: StatementKind): string {
  const found = platformsWith(facts, kind)
  return found.length === 0 ? 'none' : `for ${found.join(', ')}`
}

function signatureText({ signatures, signedBy }: ImageFacts): string {
  if (signatures === 0) return 'none'
  if (signedBy === null) return `${signatures}; no key is known to check them with`
  return signedBy.ok ? `${signatures}, by ${signedBy.value}` : `${signatures}; ${signedBy.failure}`
}

const columns: readonly Column<PlatformFacts>[] = [
  { title: 'PLATFORM', align: 'left', shrink: false, cell: ({ platform }) => platform },
  { title: 'DIGEST', align: 'left', shrink: true, cell: ({ digest }) => digest },
  { title: 'SIZE', align: 'right', shrink: false, cell: ({ sizeBytes }) => megabytes(sizeBytes) },
]
