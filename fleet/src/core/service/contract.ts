/** What a time server promises beside good time: docs/device-contract.md, judged in one place. Pure. */
import type { DesiredState } from '../desired/resource.ts'
import type { Result } from '@timeball/lib/result.ts'

/** Why a port gave no answer; the code `aborted` is ours, all others are the server's. */
export interface PortFailure {
  readonly code: string
  readonly detail: string
}

/** What a server says of itself at `/health`, as far as its contract is about it. */
interface SaidHealth {
  readonly version: string | null
  readonly ntp: { readonly isSynced: boolean | null }
}

/** What the ports of one server answer to somebody without a key. */
export interface ContractEvidence {
  /** Names of the series at the metrics port. */
  readonly metrics: Result<ReadonlySet<string>, PortFailure>
  /** HTTP status of `GET /api/time` without a key. */
  readonly keyless: Result<number, PortFailure>
}

export interface ContractInput {
  readonly contract: ContractEvidence
  readonly http: Result<SaidHealth, PortFailure>
  /** Whether the device has been given a key. */
  readonly hasKeys: boolean
  /** The version that its image is labelled with; `null`: not known, or it has no label. */
  readonly label: string | null
}

/** `text` is a printable phrase. */
export interface ContractBreach {
  /** `broken`: waiting does not mend it. `missing`: not there, or not yet. `unknown`: nobody could ask. */
  readonly state: 'broken' | 'missing' | 'unknown'
  readonly text: string
}

/** Alerts and dashboards are made of these. */
const series = ['ntp_synced', 'disk_usage_percent']
/** There is none while the daemon says nothing: 0 would be a claim. */
const seriesInStep = ['ntp_offset_ms', 'ntp_stratum']

/**
 * All breaches, worst first. Of a server that gives no health nothing is said: that it does not
 * answer is another rule's to tell.
 */
export function contractBreaches(input: ContractInput): readonly ContractBreach[] {
  if (!input.http.ok) return []
  const found = [keylessBreach(input), versionBreach(input), metricsBreach(input)]
  const order: readonly ContractBreach['state'][] = ['broken', 'missing', 'unknown']
  return order
    .flatMap((state) => found.filter((breach) => breach?.state === state))
    .filter((breach) => breach !== null)
}

const refusals: ReadonlySet<number> = new Set([401, 403, 429])

function keylessBreach({ contract: { keyless }, hasKeys }: ContractInput): ContractBreach | null {
  if (!hasKeys) return null
  if (!keyless.ok) return unanswered('API', keyless.failure)
  const status = keyless.value
  if (refusals.has(status)) return null
  if (status >= 200 && status < 300) {
    return { state: 'broken', text: `its API answers without a key (HTTP ${status})` }
  }
  return { state: 'missing', text: `its API does not refuse without a key (HTTP ${status})` }
}

function versionBreach({ http, label }: ContractInput): ContractBreach | null {
  const said = http.ok ? http.value.version : null
  if (said === null || label === null || bare(said) === bare(label)) return null
  return { state: 'broken', text: `says version ${said}, and its image is labelled ${label}` }
}

/** `v1.2.0` and `1.2.0` are one version. */
function bare(version: string): string {
  return version.replace(/^v(?=\d)/, '')
}

function metricsBreach({ contract: { metrics }, http }: ContractInput): ContractBreach | null {
  if (!metrics.ok) return unanswered('metrics', metrics.failure)
  const isInStep = http.ok && http.value.ntp.isSynced === true
  const wanted = isInStep ? [...series, ...seriesInStep] : series
  const absent = wanted.filter((name) => !metrics.value.has(name))
  return absent.length === 0
    ? null
    : { state: 'missing', text: `its metrics have no ${absent.join(', ')}` }
}

function unanswered(what: string, { code, detail }: PortFailure): ContractBreach {
  return code === 'aborted'
    ? { state: 'unknown', text: `${what}: not asked` }
    : { state: 'missing', text: `${what}: ${detail}` }
}

const environmentKey = /^API_KEY_\d+$/

/** Whether a device of this state refuses who has no key. */
export function hasApiKeys({ resources }: DesiredState): boolean {
  return resources.some(
    (resource) =>
      resource.kind === 'file' &&
      resource.content.some((part) => typeof part !== 'string' && environmentKey.test(part.name)),
  )
}
