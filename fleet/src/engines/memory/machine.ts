/** What is on a device of the model, and how the lines of a manifest change it. */
import { fieldsOf, type Order } from './read-bundle.ts'

export interface Machine {
  readonly files: Map<string, { readonly mode: string; readonly content: string }>
  /** Version by name. */
  readonly packages: Map<string, string>
  readonly services: Map<string, 'active' | 'disabled'>
  /** Image of the container that the last activation made, by name of the container. */
  readonly containers: Map<string, string>
}

export function emptyMachine(): Machine {
  return { files: new Map(), packages: new Map(), services: new Map(), containers: new Map() }
}

export function copyOf(machine: Machine): Machine {
  return structuredClone(machine)
}

export interface Change {
  readonly resource: string
  readonly change: 'none' | 'create' | 'update' | 'remove' | 'restart' | 'up'
}

/** Makes true what an `apply` says, in place; the changes in the order of the protocol. */
export function makeTrue(machine: Machine, order: Order): readonly Change[] {
  const files = fieldsOf(order, 'file').map((fields) => putFile(machine, order, fields))
  const changed = new Set(files.flatMap(({ path, change }) => (change === 'none' ? [] : [path])))
  return [
    ...fieldsOf(order, 'package').map((fields) => putPackage(machine, fields)),
    ...files.map(({ path, change }): Change => ({ resource: `file:${path}`, change })),
    ...fieldsOf(order, 'service').map((fields) => putService(machine, fields, changed)),
    ...fieldsOf(order, 'compose').map((fields) => putContainer(machine, fields, changed)),
  ]
}

function putPackage({ packages }: Machine, [name = '', version]: readonly string[]): Change {
  const before = packages.get(name)
  const wanted = version ?? before ?? '1.0'
  packages.set(name, wanted)
  const change = before === undefined ? 'create' : before === wanted ? 'none' : 'update'
  return { resource: `package:${name}`, change }
}

function putFile(
  { files }: Machine,
  order: Order,
  [index = '', , mode = '', , path = '']: readonly string[],
): { readonly path: string; readonly change: Change['change'] } {
  const content = order.files[Number(index)] ?? ''
  const before = files.get(path)
  files.set(path, { mode, content })
  if (before === undefined) return { path, change: 'create' }
  const isSame = before.mode === mode && before.content === content
  return { path, change: isSame ? 'none' : 'update' }
}

function putService(
  { services }: Machine,
  [name = '', action = '', ...causes]: readonly string[],
  changed: ReadonlySet<string>,
): Change {
  const resource = `service:${name}`
  const before = services.get(name)
  if (action === 'disable') {
    if (before !== 'active') return { resource, change: 'none' }
    services.set(name, 'disabled')
    return { resource, change: 'remove' }
  }
  services.set(name, 'active')
  const isNeeded = before !== 'active' || causes.some((path) => changed.has(path))
  return { resource, change: isNeeded ? 'restart' : 'none' }
}

function putContainer(
  { containers, files }: Machine,
  [directory = '', file = '', name = '']: readonly string[],
  changed: ReadonlySet<string>,
): Change {
  const compose = files.get(`${directory}/${file}`)?.content ?? ''
  const image = imageIn(compose)
  const isTouched = [...changed].some((path) => path.startsWith(`${directory}/`))
  const isUp = containers.get(name) === image && !isTouched
  containers.set(name, image)
  return { resource: `compose:${directory}`, change: isUp ? 'none' : 'up' }
}

/** Of the compose files that we write. */
function imageIn(compose: string): string {
  return /^ +image: "([^"]+)"$/m.exec(compose)?.[1] ?? ''
}
