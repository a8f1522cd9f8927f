/**
 * Reads the report of docs/device-protocol.md. A device is not trusted: every size is bounded,
 * every string loses its control characters, and nothing here throws on any input.
 */
import { imageOfName } from '../core/desired/carried-image.ts'
import type { z } from 'zod'
import type { Failure } from '../core/failure.ts'
import type { Observed, ObservedContainer, ObservedFile } from '../core/plan/observed.ts'
import { fail, ok } from '@timeball/lib/result.ts'
import type { Result } from '@timeball/lib/result.ts'
import { lineSchemas, maxLineBytes } from './report-schemas.ts'

/** Bound of one report, in bytes as it arrives. */
export const maxReportBytes = 4 * 1024 * 1024

/** One line of a report. `unknown` is a type that this version does not know: ignore it. */
export type ReportLine =
  | z.infer<ReturnType<(typeof lineSchemas)[keyof typeof lineSchemas]>>
  | { readonly type: 'unknown' }

/** How a device ended an operation. `generation` is the active one afterwards. */
export type DeviceEnd =
  | { readonly status: 'ok'; readonly generation: number }
  | {
      readonly status: 'failed'
      /** `null` when the device failed before it could look. */
      readonly generation: number | null
      readonly failure: Failure
    }

/** A whole report: well formed, with the nonce that was asked for, and ended by the device. */
export interface DeviceReport {
  readonly nonce: string
  /** Everything between `begin` and `end`, without the lines of unknown type. */
  readonly lines: readonly ReportLine[]
  readonly end: DeviceEnd
}

const newline = 0x0a

export interface LineSplitter {
  /** The lines that `chunk` completes. Fails with `output-too-large`, and then on every call. */
  push(chunk: Uint8Array): Result<readonly string[], Failure>
  /** What is left without a newline at the end; `null` when nothing is. */
  finish(): string | null
}

/**
 * Splits bytes at newlines; holds at most one line. Bytes that are not UTF-8 become U+FFFD.
 * `maxBytes`: of all lines together.
 */
export function lineSplitter(maxBytes = maxReportBytes): LineSplitter {
  const decoder = new TextDecoder()
  let held: Uint8Array[] = []
  let heldBytes = 0
  let totalBytes = 0

  /** The line that ends with `last`. */
  function take(last: Uint8Array): string {
    if (heldBytes === 0) return decoder.decode(last)
    const line = Buffer.concat([...held, last])
    held = []
    heldBytes = 0
    return decoder.decode(line)
  }

  function stop(what: string): Result<never, Failure> {
    totalBytes = Infinity
    return fail({ code: 'output-too-large', detail: `${what} is larger than allowed` })
  }

  return {
    push(chunk) {
      totalBytes += chunk.length
      if (totalBytes > maxBytes) return stop('the report')
      const lines: string[] = []
      let from = 0
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
        if (heldBytes + at - from > maxLineBytes) return stop('a line of the report')
        lines.push(take(chunk.subarray(from, at)))
        from = at + 1
      }
      const rest = chunk.subarray(from)
      heldBytes += rest.length
      if (heldBytes > maxLineBytes) return stop('a line of the report')
      // A copy: streams may use the memory of their chunk again.
      if (rest.length > 0) held.push(rest.slice())
      return ok(lines)
    },
    finish: () => (heldBytes === 0 ? null : take(new Uint8Array())),
  }
}

function isKnown(type: unknown): type is keyof typeof lineSchemas {
  return typeof type === 'string' && Object.hasOwn(lineSchemas, type)
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

/** Parses one line, without its newline. The failure is a sentence that quotes nothing of it. */
export function parseReportLine(line: string): Result<ReportLine, string> {
  if (line.length > maxLineBytes) return fail('a line of the report is too long')
  const value = parseJson(line)
  if (typeof value !== 'object' || value === null || !('type' in value)) {
    return fail('a line of the report is not a JSON object with a type')
  }
  if (!isKnown(value.type)) return ok({ type: 'unknown' })
  const parsed = lineSchemas[value.type]().safeParse(value)
  if (parsed.success) return ok(parsed.data)
  const field = parsed.error.issues[0]?.path.join('.') ?? ''
  return fail(`field '${field}' of a ${value.type} line is not valid`)
}

/** What may occur only once in a report; `null` for lines that may repeat. */
function identity(line: ReportLine): string | null {
  if (line.type === 'resource' || line.type === 'unknown' || line.type === 'bytes') return null
  if (line.type === 'file' && line.role === 'boot-config') return line.role
  if ('name' in line) return `${line.type} ${line.name}`
  if ('path' in line) return `${line.type} ${line.path}`
  if ('container' in line) return `${line.type} ${line.container}`
  if ('ref' in line) return `${line.type} ${line.ref}`
  return line.type
}

function findDuplicate(lines: readonly ReportLine[]): string | null {
  const seen = new Set<string>()
  for (const line of lines) {
    const key = identity(line)
    if (key === null) continue
    if (seen.has(key)) return key
    seen.add(key)
  }
  return null
}

function protocolFailure(detail: string) {
  return fail<Failure>({ code: 'protocol', detail })
}

function readEnd(line: ReportLine | undefined): DeviceEnd | null {
  if (line?.type !== 'end') return null
  const { generation } = line
  if (line.status === 'ok') return { status: 'ok', generation: line.generation }
  return { status: 'failed', generation, failure: { code: line.code, detail: line.detail } }
}

/**
 * Judges all lines of an operation. `begin` must be first and `end` last, both with `nonce`. The one
 * exception is a lone failed `end` without a nonce: the remote command's own, before any applier ran.
 */
export function readReport(
  lines: readonly ReportLine[],
  nonce: string,
): Result<DeviceReport, Failure> {
  const known = lines.filter((line) => line.type !== 'unknown')
  const duplicate = findDuplicate(known)
  if (duplicate !== null) return protocolFailure(`the report says '${duplicate}' twice`)

  const first = known[0]
  const last = known.at(-1)
  const outcome = readEnd(last)
  if (last?.type !== 'end' || outcome === null) {
    return protocolFailure('the report has no end: the device or the connection stopped before it')
  }
  const isRefusal = known.length === 1 && outcome.status === 'failed' && last.nonce === null
  if (isRefusal) return ok({ nonce, lines: [], end: outcome })
  if (first?.type !== 'begin') return protocolFailure('the report has no beginning')
  if (first.nonce !== nonce || last.nonce !== nonce) {
    return protocolFailure('the report answers another operation')
  }
  return ok({ nonce, lines: known.slice(1, -1), end: outcome })
}

/** Exact content, or `null`: what is not plain text is not shown, compared or edited. */
function decodeContent(base64: string | undefined): string | null {
  if (base64 === undefined) return null
  try {
    const bytes = Uint8Array.fromBase64(base64)
    const content = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    // oxlint-disable-next-line no-control-regex -- finding controls is what it is for
    return /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/u.test(content) ? null : content
  } catch {
    return null
  }
}

function toFile(line: Extract<ReportLine, { type: 'file' }>): ObservedFile {
  const { path: at, state } = line
  if (line.state !== 'file') return { path: at, state, mode: null, digest: null, content: null }
  const content = decodeContent(line.content_base64)
  return { path: at, state, mode: line.mode, digest: line.digest, content }
}

function toContainer(line: Extract<ReportLine, { type: 'container' }>): ObservedContainer {
  const { name, state, restarts, health, activated, project } = line
  const { image_id: imageId, image_name: imageName, version_label: versionLabel } = line
  return { name, state, imageId, imageName, restarts, health, activated, project, versionLabel }
}

function only<T extends ReportLine['type']>(report: DeviceReport, type: T) {
  return report.lines.filter((line): line is Extract<ReportLine, { type: T }> => line.type === type)
}

/** The answer to `observe`. A report that ended `failed` gives the device's own failure. */
export function toObserved(report: DeviceReport): Result<Observed, Failure> {
  if (report.end.status === 'failed') return fail(report.end.failure)
  const [about] = only(report, 'device')
  if (about === undefined) return protocolFailure('the report does not describe the device')

  const [unchanged] = only(report, 'unchanged')
  const files = only(report, 'file')
  const bootConfig = files.find((line) => line.role === 'boot-config')
  return ok({
    // What has not changed is told with the digests of the look that saw it.
    nonce: unchanged?.nonce ?? report.nonce,
    hostname: about.hostname,
    arch: about.arch,
    os: about.os,
    bootId: about.boot_id,
    uptimeSeconds: about.uptime_seconds,
    generation: about.generation,
    state: about.state,
    epoch: about.epoch,
    epochBy: about.epoch_by,
    epochAgeSeconds: about.epoch_age_seconds,
    pending: about.pending,
    returning: about.returning,
    rebootRequired: about.reboot_required,
    busy: about.busy,
    recovered: about.recovered,
    packages: new Map(only(report, 'package').map((line) => [line.name, line.version])),
    files: new Map(
      files.filter((line) => line.role === 'file').map((line) => [line.path, toFile(line)]),
    ),
    bootConfig: bootConfig === undefined ? null : toFile(bootConfig),
    services: new Map(
      only(report, 'service').map(({ name, load, active, enabled }) => [
        name,
        { name, load, active, enabled },
      ]),
    ),
    containers: new Map(only(report, 'container').map((line) => [line.name, toContainer(line)])),
    images: new Map(only(report, 'image').map((line) => [imageOfName(line.ref), line.id])),
    logs: new Map(
      only(report, 'log').map(({ container, seconds, lines, errors }) => [
        container,
        { seconds, lines, errors },
      ]),
    ),
    disks: new Map(
      only(report, 'disk').map((line) => [
        line.path,
        {
          path: line.path,
          sizeBytes: line.size_bytes,
          freeBytes: line.free_bytes,
          usedPercent: line.used_percent,
        },
      ]),
    ),
  })
}
