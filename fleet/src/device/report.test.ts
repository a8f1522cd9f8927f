import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { lineSplitter, parseReportLine, readReport, toObserved } from './report.ts'
import type { ReportLine } from './report.ts'
import { maxLineBytes } from './report-schemas.ts'

const nonce = '0123456789abcdef0123456789abcdef'
const digest = 'd'.repeat(64)

const begin = { type: 'begin', protocol: 1, nonce }
const end = { type: 'end', nonce, status: 'ok', generation: 3 }
const device = {
  type: 'device',
  hostname: 'pi-gps-01',
  arch: 'aarch64',
  os: 'debian 13',
  kernel: '6.12.25',
  boot_id: 'b',
  uptime_seconds: 81,
  generation: 3,
  state: digest,
  epoch: 12,
  epoch_by: 'op-1',
  epoch_age_seconds: 30,
  pending: null,
  returning: null,
  reboot_required: false,
  busy: null,
  recovered: { generation: 2, reason: 'unconfirmed' },
}

function parse(value: object): ReportLine {
  const line = parseReportLine(JSON.stringify(value))
  assert.ok(line.ok, JSON.stringify(line))
  return line.value
}

function read(...values: object[]) {
  return readReport(
    values.map((value) => parse(value)),
    nonce,
  )
}

function observe(...values: object[]) {
  const report = read(begin, device, ...values, end)
  assert.ok(report.ok)
  const observed = toObserved(report.value)
  assert.ok(observed.ok)
  return observed.value
}

function fileLine(content: Uint8Array, path = '/etc/a') {
  const base64 = Buffer.from(content).toString('base64')
  return {
    type: 'file',
    role: 'file',
    path,
    state: 'file',
    mode: '0644',
    owner: 'root:root',
    size_bytes: content.length,
    digest,
    content_base64: base64,
  }
}

describe('a line of the report', () => {
  test('controls and invisible characters are taken out of every string', () => {
    const line = parse({ type: 'package', name: 'g\u001b[31mit', version: '1\u0000\u202e2\u0085' })
    assert.deepEqual(line, { type: 'package', name: 'g[31mit', version: '12' })
  })

  test('fields that are not known are dropped, types that are not known are set aside', () => {
    assert.deepEqual(parse({ ...end, extra: { deep: 1 } }), end)
    assert.deepEqual(parse({ type: 'constructor' }), { type: 'unknown' })
  })

  for (const [what, text] of [
    ['no JSON', 'Welcome to Debian'],
    ['no object', '[1]'],
    ['no type', '{"a":1}'],
    ['a negative number', JSON.stringify({ ...end, generation: -1 })],
    ['a fraction', JSON.stringify({ ...end, generation: 1.5 })],
    [
      'a failure code of its own',
      JSON.stringify({ ...end, status: 'failed', code: 'x', detail: '' }),
    ],
    ['a string that is too long', JSON.stringify({ ...device, hostname: 'h'.repeat(300) })],
    ['a line that is too long', JSON.stringify({ type: 'x', y: 'y'.repeat(maxLineBytes) })],
  ] as const) {
    test(`${what} is refused, without quoting it`, () => {
      const line = parseReportLine(text)
      assert.ok(!line.ok)
      assert.ok(line.failure.length < 100)
    })
  }

  test('nothing makes the parser throw', () => {
    const types = fc.constantFrom(
      'begin',
      'device',
      'file',
      'container',
      'end',
      'resource',
      '__proto__',
    )
    const record = fc.tuple(types, fc.dictionary(fc.string(), fc.jsonValue()))
    const almost = record.map(([type, rest]) => JSON.stringify({ ...device, ...rest, type }))
    fc.assert(
      fc.property(fc.oneof(anyText(), fc.json(), almost), (text) => {
        const line = parseReportLine(text)
        const lines = line.ok ? [line.value] : []
        const report = readReport([parse(begin), ...lines, parse(end)], nonce)
        if (report.ok) toObserved(report.value)
      }),
    )
  })
})

describe('a report', () => {
  test('is what stands between its beginning and its end', () => {
    const report = read(begin, { type: 'later' }, device, end)
    assert.ok(report.ok)
    assert.deepEqual(report.value.lines, [device])
    assert.deepEqual(report.value.end, { status: 'ok', generation: 3 })
  })

  test('may be a lone refusal of the remote command, but never a lone success', () => {
    const refusal = {
      ...end,
      nonce: null,
      status: 'failed',
      generation: null,
      code: 'not-root',
      detail: 'no',
    }
    const report = read(refusal)
    assert.ok(report.ok)
    assert.deepEqual(report.value.end, {
      status: 'failed',
      generation: null,
      failure: { code: 'not-root', detail: 'no' },
    })
    assert.equal(read(end).ok, false)
    assert.equal(read(begin, refusal).ok, false)
  })

  const other = nonce.replaceAll('0', 'f')
  const pkg = { type: 'package', name: 'git', version: null }
  for (const [what, lines] of [
    ['nothing at all', []],
    ['no end', [begin, device]],
    ['no beginning', [device, end]],
    ['something after its end', [begin, end, pkg]],
    ['two ends', [begin, end, end]],
    ['two beginnings', [begin, begin, end]],
    ['another nonce at the beginning', [{ ...begin, nonce: other }, end]],
    ['another nonce at the end', [begin, { ...end, nonce: other }]],
    ['two devices', [begin, device, device, end]],
    ['a package twice', [begin, pkg, { ...pkg, version: '1' }, end]],
    ['a file twice', [begin, fileLine(new Uint8Array()), fileLine(new Uint8Array()), end]],
  ] as const) {
    test(`with ${what} is a protocol failure`, () => {
      const report = read(...lines)
      assert.ok(!report.ok)
      assert.equal(report.failure.code, 'protocol')
    })
  }
})

describe('an observation', () => {
  test('carries everything that the device said', () => {
    const seen = observe(
      fileLine(Buffer.from('ü\n')),
      { ...fileLine(Buffer.from('boot\r\n'), '/boot/config.txt'), role: 'boot-config' },
      { type: 'file', role: 'file', path: '/etc/b', state: 'absent' },
      { type: 'disk', path: '/', size_bytes: 10, free_bytes: 4, used_percent: 60 },
    )
    assert.equal(seen.bootId, 'b')
    assert.deepEqual(seen.recovered, { generation: 2, reason: 'unconfirmed' })
    assert.equal(seen.files.get('/etc/a')?.content, 'ü\n')
    assert.equal(seen.files.get('/etc/b')?.content, null)
    assert.equal(seen.bootConfig?.content, 'boot\r\n')
    assert.equal(seen.files.has('/boot/config.txt'), false)
    assert.equal(seen.disks.get('/')?.usedPercent, 60)
  })

  for (const [what, bytes] of [
    ['bytes that are not UTF-8', Uint8Array.of(0xff, 0x41)],
    ['an escape', Uint8Array.of(0x1b, 0x5b)],
    ['a zero byte', Uint8Array.of(0x41, 0)],
  ] as const) {
    test(`content with ${what} is not taken for text`, () => {
      assert.equal(observe(fileLine(bytes)).files.get('/etc/a')?.content, null)
    })
  }

  test('a failed report gives its own failure, one without a device a protocol failure', () => {
    const failed = { ...end, status: 'failed', code: 'locked', detail: 'held' }
    for (const [last, code] of [
      [failed, 'locked'],
      [end, 'protocol'],
    ] as const) {
      const report = read(begin, last)
      assert.ok(report.ok)
      const observed = toObserved(report.value)
      assert.ok(!observed.ok)
      assert.equal(observed.failure.code, code)
    }
  })
})

describe('the line splitter', () => {
  test('gives the same lines however the bytes are cut', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 50 })
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), cuts, (text, sizes) => {
        const bytes = new TextEncoder().encode(text)
        const splitter = lineSplitter()
        const lines: string[] = []
        let from = 0
        for (const size of [...sizes, bytes.length]) {
          const pushed = splitter.push(bytes.subarray(from, from + size))
          assert.ok(pushed.ok)
          lines.push(...pushed.value)
          from += size
        }
        const rest = splitter.finish()
        assert.equal([...lines, rest ?? ''].join('\n'), new TextDecoder().decode(bytes))
      }),
    )
  })

  test('stops at a line or a report that is too large, and stays stopped', () => {
    const half = new Uint8Array(maxLineBytes / 2 + 1).fill(0x61)
    const splitter = lineSplitter()
    assert.ok(splitter.push(half).ok)
    assert.equal(splitter.push(half).ok, false)
    assert.equal(splitter.push(new TextEncoder().encode('\n')).ok, false)

    const atOnce = lineSplitter()
    assert.equal(atOnce.push(new Uint8Array(maxLineBytes + 2).fill(0x61).fill(0x0a, -1)).ok, false)
    assert.equal(atOnce.push(new TextEncoder().encode('\n')).ok, false)

    const many = lineSplitter()
    const line = new Uint8Array(maxLineBytes).fill(0x0a)
    const results = Array.from({ length: 17 }, () => many.push(line).ok)
    assert.deepEqual(results, [...Array.from({ length: 16 }, () => true), false])
  })
})
