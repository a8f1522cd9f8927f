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

function propertyOf(unit: string, property: string): string {
  const [load = 'not-found', active = 'inactive', enabled = ''] =
    world(`units/${unit}`)?.split(' ') ?? []
  const invocation = world(`invocations/${unit}`) ?? 'first'
  const values = new Map([
    ['LoadState', load],
    ['ActiveState', active],
    ['UnitFileState', enabled],
    ['InvocationID', active === 'active' ? invocation : ''],
  ])
  return values.get(property) ?? ''
}

/** A method return whose body is a variant with a string. */
function replyTo(call: Buffer): Buffer {
  const text = call.toString('latin1')
  const [, label = ''] = /unit\/([A-Za-z0-9_]+)/.exec(text) ?? []
  const unit = label.replaceAll(/_([0-9a-f]{2})/g, (_, hex: string) =>
    String.fromCodePoint(Number.parseInt(hex, 16)),
  )
  const [property = ''] = /(LoadState|ActiveState|UnitFileState|InvocationID)/.exec(text) ?? []
  const value = Buffer.from(propertyOf(unit, property))
  const body = Buffer.alloc(4 + 4 + value.length + 1)
  body.write('\u0001s', 0, 'latin1')
  body.writeUInt32LE(value.length, 4)
  value.copy(body, 8)
  const head = Buffer.alloc(16 + 8)
  head.write('l\u0002\u0001\u0001', 0, 'latin1')
  head.writeUInt32LE(body.length, 4)
  head.writeUInt32LE(8, 12)
  head.write('\u0005\u0001u\u0000', 16, 'latin1')
  call.copy(head, 20, 8, 12)
  return Buffer.concat([head, body])
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
docker.listen(join(root, 'run/docker.sock'), () =>
  systemd.listen(join(root, 'run/systemd/private'), () => process.stdout.write('ready\n')),
)
