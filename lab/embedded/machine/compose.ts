/** `docker compose` for the one-service file of docs/device-contract.md. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { behaviourOf, digestOf, environmentOf } from '../images.ts'
import { readArguments } from './arguments.ts'
import type { Answer, Call } from './calls.ts'
import type { ContainerSpec } from './containers.ts'
import type { Machine } from './machine.ts'

interface Invocation {
  readonly folder: string
  readonly file: string
  readonly action: string
  readonly flags: ReadonlySet<string>
}

/** What is read of a compose file: its text decides, the rest of it is not simulated. */
interface Project {
  readonly container: string
  readonly image: string
  readonly environment: Readonly<Record<string, string>>
  readonly hash: string
}

export async function dockerCompose(machine: Machine, call: Call): Promise<Answer> {
  const invocation = readInvocation(call)
  if (invocation.action === 'version') return { status: 0, stdout: '2.26.1\n' }
  let project: Project
  try {
    project = await readProject(invocation)
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error), 15)
  }
  switch (invocation.action) {
    case 'config':
      return { status: 0 }
    case 'up':
      return up(machine, project, invocation)
    case 'pull':
      return { status: 0 }
    case 'down':
      await machine.containers.remove(project.container)
      return { status: 0 }
    case 'stop':
      await machine.containers.stop(project.container)
      return { status: 0 }
    case 'restart':
      await machine.containers.restart(project.container)
      return { status: 0 }
    case 'ps':
      return list(machine, project)
    default:
      return failed(`docker: 'compose ${invocation.action}' is not simulated`, 1)
  }
}

const withValue = [
  '-f',
  '--file',
  '--project-directory',
  '-p',
  '--project-name',
  '--env-file',
  '--pull',
]

function readInvocation(call: Call): Invocation {
  const { words, flags, values } = readArguments(call.argv, { withValue })
  const named = values.get('-f') ?? values.get('--file') ?? 'docker-compose.yml'
  const file = resolve(call.folder, values.get('--project-directory') ?? '', named)
  return { folder: dirname(file), file, action: words[0] ?? '', flags }
}

/** Throws with Compose's own kind of message when the file would not do. */
async function readProject({ folder, file }: Invocation): Promise<Project> {
  const settings = parseEnvironment(await readFile(join(folder, '.env'), 'utf8').catch(() => ''))
  const text = (await readText(file)).replaceAll(/\$\{(\w+)\}/g, (_, name) => settings[name] ?? '')
  const value = (key: string): string | undefined =>
    new RegExp(`^ +${key}: *["']?([^"'\\s]+)["']? *$`, 'm').exec(text)?.[1]
  const image = value('image')
  const container = value('container_name')
  if (!/^services:\s*$/m.test(text) || image === undefined || container === undefined) {
    throw new Error(`yaml: ${file} has no service with an image and a container_name`)
  }
  return {
    container,
    image,
    environment: readEnvironment(text, folder),
    hash: createHash('sha256').update(text).digest('hex'),
  }
}

/** Values that begin with where the project's folder is mounted are paths in it. */
function readEnvironment(text: string, folder: string): Record<string, string> {
  const mount = /"\.:(\/[^:"]+):ro"/.exec(text)?.[1]
  const pairs = [...text.matchAll(/^ {6}([A-Z]\w*): "?([^"\n]*)"?$/gm)]
  return Object.fromEntries(
    pairs.map(([, name = '', value = '']) => {
      const isMounted = mount !== undefined && value.startsWith(`${mount}/`)
      return [name, isMounted ? join(folder, value.slice(mount.length)) : value]
    }),
  )
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch {
    throw new Error(`open ${file}: no such file or directory`)
  }
}

function parseEnvironment(text: string): Record<string, string> {
  const pairs = text
    .split('\n')
    .map((line) => /^([A-Za-z_]\w*)=(.*)$/.exec(line))
    .flatMap((match) => (match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]))
  return Object.fromEntries(pairs)
}

async function up(machine: Machine, project: Project, { flags }: Invocation): Promise<Answer> {
  const id = digestOf(project.image)
  if (!machine.images.has(id)) {
    if (behaviourOf(machine.registry, id).fault === 'missing') {
      return failed(`Error response from daemon: No such image: ${project.image}`, 1)
    }
    machine.images.set(id, { id, ref: project.image })
  }
  const existing = machine.containers.find(project.container)
  const isSame = existing?.spec.projectHash === project.hash
  if (isSame && existing.state === 'running' && !flags.has('--force-recreate')) return { status: 0 }
  if (isSame && !flags.has('--force-recreate')) {
    await machine.containers.restart(project.container)
    return { status: 0, stderr: ` Container ${project.container}  Started\n` }
  }
  await machine.containers.run(containerSpec(machine, project))
  return { status: 0, stderr: ` Container ${project.container}  Started\n` }
}

function containerSpec(machine: Machine, project: Project): ContainerSpec {
  const imageId = digestOf(project.image)
  const behaviour = behaviourOf(machine.registry, imageId)
  return {
    name: project.container,
    imageRef: project.image,
    imageId,
    command: behaviour.fault === 'exits' ? ['/bin/false'] : machine.timeServerCommand,
    environment: {
      ...project.environment,
      ...machine.containerEnvironment,
      ...environmentOf(behaviour),
    },
    projectHash: project.hash,
    logFile: machine.containerLog,
  }
}

function list(machine: Machine, project: Project): Answer {
  const container = machine.containers.find(project.container)
  if (container === null) return { status: 0 }
  return { status: 0, stdout: `${project.container} ${project.image} ${container.state}\n` }
}

function failed(message: string, status: number): Answer {
  return { status, stderr: `${message}\n` }
}
