/** The client against Debian's ntpd (ntpsec) and compared with its own client (ntpsec-ntpdig). */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Orphan mode: a server that needs no source, so that nothing leaves the namespace. */
const configuration = 'tos orphan 10 orphanwait 1\nrestrict default\n'

/** Asks until the server is synchronised, and prints each new kind of answer as a line of JSON. */
const client = `
import { queryNtp } from ${JSON.stringify(new URL('query.ts', import.meta.url).href)}
const signal = AbortSignal.timeout(60_000)
const query = { address: '127.0.0.1', port: 123, timeoutMs: 2_000, samples: 4, signal }
let last = ''
for (let result; result?.ok !== true && !signal.aborted; ) {
  result = await queryNtp(query)
  const code = result.ok ? 'ok' : result.failure.code
  if (code !== last) console.log(JSON.stringify(result))
  last = code
  // More than one request a second would be answered with silence.
  if (!result.ok) await new Promise((next) => setTimeout(next, 1_500))
}
console.log(JSON.stringify(await queryNtp({ ...query, address: '::1' })))
`

/**
 * In namespaces of its own: the network so that port 123 is free and nothing is sent anywhere, the
 * processes so that the daemon ends with the shell. Without CAP_SYS_TIME it cannot set our clock.
 */
const script = `
set -eu
ip link set lo up
capsh --drop=cap_sys_time -- -c "ntpd -n -g -c $1/ntp.conf" >"$1/ntpd.log" 2>&1 &
"$2" --input-type=module -e "$3"
ntpdig -j 127.0.0.1
`

test('a real ntpd is unsynchronised at first, and then measured as ntpdig measures it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-ntp-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'ntp.conf'), configuration)
  const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const shell = ['sh', '-c', script, 'sh', folder, process.execPath, client]
  const output = await run('unshare', [...namespaces, ...shell], { timeout: 90_000 }).then(
    ({ stdout }) => stdout.trim(),
    (error: unknown) => {
      throw new Error('this test needs root, iproute2, libcap2-bin, ntpsec, ntpsec-ntpdig', {
        cause: error,
      })
    },
  )

  const [ipv4, ipv6, theirs] = output.split('\n').slice(-3).map(readOffset)
  assert.ok(ipv4 && ipv6 && theirs, output)
  assert.match(output, /"unsynchronised"/)
  // Server and client share one clock, so that the true offset is zero.
  assert.ok(Math.abs(ipv4.offset) <= ipv4.error, output)
  assert.ok(Math.abs(ipv6.offset) <= ipv6.error, output)
  assert.ok(Math.abs(ipv4.offset - theirs.offset) <= ipv4.error + theirs.error, output)
  assert.equal(ipv4.stratum, 10)
})

interface Reading {
  readonly offset: number
  readonly error: number
  readonly stratum: number
}

/** Of our result, or of a line of `ntpdig -j`, whose `precision` is its error. */
function readOffset(line: string): Reading | null {
  const answer: unknown = JSON.parse(line)
  const value = field(answer, 'value') ?? answer
  const offset = field(value, 'offsetSeconds') ?? field(value, 'offset')
  const error = field(value, 'errorSeconds') ?? field(value, 'precision')
  const stratum = field(value, 'stratum')
  if (typeof offset !== 'number' || typeof error !== 'number') return null
  return typeof stratum === 'number' ? { offset, error, stratum } : null
}

function field(value: unknown, name: string): unknown {
  return new Map(Object.entries(value ?? {})).get(name)
}
