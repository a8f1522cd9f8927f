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
  let socket = listenOnce(options, hearLine, ended)

  function change(next: GpsdView): void {
    view = next
    options.onChange?.(view)
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
      socket = listenOnce(options, hearLine, ended)
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

/** One connection: its lines, and once why it ended. */
function listenOnce(
  { host, port }: GpsdClientOptions,
  onLine: (line: string) => void,
  onEnd: (why: string) => void,
): Socket {
  const socket = connect({ host, port })
  let rest = ''
  let why = 'the connection ended'
  socket.setEncoding('utf8').setKeepAlive(true, 10_000).unref()
  socket.setTimeout(connectTimeoutMs, () => socket.destroy(new Error('timeout')))
  socket.on('connect', () => {
    socket.setTimeout(0)
    socket.write(watch)
  })
  socket.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop() ?? ''
    lines.forEach(onLine)
    if (rest.length > maxLineLength) socket.destroy(new Error('a line is too long'))
  })
  socket.on('error', (error) => {
    why = 'code' in error ? String(error.code) : error.message
  })
  socket.on('close', () => onEnd(why))
  return socket
}
