import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { parseAssert, parseTemperature, parseThrottled, readBoard } from './board.ts'
import { readOtherDisciplines } from './other-disciplines.ts'

/** A folder with these files; it goes with the test. */
async function tree(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'timeball-host-'))
  t.after(() => rm(root, { recursive: true }))
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true })
    await writeFile(join(root, name), text)
  }
  return root
}

test('a Pi tells its temperature, its throttling and its pulse', async (t) => {
  const root = await tree(t, {
    'class/thermal/thermal_zone0/temp': '48312\n',
    'devices/platform/soc/soc:firmware/get_throttled': '50001\n',
    'class/pps/pps0/assert': '1795464850.000001000#4711\n',
  })
  const board = await readBoard(root)
  assert.equal(board.temperatureCelsius, 48.312)
  assert.equal(board.throttling?.underVoltage, true)
  assert.equal(board.throttling?.throttled, false)
  assert.deepEqual(
    [board.throttling?.underVoltageSeen, board.throttling?.throttledSeen],
    [true, true],
  )
  assert.deepEqual([board.hasPps, board.ppsAssertSeconds], [true, 1_795_464_850.000_001])
})

test('a board that shows nothing is unknown', async (t) => {
  assert.deepEqual(await readBoard(await tree(t, {})), {
    temperatureCelsius: null,
    throttling: null,
    hasPps: null,
    ppsAssertSeconds: null,
  })
})

test('no text makes the readers throw or gives NaN', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseThrottled(text)
      for (const read of [parseTemperature(text), parseAssert(text)]) {
        assert.ok(read === null || Number.isFinite(read))
      }
    }),
  )
})

for (const [name, files, own, found, isComplete] of [
  [
    'timesyncd beside ntpd',
    { '1/comm': 'systemd\n', '80/comm': 'systemd-timesyn\n', '90/comm': 'ntpd\n' },
    'ntpd',
    ['systemd-timesyncd'],
    true,
  ],
  ['nothing', { '1/comm': 'systemd\n', '90/comm': 'ntpd\n' }, 'ntpd', [], true],
  ['a container', { '1/comm': 'entrypoint\n', '9/comm': 'ntpd\n' }, 'ntpd', [], false],
  [
    'a port of chronyd',
    { '1/comm': 'sh\n', 'net/udp': '   sl\n 11176: 0100007F:0143 00000000:0000 07\n' },
    null,
    ['chronyd'],
    false,
  ],
  ['ntpd beside chronyd', { '1/comm': 'init\n', '7/comm': 'ntpd\n' }, 'chronyd', ['ntpd'], true],
] as const) {
  test(`${name} is told as ${found.join() || 'nothing'}`, async (t) => {
    const procPath = await tree(t, files)
    const others = await readOtherDisciplines({ procPath, ownDaemon: own })
    assert.deepEqual([others.found, others.isComplete], [found, isComplete])
  })
}
