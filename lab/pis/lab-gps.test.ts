import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import fc from 'fast-check'

const feeder = join(import.meta.dirname, 'image/pi/rootfs/usr/local/sbin/lab-gps')

function burst(second: number, state = 'fix'): string[][] {
  const args = [feeder, '--at', String(second), state]
  const text = execFileSync('python3', args, { encoding: 'latin1' })
  assert.ok(text.endsWith('\r\n'))
  return text.trimEnd().split('\r\n').map(fieldsOf)
}

/** NMEA 0183: `$`, at most 82 characters, the XOR of what is between `$` and `*` in hex. */
function fieldsOf(line: string): string[] {
  const match = /^\$([\x20-\x23\x25-\x29\x2b-\x7e]+)\*([0-9A-F]{2})$/.exec(line)
  assert.ok(match !== null && line.length <= 80, line)
  const [, body = '', checksum = ''] = match
  const xor = Buffer.from(body).reduce((sum, byte) => sum ^ byte, 0)
  assert.equal(Number.parseInt(checksum, 16), xor, line)
  return body.split(',')
}

test('a burst names its second in every sentence that carries a time', () => {
  const seconds = fc.integer({ min: 0, max: 4_102_444_799 })
  fc.assert(
    fc.property(seconds, (second) => {
      const iso = new Date(second * 1000).toISOString()
      const clock = `${iso.slice(11, 19).replaceAll(':', '')}.00`
      const sentences = new Map(burst(second).map((fields) => [fields[0], fields]))
      assert.equal(sentences.get('GPRMC')?.[1], clock)
      assert.equal(sentences.get('GPGGA')?.[1], clock)
      const [year = '', month = '', day = ''] = iso.slice(0, 10).split('-')
      assert.deepEqual(sentences.get('GPZDA')?.slice(1, 5), [clock, day, month, year])
      assert.equal(sentences.get('GPRMC')?.[9], `${day}${month}${year.slice(2)}`)
    }),
    { numRuns: 6 },
  )
})

test('a receiver with a fix uses as many satellites as it sees', () => {
  const sentences = burst(1_767_225_600)
  const gsa = sentences.find(([type]) => type === 'GPGSA') ?? []
  assert.equal(gsa.length, 18)
  assert.equal(gsa[2], '3')
  const used = gsa.slice(3, 15).filter((prn) => prn !== '')
  const seen = sentences
    .filter(([type]) => type === 'GPGSV')
    .flatMap((gsv) => [gsv[4], gsv[8], gsv[12], gsv[16]])
  assert.deepEqual(used, seen)
  assert.equal(used.length, 8)
  assert.equal(sentences.find(([type]) => type === 'GPGGA')?.[7], '08')
})

test('without a fix the sentences are void', () => {
  const sentences = new Map(burst(1_767_225_600, 'no-fix').map((fields) => [fields[0], fields]))
  assert.equal(sentences.get('GPRMC')?.[2], 'V')
  assert.equal(sentences.get('GPGGA')?.[6], '0')
  assert.equal(sentences.get('GPGSA')?.[2], '1')
})
