/** `docker run` as the applier starts a shadow with it: detached, once, on ports of its own. */
import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { behaviourOf, digestOf, environmentOf } from '../images.ts'
import type { Answer } from './calls.ts'
import type { Machine } from './machine.ts'

interface Order {
  readonly name: string
  readonly image: string
  readonly environmentFile: string
  /** Port of the device by the port in the container, such as `123/udp`. */
  readonly ports: ReadonlyMap<string, string>
  /** Folder of the device by where it is in the container. */
  readonly mounts: ReadonlyMap<string, string>
}

export async function dockerRun(machine: Machine, argv: readonly string[]): Promise<Answer> {
  const order = readOrder(argv)
  const imageId = digestOf(order.image)
  if (machine.containers.find(order.name) !== null) {
    return failed(`Conflict. The container name "/${order.name}" is already in use`)
  }
  if (!machine.images.has(imageId)) return failed(`No such image: ${order.image}`)
  const behaviour = behaviourOf(machine.registry, imageId)
  const container = await machine.containers.run({
    name: order.name,
    imageRef: order.image,
    imageId,
    command: behaviour.fault === 'exits' ? ['/bin/false'] : machine.timeServerCommand,
    environment: {
      ...(await readEnvironment(order)),
      ...machine.containerEnvironment,
      ...listening(order.ports),
      ...environmentOf(behaviour),
    },
    projectHash: '',
    logFile: `${dirname(machine.containerLog)}/${order.name}.log`,
    once: true,
  })
  return { status: 0, stdout: `${container.id}\n` }
}

/** What stands in for published ports: the processes of a device listen on its own address. */
function listening(ports: Order['ports']): Record<string, string> {
  const names = { NTP_PORT: '123/udp', HTTP_PORT: '3000/tcp', METRICS_PORT: '9090/tcp' }
  return Object.fromEntries(
    Object.entries(names).map(([name, inside]) => [name, ports.get(inside) ?? '0']),
  )
}

async function readEnvironment({ environmentFile, mounts }: Order) {
  const text = await readFile(environmentFile, 'utf8')
  const pairs = text.split('\n').flatMap((line) => {
    const [, name, value] = /^(\w+)=(.*)$/.exec(line) ?? []
    return name === undefined || value === undefined ? [] : [[name, onDevice(value, mounts)]]
  })
  return Object.fromEntries(pairs)
}

function onDevice(value: string, mounts: Order['mounts']): string {
  const mount = [...mounts].find(([inside]) => value.startsWith(`${inside}/`))
  return mount === undefined ? value : `${mount[1]}${value.slice(mount[0].length)}`
}

/** Of the options whose value is the next word; `-d` and `--read-only` have none. */
function readOrder(argv: readonly string[]): Order {
  const options = new Map<string, string[]>()
  const words = argv.filter((word) => word !== '-d' && word !== '--read-only')
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [option = '', value = ''] = words.slice(at, at + 2)
    options.set(option, [...(options.get(option) ?? []), value])
  }
  const pairs = (option: string): ReadonlyMap<string, string> =>
    new Map(
      (options.get(option) ?? []).map((value) => {
        const [outside = '', inside = ''] = value.split(':')
        return [inside, outside]
      }),
    )
  return {
    name: options.get('--name')?.[0] ?? '',
    image: words.at(-1) ?? '',
    environmentFile: options.get('--env-file')?.[0] ?? '',
    ports: pairs('-p'),
    mounts: pairs('-v'),
  }
}

function failed(message: string): Answer {
  return { status: 125, stderr: `docker: Error response from daemon: ${message}.\n` }
}
