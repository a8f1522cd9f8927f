/**
 * Listens to a gpsd for as long as it lives, and connects again when the connection ends. It only
 * asks to be told; nothing that gpsd sends can end the process or make it grow.
 */
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { parseReport } from './report.ts'
import { hear, silentGpsd } from './state.ts'
import type { GpsdState } from './state.ts'

/** What is known now. `wasConnected`: gpsd was heard at least once by this client. */
export interface GpsdView {
  readonly isConnected: boolean
  readonly wasConnected: boolean
  /** Why there is no connection, such as `ECONNREFUSED`; `null` while there is one. */
  readonly failure: string | null
  /** Kept while the connection is away: its times say how old it is. */
  readonly state: GpsdState
}

export interface GpsdClient {
  view(): GpsdView
  close(): void
}

/** `nowMs` is monotonic and stamps what is heard; the retry delay doubles between its bounds. */
export interface GpsdClientOptions {
  readonly host: string
  readonly port: number
  readonly nowMs?: () => number
  readonly minRetryMs?: number
  readonly maxRetryMs?: number
  /** Told after every change of the view. */
  readonly onChange?: (view: GpsdView) => void
}

const watch = '?WATCH={"enable":true,"json":true,"pps":true};\n'
/** Lines of 10 kB were seen; the protocol allows no more than that. */
const maxLineLength = 64 * 1024
const connectTimeoutMs = 5000

/** Starts listening; call `close` to end it. */
export function gpsdClient(options: GpsdClientOptions): GpsdClient {
  const { nowMs = () => performance.now(), minRetryMs = 1000, maxRetryMs = 30_000 } = options
  let view: GpsdView = {
    isConnected: false,
    wasConnected: false,
    failure: 'not connected yet',
    state: silentGpsd,
  }
  let retryMs = minRetryMs
  let retry: NodeJS.Timeout | null = null
  let isClosed = false
  let socket = open()

  function change(next: GpsdView): void {
    view = next
    options.onChange?.(view)
  }

  function open(): Socket {
    const fresh = connect({ host: options.host, port: options.port })
    let rest = ''
    let why = 'the connection ended'
    fresh.setEncoding('utf8').setKeepAlive(true, 10_000).unref()
    fresh.setTimeout(connectTimeoutMs, () => fresh.destroy(new Error('timeout')))
    fresh.on('connect', () => {
      fresh.setTimeout(0)
      fresh.write(watch)
    })
    fresh.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      lines.forEach(hearLine)
      if (rest.length > maxLineLength) fresh.destroy(new Error('a line is too long'))
    })
    fresh.on('error', (error) => {
      why = 'code' in error ? String(error.code) : error.message
    })
    fresh.on('close', () => ended(why))
    return fresh
  }

  function hearLine(line: string): void {
    const report = line.length > maxLineLength ? null : parseReport(line)
    if (report === null || isClosed) return
    if (report.kind === 'version') retryMs = minRetryMs
    const state = hear(view.state, report, nowMs())
    change({ isConnected: true, wasConnected: true, failure: null, state })
  }

  function ended(why: string): void {
    if (isClosed) return
    change({ ...view, isConnected: false, failure: why })
    retry = setTimeout(() => {
      socket = open()
    }, retryMs)
    retry.unref()
    retryMs = Math.min(retryMs * 2, maxRetryMs)
  }

  return {
    view: () => view,
    close() {
      isClosed = true
      if (retry !== null) clearTimeout(retry)
      socket.destroy()
    },
  }
}
