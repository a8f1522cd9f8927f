import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeviceOutcome } from '../core/plan/event.ts'
import { recapOf } from './apply-recap.ts'

const changed: DeviceOutcome = {
  device: 'pi-gps-01',
  status: 'changed',
  changed: 3,
  generation: 2,
  service: 'serving',
  serviceReason: null,
  failure: null,
}
const gone = { code: 'timeout', detail: 'no answer within 10 s' } as const
const lost = {
  ...changed,
  status: 'lost',
  changed: 0,
  generation: null,
  service: 'unwatched',
} as const

test('devices with the same failure are one row, all others one each', () => {
  const lines = recapOf(
    [
      changed,
      { ...changed, device: 'pi-gps-02' },
      ...['pi-ntp-01', 'pi-ntp-02', 'pi-ntp-03'].map((device) => ({
        ...lost,
        device,
        failure: gone,
      })),
    ],
    { color: false, width: null },
  )
  assert.deepEqual(
    lines.slice(2, 5).map((line) => line.split('  ')[0]),
    ['pi-gps-01', 'pi-gps-02', 'pi-ntp-[01-03] (3)'],
  )
  assert.equal(lines.at(-1), 'Apply: 2 changed, 3 lost (pi-ntp-[01-03]).')
})

test('a device that does not serve good time yet says why', () => {
  const serviceReason = 'root distance 1.60 s: clients reject it'
  const lines = recapOf([{ ...changed, service: 'settling', serviceReason }], {
    color: false,
    width: null,
  })
  assert.match(lines[2] ?? '', /not yet +root distance 1\.60 s: clients reject it$/)
})
