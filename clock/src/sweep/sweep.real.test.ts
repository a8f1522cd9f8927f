/**
 * The sweep against Debian's ntpd (ntpsec) with its own rate limit and its own keys, compared with
 * ntpdig and ntpdate on the same addresses.
 */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'

const run = promisify(execFile)

const secret = '000102030405060708090a0b0c0d0e0f'
/** Orphan mode: a server that needs no source, so that nothing leaves the namespace. */
const configuration = (folder: string): string =>
  [
    'tos orphan 10 orphanwait 1',
    'restrict default kod limited nomodify',
    `keys ${folder}/ntp.keys`,
    'trustedkey 5 7',
    '',
  ].join('\n')
const keys = `5 AES ${secret}\n7 SHA1 ${secret}\n`

const addresses = ['127.0.0.1', '10.99.0.1', '10.99.0.2', '::1'] as const

/** Waits until the server is synchronised, then sweeps its addresses with the pace of the product. */
const client = `
import { sweepNtp } from ${JSON.stringify(new URL('sweep.ts', import.meta.url).href)}
import { parseKey } from ${JSON.stringify(new URL('parse-keys.ts', import.meta.url).href)}
const signal = AbortSignal.timeout(60_000)
const options = { timeoutMs: 2_000, sendsPerSecond: 5_000, signal }
const target = (address, key = null) =>
  ({ address, port: 123, samples: 4, spacingMs: 100, key })
const pause = () => new Promise((next) => setTimeout(next, 1_500))
const key = (id, text = ${JSON.stringify(keys)}) => parseKey(text, id).value
for (let first; first?.servers[0].result.ok !== true && !signal.aborted; await pause()) {
  first = await sweepNtp([{ ...target('10.99.0.9'), samples: 1 }], options)
}
const targets = ${JSON.stringify(addresses)}.map((address) => target(address))
const signed = [target('10.99.0.3', key(5)), target('10.99.0.4', key(7))]
const wrong = target('10.99.0.5', { ...key(5), secret: new Uint8Array(16) })
console.log(JSON.stringify((await sweepNtp([...targets, ...signed, wrong], options)).servers))
`

/** As in the test of the one-shot client: no packet leaves, and ntpd cannot set our clock. */
const script = `
set -eu
ip link set lo up
for last in 1 2 3 4 5 9; do ip address add 10.99.0.$last/32 dev lo; done
capsh --drop=cap_sys_time -- -c "ntpd -n -g -c $1/ntp.conf" >"$1/ntpd.log" 2>&1 &
"$2" --input-type=module -e "$3"
for address in ${addresses.join(' ')}; do ntpdig -j $address; done
ntpdate -q 127.0.0.1 >&2
`

interface Measured {
  readonly offset: number
  readonly error: number
}

test('a real ntpd on several addresses is measured as ntpdig and ntpdate measure it', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'timeball-sweep-'))
  t.after(() => rm(folder, { recursive: true }))
  await writeFile(join(folder, 'ntp.conf'), configuration(folder))
  await writeFile(join(folder, 'ntp.keys'), keys, { mode: 0o600 })
  const namespaces = ['--net', '--pid', '--fork', '--kill-child', '--mount-proc']
  const shell = ['sh', '-c', script, 'sh', folder, process.execPath, client]
  const { stdout, stderr } = await run('unshare', [...namespaces, ...shell], {
    timeout: 90_000,
  }).catch((error: unknown) => {
    const needed = 'root, iproute2, libcap2-bin, ntpsec, ntpsec-ntpdig, ntpsec-ntpdate'
    throw new Error(`this test needs ${needed}`, { cause: error })
  })

  const [ours = '', ...theirs] = stdout.trim().split('\n')
  const swept: unknown = JSON.parse(ours)
  assert.ok(Array.isArray(swept))
  const [wrongKey] = swept.slice(-1)
  // ntpsec is silent to a request with a code that is wrong.
  assert.match(JSON.stringify(wrongKey), /"ok":false.*"answered":0/)
  // All samples of every address were answered: the server's rate limit was not met.
  for (const each of swept.slice(0, -1)) {
    assert.match(JSON.stringify(each), /"sent":4,"answered":4,"lost":0,"kiss":null/)
  }
  const measured = swept
    .slice(0, -1)
    .map((each) => readMeasured(field(field(each, 'result'), 'value')))
  measured.slice(0, addresses.length).forEach((mine, index) => {
    const digged: unknown = JSON.parse(theirs[index] ?? '')
    const offset = Number(field(digged, 'offset'))
    const error = Number(field(digged, 'precision'))
    assert.ok(Math.abs(mine.offset - offset) <= mine.error + error, `${ours}\n${stdout}`)
  })
  // Server and client share one clock, so that the true offset is zero, also for signed replies.
  for (const { offset, error } of measured) assert.ok(Math.abs(offset) <= error, ours)
  const dated = /([+-]\d+\.\d+) \+\/- (\d+\.\d+)/.exec(stderr)
  assert.ok(dated, stderr)
  const [first] = measured
  assert.ok(
    Math.abs((first?.offset ?? 1) - Number(dated[1])) <= (first?.error ?? 0) + Number(dated[2]),
  )
})

function readMeasured(value: unknown): Measured {
  const offset = field(value, 'offsetSeconds')
  const error = field(value, 'errorSeconds')
  assert.ok(typeof offset === 'number' && typeof error === 'number', JSON.stringify(value))
  return { offset, error }
}

function field(value: unknown, name: string): unknown {
  return new Map(Object.entries(value ?? {})).get(name)
}
