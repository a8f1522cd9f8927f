/**
 * What every engine promises, as one suite that runs on each adapter. An adapter brings devices
 * that behave in the ways listed here; the bundle is opaque to an engine, so a line with the nonce
 * takes its place.
 */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Failure } from '../core/failure.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { DeviceReport, ReportLine } from '../device/report.ts'
import { mapBounded } from '@timeball/lib/pool.ts'
import type { Broadcast, Delivery, Engine, Shipment, Target } from './engine.ts'

export const behaviours = [
  'answers',
  'refuses',
  'is-not-root',
  'greets-first',
  'hangs',
  'hangs-after-begin',
  'answers-another',
  'replays-nonce-late',
  'prints-garbage',
  'prints-escape-codes',
  'speaks-as-ssh',
  'never-ends-a-line',
  'never-begins',
  'never-ends',
  'stops-half-way',
  'sends-content',
] as const

export type Behaviour = (typeof behaviours)[number]

export interface Fleet {
  readonly engine: Engine
  /** A device that behaves so; `null` is one that nobody answers for. */
  target(behaviour: Behaviour | null): Target
  stop(): Promise<void>
}

export const testNonce = '0123456789abcdef0123456789abcdef'

/** What a device prints first and last. */
export const beginLine = (nonce: string) =>
  `${JSON.stringify({ type: 'begin', protocol: 1, nonce })}\n`
export const endLine = (nonce: string) =>
  `${JSON.stringify({ type: 'end', nonce, status: 'ok', generation: 3 })}\n`
export const failedLine = (nonce: string | null) =>
  `${JSON.stringify({ type: 'end', nonce, status: 'failed', generation: null, code: 'no-space', detail: 'full' })}\n`
export const unknownLine = '{"type":"from-a-later-version"}\n'
export const diskLine = `${JSON.stringify({ type: 'disk', path: '/', size_bytes: 2, free_bytes: 1, used_percent: 50 })}\n`

/** What `sends-content` sends, in three parts. */
export const content = new Uint8Array(300_000).map((_, index) => index % 251)
export const contentLines = [0, 1, 2].map((part) => {
  const base64 = content.subarray(part * 100_000, (part + 1) * 100_000).toBase64()
  return `${JSON.stringify({ type: 'bytes', base64 })}\n`
})

function shipment(given: Partial<Shipment> = {}): Shipment {
  const nonce = given.nonce ?? testNonce
  return {
    bundle: Buffer.from(`timeball-manifest 1\nnonce ${nonce}\n`),
    nonce,
    timeoutMs: 120_000,
    connection: 'reuse',
    signal: new AbortController().signal,
    ...given,
  }
}

/** A delivery with defaults that suit a device which answers. */
export function delivery(given: Partial<Delivery> = {}): Delivery {
  return { ...shipment(given), onLine: () => {}, ...given }
}

async function* largeBundle() {
  yield Buffer.from(`nonce ${testNonce}\n`)
  for (let part = 0; part < 30; part += 1) yield new Uint8Array(100_000).fill(0x41)
}

function noSpace(): Promise<never> {
  return Promise.reject(new Error('no space left'))
}

export function codeOf(result: Result<DeviceReport, Failure>): string {
  return result.ok ? result.value.end.status : result.failure.code
}

/** `start` makes the devices; it is called once. */
export function engineContract(name: string, start: () => Promise<Fleet>): void {
  describe(`the ${name} engine`, () => {
    let fleet: Fleet
    before(async () => {
      fleet = await start()
    })
    after(() => fleet.stop())

    async function codeFrom(behaviour: Behaviour | null, given: Partial<Delivery> = {}) {
      return codeOf(await fleet.engine.deliver(fleet.target(behaviour), delivery(given)))
    }

    test('brings the report back, and its lines as they arrive', async () => {
      const seen: ReportLine['type'][] = []
      const onLine = (line: ReportLine) => seen.push(line.type)
      const target = fleet.target('answers')
      const result = await fleet.engine.deliver(target, delivery({ onLine }))
      assert.ok(result.ok, JSON.stringify(result))
      assert.deepEqual(result.value.end, { status: 'ok', generation: 3 })
      assert.deepEqual(seen, ['begin', 'disk', 'end'])
    })

    test('carries a bundle of any size and content', async () => {
      const filler = new Uint8Array(3_000_000).fill(0x41)
      const bundle = Buffer.concat([Buffer.from(`nonce ${testNonce}\n`), filler])
      assert.equal(await codeFrom('answers', { bundle }), 'ok')
    })

    test('a device that refuses has answered', async () => {
      const result = await fleet.engine.deliver(fleet.target('refuses'), delivery())
      assert.ok(result.ok && result.value.end.status === 'failed', JSON.stringify(result))
      assert.deepEqual(result.value.end.failure, { code: 'no-space', detail: 'full' })
    })

    test('a refusal from before the applier ran is an answer too', async () => {
      assert.equal(await codeFrom('is-not-root'), 'failed')
    })

    test('what a login shell prints first is skipped', async () => {
      assert.equal(await codeFrom('greets-first'), 'ok')
    })

    test('a device that nobody answers for is unreachable', async () => {
      assert.equal(await codeFrom(null), 'unreachable')
    })

    test('a device that hangs is given up when its time is over', async () => {
      assert.equal(await codeFrom('hangs', { timeoutMs: 1000 }), 'timeout')
      assert.equal(await codeFrom('hangs-after-begin', { timeoutMs: 1000 }), 'timeout')
    })

    test('an abort ends a delivery that has begun', async () => {
      const stop = new AbortController()
      const onLine = () => stop.abort()
      const given = { signal: stop.signal, onLine }
      assert.equal(await codeFrom('hangs-after-begin', given), 'interrupted')
      assert.equal(await codeFrom('answers', given), 'interrupted')
    })

    test('a report for somebody else is refused, and no line of it is handed on', async () => {
      const seen: ReportLine[] = []
      const onLine = (line: ReportLine) => seen.push(line)
      assert.equal(await codeFrom('answers-another', { onLine }), 'protocol')
      assert.deepEqual(seen, [])
      assert.equal(await codeFrom('replays-nonce-late'), 'protocol')
    })

    test('garbage is no report', async () => {
      assert.equal(await codeFrom('prints-garbage'), 'protocol')
    })

    test('no control character of a device survives in a failure', async () => {
      const result = await fleet.engine.deliver(fleet.target('prints-escape-codes'), delivery())
      assert.ok(!result.ok)
      assert.doesNotMatch(result.failure.detail, /[\p{Cc}\p{Cf}]/u)
      assert.ok(result.failure.detail.length < 600)
    })

    test('what a device says of host keys, or of access, is the device’s word', async () => {
      assert.match(await codeFrom('speaks-as-ssh'), /^(protocol|unreachable)$/u)
      assert.match(
        await codeFrom('speaks-as-ssh', { connection: 'fresh' }),
        /^(protocol|unreachable)$/u,
      )
    })

    test('endless output is cut off', async () => {
      assert.equal(await codeFrom('never-ends-a-line'), 'output-too-large')
      assert.equal(await codeFrom('never-ends'), 'output-too-large')
      assert.equal(await codeFrom('never-begins'), 'protocol')
    })

    test('half a report is never a success', async () => {
      assert.match(await codeFrom('stops-half-way'), /^(protocol|unreachable)$/u)
    })

    test('content of a device comes in order, and each part is waited for', async () => {
      const parts: Uint8Array[] = []
      const seen: ReportLine['type'][] = []
      let handing = 0
      const onBytes = async (part: Uint8Array): Promise<void> => {
        assert.equal(handing++, 0, 'one at a time')
        await new Promise((resolve) => setImmediate(resolve))
        parts.push(part)
        handing -= 1
      }
      const onLine = (line: ReportLine) => seen.push(line.type)
      const target = fleet.target('sends-content')
      const result = await fleet.engine.deliver(target, delivery({ onBytes, onLine }))
      assert.ok(result.ok, JSON.stringify(result))
      assert.deepEqual(Buffer.concat(parts), Buffer.from(content))
      assert.deepEqual(seen, ['begin', 'end'])
    })

    test('content that cannot be kept, or was not asked for, is a failure', async () => {
      const full = await fleet.engine.deliver(
        fleet.target('sends-content'),
        delivery({ onBytes: noSpace }),
      )
      assert.ok(!full.ok)
      assert.deepEqual(full.failure, {
        code: 'interrupted',
        detail: 'what the device sent could not be kept: no space left',
      })
      assert.equal(await codeFrom('sends-content'), 'protocol')
    })

    test('one bundle goes to many devices, as a stream, and each answers by itself', async () => {
      const lines: string[] = []
      const broadcast: Broadcast = {
        ...shipment({ bundle: largeBundle, timeoutMs: 120_000 }),
        parallel: 4,
        onLine: (device, { type }) => lines.push(`${device} ${type}`),
      }
      const behaviours = ['answers', 'refuses', 'answers-another', null] as const
      const targets = behaviours.map((behaviour) => fleet.target(behaviour))
      const codes = new Map<string, string>()
      for await (const { target, result } of fleet.engine.deliverAll(targets, broadcast)) {
        assert.ok(!codes.has(target.device))
        codes.set(target.device, codeOf(result))
      }
      assert.deepEqual(
        targets.map(({ device }) => codes.get(device)),
        ['ok', 'failed', 'protocol', 'unreachable'],
      )
      const [answering] = targets
      const own = lines.filter((line) => line.startsWith(`${answering?.device} `))
      assert.deepEqual(
        own.toSorted(),
        ['begin', 'disk', 'end'].map((type) => `${answering?.device} ${type}`),
      )
    })

    test('devices whose turn never came are told as interrupted', async () => {
      const stop = new AbortController()
      const broadcast: Broadcast = {
        ...shipment({ signal: stop.signal }),
        parallel: 1,
        onLine: () => stop.abort(),
      }
      const targets = [fleet.target('hangs-after-begin'), fleet.target('answers')]
      const codes: string[] = []
      for await (const { result } of fleet.engine.deliverAll(targets, broadcast)) {
        codes.push(codeOf(result))
      }
      assert.deepEqual(codes, ['interrupted', 'interrupted'])
    })

    test('dead, hanging and hostile devices do not hold up or confuse the others', async () => {
      const bad = [null, 'hangs', 'never-ends', 'answers-another', 'prints-garbage'] as const
      const all = [...bad, ...Array.from({ length: 11 }, () => 'answers' as const)]
      const nonces = all.map((_, index) => String(index).padStart(32, '0'))
      const options = { limit: 16, signal: new AbortController().signal }
      const results = mapBounded([...all.keys()], options, async (index) => {
        const given = delivery({ nonce: nonces[index] ?? '', timeoutMs: 120_000 })
        const hangs = all[index] === 'hangs'
        return await fleet.engine.deliver(
          fleet.target(all[index] ?? null),
          hangs ? { ...given, timeoutMs: 1500 } : given,
        )
      })
      const codes = new Map<number, string>()
      for await (const { item, value } of results) {
        codes.set(item, codeOf(value))
        if (value.ok) assert.equal(value.value.nonce, nonces[item])
      }
      const expected = ['unreachable', 'timeout', 'output-too-large', 'protocol', 'protocol']
      assert.deepEqual(
        all.map((_, index) => codes.get(index)),
        [...expected, ...Array.from({ length: 11 }, () => 'ok')],
      )
    })
  })
}
