/**
 * systemd and Docker of a test's device, on the sockets where the real ones are: what quick looks ask.
 * A process of its own, since tests wait for the applier. `node daemons.ts ROOT` says `ready`.
 * `started/NAME` and `invocations/NAME` of `ROOT/world` change when something is started anew.
 */
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer, type Socket } from 'node:net'
import { join } from 'node:path'

const root = process.argv[2] ?? ''

function world(path: string): string | null {
  const file = join(root, 'world', path)
  return existsSync(file) ? readFileSync(file, 'utf8').trim() : null
}

/** As Docker 26 answers, as far as it is read: health checks speak, and must not be believed. */
function containerOf(name: string): object | null {
  const [state = '', health = '', id = '', image = '', restarts = '0'] =
    world(`containers/${name}`)?.split(' ') ?? []
  if (id === '') return null
  const output = '{"Status":"running","Health":{"Status":"healthy"},"RestartCount":7}'
  const healthOf =
    health === 'none' ? {} : { Health: { Status: health, Log: [{ Output: output }] } }
  return {
    Id: id,
    Path: output,
    State: { Status: state, Pid: 1, StartedAt: world(`started/${name}`) ?? 'once', ...healthOf },
    Image: image,
    Name: `/${name}`,
    RestartCount: Number(restarts),
  }
}

function imageOf(ref: string): object | null {
  const id = world(`images/${ref.replaceAll('/', '_')}`)
  return id === null ? null : { Id: id, RepoTags: [] }
}

mkdirSync(join(root, 'run/systemd'), { recursive: true })
const docker = createHttpServer((request, response) => {
  const [, kind, name = ''] = /^\/(containers|images)\/(.*)\/json$/.exec(request.url ?? '') ?? []
  const found = kind === 'images' ? imageOf(name) : containerOf(name)
  const isDown = world('docker-down') !== null
  response.writeHead(isDown ? 500 : found === null ? 404 : 200)
  response.end(JSON.stringify(found ?? { message: 'no such object' }))
})

const align = (length: number): number => length + (-length & 7)

/** D-Bus aligns by the start of the body: a string has its length before it, and a zero byte after. */
class Body {
  #bytes = Buffer.alloc(0)

  align(to: number): this {
    return this.add(Buffer.alloc(-this.#bytes.length & (to - 1)))
  }
  add(bytes: Uint8Array): this {
    this.#bytes = Buffer.concat([this.#bytes, bytes])
    return this
  }
  uint32(value: number): this {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32LE(value)
    return this.align(4).add(bytes)
  }
  text(value: string): this {
    const bytes = Buffer.from(value)
    return this.uint32(bytes.length).add(bytes).add(Buffer.alloc(1))
  }
  variant(type: 's' | 'ay', value: string): this {
    this.add(Buffer.from(`${String.fromCodePoint(type.length)}${type}\0`))
    return type === 's' ? this.text(value) : this.uint32(value.length).add(Buffer.from(value))
  }
  get bytes(): Buffer {
    return this.#bytes
  }
}

/** All properties of a unit, as `a{sv}`; the first could be taken for another. */
function propertiesOf(unit: string): Buffer {
  const [load = 'not-found', active = 'inactive', enabled = ''] =
    world(`units/${unit}`)?.split(' ') ?? []
  const invocation = world(`invocations/${unit}`) ?? 'first'
  const entries = new Body()
    .align(8)
    .text('Description')
    .variant('s', 'LoadState ActiveState')
    .align(8)
    .text('LoadState')
    .variant('s', load)
    .align(8)
    .text('ActiveState')
    .variant('s', active)
    .align(8)
    .text('UnitFileState')
    .variant('s', enabled)
    .align(8)
    .text('InvocationID')
    .variant('ay', active === 'active' ? invocation : '').bytes
  return new Body().uint32(entries.length).align(8).add(entries).bytes
}

const noSuchUnit = 'org.freedesktop.systemd1.NoSuchUnit'
const noFile = 'org.freedesktop.DBus.Error.FileNotFound'

/** The texts of a body that has nothing else. */
function textsIn(body: Buffer): string[] {
  const texts: string[] = []
  for (let at = 0; at + 4 <= body.length;) {
    const end = at + 4 + body.readUInt32LE(at)
    texts.push(body.toString('utf8', at + 4, end))
    at = end + 1 + (-(end + 1) & 3)
  }
  return texts
}

const labelOf = (unit: string): string =>
  unit.replaceAll(/[^A-Za-z0-9]/g, (letter) => `_${letter.codePointAt(0)?.toString(16)}`)
const unitOf = (label: string): string =>
  label.replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )

/** A body, or the name of an error: a unit is loaded while it runs, as for systemd. */
function answer(fields: string, body: Buffer): Buffer | string {
  const [unit = 'none'] = textsIn(body)
  const [, active, enabled = ''] = world(`units/${unit}`)?.split(' ') ?? []
  if (fields.includes('GetUnitFileState')) {
    return enabled === '' ? noFile : new Body().text(enabled).bytes
  }
  if (fields.includes('GetUnit')) {
    const path = `/org/freedesktop/systemd1/unit/${labelOf(unit)}`
    return active === 'active' ? new Body().text(path).bytes : noSuchUnit
  }
  if (fields.includes('GetAll')) {
    const [, label = ''] = /unit\/([A-Za-z0-9_]+)/.exec(fields) ?? []
    return propertiesOf(unitOf(label))
  }
  return new Body().text(':1.23').bytes
}

function replyTo(call: Buffer): Buffer {
  const end = 16 + align(call.readUInt32LE(12))
  const reply = answer(call.toString('latin1', 16, end), call.subarray(end))
  const fields = new Body().add(Buffer.from('\u0005\u0001u\u0000', 'latin1'))
  fields.add(call.subarray(8, 12))
  if (typeof reply === 'string') {
    fields.align(8).add(Buffer.from('\u0004\u0001s\u0000', 'latin1')).text(reply)
  }
  const body = typeof reply === 'string' ? Buffer.alloc(0) : reply
  const head = Buffer.alloc(16)
  head.write(typeof reply === 'string' ? 'l\u0003\u0001\u0001' : 'l\u0002\u0001\u0001', 0, 'latin1')
  head.writeUInt32LE(body.length, 4)
  head.writeUInt32LE(fields.bytes.length, 12)
  return Buffer.concat([head, fields.align(8).bytes, body])
}

function serveSystemd(socket: Socket): void {
  let held = Buffer.alloc(0)
  let isIn = false
  socket.on('data', (chunk) => {
    held = Buffer.concat([held, Buffer.from(chunk)])
    const begin = held.indexOf('BEGIN\r\n')
    if (!isIn && begin !== -1) {
      isIn = true
      held = held.subarray(begin + 'BEGIN\r\n'.length)
      socket.write('OK 0123456789abcdef0123456789abcdef\r\n')
    }
    if (!isIn) return
    while (held.length >= 16) {
      const size = 16 + align(held.readUInt32LE(12)) + held.readUInt32LE(4)
      if (held.length < size) return
      socket.write(replyTo(held.subarray(0, size)))
      held = held.subarray(size)
    }
  })
}

const systemd = createServer(serveSystemd)
const bus = createServer(serveSystemd)
mkdirSync(join(root, 'run/dbus'), { recursive: true })
docker.listen(join(root, 'run/docker.sock'), () =>
  systemd.listen(join(root, 'run/systemd/private'), () =>
    bus.listen(join(root, 'run/dbus/system_bus_socket'), () => process.stdout.write('ready\n')),
  ),
)
