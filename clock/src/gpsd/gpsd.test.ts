import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import fc from 'fast-check'
import { anyText } from '@timeball/lib/test/any-text.ts'
import { gpsdClient } from './client.ts'
import type { GpsdView } from './client.ts'
import { parseReport } from './report.ts'
import { hear, silentDevice, silentGpsd } from './state.ts'
import type { DeviceHeard, GpsdState } from './state.ts'

// Captured from gpsd 3.22, shortened.
const version = '{"class":"VERSION","release":"3.22","rev":"3.22","proto_major":3,"proto_minor":14}'
const devices =
  '{"class":"DEVICES","devices":[{"class":"DEVICE","path":"/dev/ttyAMA0","driver":"NMEA0183","activated":"2026-11-23T08:52:23.114Z","flags":1}]}'
const tpv =
  '{"class":"TPV","device":"/dev/ttyAMA0","mode":3,"time":"2026-11-23T08:52:24.000Z","leapseconds":18,"ept":0.005,"lat":48.117300000,"lon":11.516666667,"altHAE":592.3}'
const satellites =
  '{"class":"SKY","device":"/dev/ttyAMA0","nSat":3,"uSat":2,"satellites":[{"PRN":1,"ss":40,"used":true},{"PRN":2,"ss":30,"used":true},{"PRN":3,"ss":10,"used":false}]}'
const dilutions = '{"class":"SKY","device":"/dev/ttyAMA0","hdop":0.9,"pdop":1.5,"tdop":0.8}'
const toff =
  '{"class":"TOFF","device":"/dev/ttyAMA0","real_sec":1795425144, "real_nsec":0,"clock_sec":1795425144,"clock_nsec":121828015}'
const pps =
  '{"class":"PPS","device":"/dev/pps0","real_sec":1795425145,"real_nsec":0,"clock_sec":1795425144,"clock_nsec":999998500,"precision":-20}'

const after = (lines: readonly string[]): GpsdState =>
  lines.reduce((state, line, index) => {
    const report = parseReport(line)
    return report === null ? state : hear(state, report, index)
  }, silentGpsd)

/** What the only device has said. */
const receiverOf = ({ heard }: GpsdState): DeviceHeard => heard.get('/dev/ttyAMA0') ?? silentDevice

const signalAfter = (lines: readonly string[]) =>
  receiverOf(after(lines)).sky?.report.meanSignalDbHz

/** The same of another receiver. */
const other = (line: string): string => line.replace('/dev/ttyAMA0', '/dev/ttyUSB0')

test('a fix is read, without the place', () => {
  const report = parseReport(tpv)
  assert.deepEqual(report, {
    kind: 'tpv',
    device: '/dev/ttyAMA0',
    mode: 3,
    status: null,
    time: '2026-11-23T08:52:24.000Z',
    timeErrorSeconds: 0.005,
    leapSeconds: 18,
  })
})

test('the parts of the sky are put together, not zeroed', () => {
  const { sky } = receiverOf(after([satellites, dilutions]))
  assert.equal(sky?.report.used, 2)
  assert.equal(sky?.report.seen, 3)
  assert.equal(sky?.report.meanSignalDbHz, 35)
  assert.equal(sky?.report.dop.time, 0.8)
})

test('a signal is kept while lines without a list of satellites come, and unknown when none is in use', () => {
  const counts = '{"class":"SKY","device":"/dev/ttyAMA0","uSat":2,"hdop":0.9,"tdop":0.8}'
  assert.equal(signalAfter([satellites, counts]), 35)
  assert.equal(signalAfter([satellites, counts, dilutions, counts]), 35)
  const noneInUse = satellites.replaceAll('"used":true', '"used":false')
  assert.equal(signalAfter([satellites, counts, noneInUse]), null)
  assert.equal(signalAfter([satellites, counts, noneInUse, counts]), null)
})

test('two receivers at one gpsd are not mixed up', () => {
  const noFix = other('{"class":"TPV","device":"/dev/ttyAMA0","mode":1}')
  const { heard } = after([tpv, satellites, noFix, other(dilutions)])
  const [first, second] = [heard.get('/dev/ttyAMA0'), heard.get('/dev/ttyUSB0')]
  assert.deepEqual([first?.tpv?.report.mode, second?.tpv?.report.mode], [3, 1])
  assert.deepEqual([first?.sky?.report.used, second?.sky?.report.used], [2, null])
  assert.equal(second?.fix, null)
})

test('a receiver that gpsd no longer lists is gone', () => {
  const empty = '{"class":"DEVICES","devices":[]}'
  assert.equal(after([devices, tpv, empty]).heard.size, 0)
  assert.equal(after([devices, tpv, devices]).heard.size, 1)
})

test('more devices than there may be drop the one that was silent longest', () => {
  const names = Array.from({ length: 12 }, (_, index) => `/dev/tty${index}`)
  const lines = names.map((name) => tpv.replace('/dev/ttyAMA0', name))
  const spoken = [...lines.slice(0, 8), tpv.replace('/dev/ttyAMA0', '/dev/tty0'), ...lines.slice(8)]
  assert.deepEqual(
    [...after(spoken).heard.keys()],
    ['/dev/tty5', '/dev/tty6', '/dev/tty7', '/dev/tty0', ...names.slice(8)],
  )
})

test('the offset of pulse and serial time is clock minus receiver', () => {
  const state = after([toff, pps])
  assert.equal(receiverOf(state).toff?.report.offsetNs, 121_828_015)
  assert.equal(state.heard.get('/dev/pps0')?.pps?.report.offsetNs, -1500)
})

test('a lost fix is told, and the last one remembered', () => {
  const state = receiverOf(after([tpv, '{"class":"TPV","device":"/dev/ttyAMA0","mode":1}']))
  assert.equal(state.tpv?.report.mode, 1)
  assert.equal(state.fix?.atMs, 0)
})

for (const line of ['', 'null', '[]', '{"class":1}', '{"class":"TPV"', '"TPV"']) {
  test(`${line} is not a report`, () => assert.equal(parseReport(line), null))
}

test('fields of other types are unknown, not zero', () => {
  const report = parseReport('{"class":"SKY","uSat":"3","nSat":null,"hdop":-1,"satellites":"x"}')
  assert.ok(report?.kind === 'sky')
  assert.deepEqual([report.used, report.seen, report.dop.horizontal], [null, null, null])
})

test('no line makes the reader throw or its state grow', () => {
  const names = ['TPV', 'SKY', 'PPS', 'TOFF', 'DEVICES', 'DEVICE', 'VERSION', 'ERROR']
  const value = fc.oneof(fc.jsonValue(), fc.constant([{ path: 'x', ss: 1, used: true }]))
  const key = fc.constantFrom(
    'mode',
    'satellites',
    'devices',
    'device',
    'path',
    'real_sec',
    'time',
    'uSat',
  )
  const line = fc.tuple(fc.constantFrom(...names), fc.dictionary(key, value))
  fc.assert(
    fc.property(fc.array(fc.oneof(line, anyText())), (lines) => {
      const state = after(
        lines.map((each) =>
          typeof each === 'string' ? each : JSON.stringify({ ...each[1], class: each[0] }),
        ),
      )
      assert.ok(JSON.stringify([state, ...state.heard]).length < 20_000)
      assert.ok(state.heard.size <= 8)
    }),
  )
})

async function fakeGpsd(t: TestContext, greet: (socket: Socket) => void) {
  const sockets = new Set<Socket>()
  const server: Server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => {}).on('close', () => sockets.delete(socket))
    greet(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return { port: address.port, sockets }
}

/** A client, and a way to wait until its view is as wanted. */
function listenTo(t: TestContext, port: number) {
  const waiting = new Set<(view: GpsdView) => void>()
  const client = gpsdClient({
    host: '127.0.0.1',
    port,
    minRetryMs: 5,
    maxRetryMs: 10,
    onChange: (view) => waiting.forEach((tell) => tell(view)),
  })
  t.after(() => client.close())
  const until = (isWanted: (view: GpsdView) => boolean): Promise<GpsdView> => {
    const { promise, resolve } = Promise.withResolvers<GpsdView>()
    const tell = (view: GpsdView): void => {
      if (isWanted(view)) resolve(view)
    }
    waiting.add(tell)
    tell(client.view())
    return promise
  }
  return { client, until }
}

// The client never keeps a process alive, so something else has to while a test waits for it.
const keepAlive = setInterval(() => {}, 60_000)
test.after(() => clearInterval(keepAlive))

test('it watches, in whatever pieces the lines come', async (t) => {
  let asked = ''
  const { port } = await fakeGpsd(t, (socket) => {
    socket.on('data', (data: Buffer) => {
      asked += data.toString()
      const lines = [version, devices, 'nonsense', tpv, satellites]
      const text = lines.map((line) => `${line}\r\n`).join('')
      for (let at = 0; at < text.length; at += 50) socket.write(text.slice(at, at + 50))
    })
  })
  const { until } = listenTo(t, port)
  const view = await until(({ state }) => receiverOf(state).sky !== null)
  assert.equal(view.isConnected, true)
  assert.equal(view.state.release, '3.22')
  assert.equal(view.state.devices[0]?.driver, 'NMEA0183')
  assert.equal(receiverOf(view.state).fix?.report.mode, 3)
  assert.match(asked, /^\?WATCH=\{"enable":true,"json":true,"pps":true\};\n$/)
})

test('it comes back when the connection ends, and knows meanwhile that it is away', async (t) => {
  let connections = 0
  const { port, sockets } = await fakeGpsd(t, (socket) => {
    connections += 1
    socket.write(`${version}\n${connections === 1 ? tpv : satellites}\n`)
  })
  const { until } = listenTo(t, port)
  await until(({ state }) => receiverOf(state).fix !== null)
  const away = until(({ isConnected }) => !isConnected)
  for (const socket of sockets) socket.destroy()
  const view = await away
  assert.ok(view.wasConnected && view.failure !== null && receiverOf(view.state).fix !== null)
  const back = await until(({ state }) => receiverOf(state).sky !== null)
  assert.ok(back.isConnected)
})

test('nobody there is a failure with its code', async (t) => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  server.close()
  await once(server, 'close')
  const { until } = listenTo(t, address.port)
  const view = await until(({ failure }) => failure === 'ECONNREFUSED')
  assert.ok(!view.wasConnected)
})

test('a line without end ends the connection instead of filling the memory', async (t) => {
  const { port } = await fakeGpsd(t, (socket) => socket.write('x'.repeat(200_000)))
  const { until } = listenTo(t, port)
  const view = await until(({ failure }) => failure === 'a line is too long')
  assert.ok(!view.isConnected)
})
