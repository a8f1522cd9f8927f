/** `timeball image verify`: whether an image has what it should. It is not run. */
import { exitCodes, type ExitCode } from '../../api/exit-codes.ts'
import type { OutputError } from '../../api/records/result-record.ts'
import {
  imageProofs,
  proveImage,
  type ImageProof,
  type ProofFinding,
} from '../../core/desired/image-facts.ts'
import { formatTable, type Column } from '../../core/table.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import type { Context } from '../context.ts'
import { refuse } from '../problems.ts'
import { openRecords } from '../records.ts'
import { findingColumns } from './check.ts'
import { describe, type DescribeOptions } from './describe.ts'

export interface VerifyOptions extends DescribeOptions {
  readonly only?: string
}

export async function verifyCommand(
  context: Context,
  ref: string | undefined,
  options: VerifyOptions,
): Promise<ExitCode> {
  const { terminal } = context
  const wanted = wantedOf(options.only)
  if (!wanted.ok) {
    const what = `--only: ${wanted.failure}`
    const fix = `There are ${imageProofs.join(', ')}`
    return refuse(terminal, [{ file: '(command line)', line: null, column: null, what, fix }])
  }
  const described = await describe(context, ref, options)
  if (!described.ok) return described.failure
  const { name, place, facts } = described.value
  // Who builds and carries an image without keys has nobody to ask who made it.
  const isCarriedUnsigned = place === 'kept' && facts.signedBy === null
  const isUnasked = isCarriedUnsigned && options.only === undefined
  const findings = proveImage(facts).filter(
    ({ proof }) => wanted.value.has(proof) && !(isUnasked && proof === 'signature'),
  )
  const kept = findings.filter(({ state }) => state === 'kept').length
  const exit = kept === findings.length ? exitCodes.done : exitCodes.unhealthy
  const records = await openRecords(context, options.json)
  for (const { proof, state, text: message } of findings) {
    const { digest } = facts
    records?.write({ type: 'image_proof', image: name, digest, proof, state, message })
  }
  if (records !== null) return records.result(exit, { image: name, errors: errorsOf(findings) })
  terminal.out(`${name}  ${facts.digest}`)
  for (const line of formatTable(findings, columns, terminal)) terminal.out(line)
  terminal.out('')
  terminal.out(`${kept} of ${findings.length} are as they should be`)
  if (isUnasked) {
    terminal.out('No signature is asked of what is carried from here without image.signature_keys.')
  }
  return exit
}

function errorsOf(findings: readonly ProofFinding[]): readonly OutputError[] {
  const hint = 'docs/images.md says what each of them is for'
  return findings
    .filter(({ state }) => state !== 'kept')
    .map(({ proof, text }) => ({ code: 'unhealthy', message: `${proof}: ${text}`, hint }))
}

function wantedOf(text: string | undefined): Result<ReadonlySet<string>, string> {
  const names = text?.split(',') ?? imageProofs
  const all: ReadonlySet<string> = new Set<ImageProof>(imageProofs)
  const unknown = names.find((name) => !all.has(name))
  return unknown === undefined ? ok(new Set(names)) : fail(`there is no '${unknown}'`)
}

const columns: readonly Column<ProofFinding>[] = [
  { title: 'PROOF', align: 'left', shrink: false, cell: ({ proof }) => proof },
  ...findingColumns,
]
