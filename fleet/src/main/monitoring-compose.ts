/** Runs the monitoring with Docker Compose. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { ServiceState, Stack, ToolEnd, Trouble } from '../ports/monitoring-host.ts'
import { fail, ok, type Result } from '@timeball/lib/result.ts'
import { runTool } from './run-tool.ts'

/** Pulling three images takes its time. */
const upTimeoutMs = 900_000

export function composeStack(folder: string): Stack {
  const compose = (...args: readonly string[]): Promise<ToolEnd> =>
    runTool(folder, 'docker', ['compose', ...args], {
      timeoutMs: upTimeoutMs,
      environment: { TIMEBALL_USER: `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}` },
    })
  return {
    kind: 'compose',
    async up() {
      // Docker would make them as root, and then nobody else could write there.
      for (const name of ['prometheus', 'alertmanager', 'grafana']) {
        mkdirSync(join(folder, 'data', name), { recursive: true, mode: 0o700 })
      }
      // Mounted files that were replaced are the old ones until the container is made anew.
      return endOf(await compose('up', '--detach', '--force-recreate', '--wait'))
    },
    down: async () => endOf(await compose('down')),
    status: async () => statesOf(await compose('ps', '--all', '--format', 'json')),
  }
}

/** Whether there is a Compose, and an engine that answers. */
export async function hasCompose(folder: string): Promise<boolean> {
  const limits = { timeoutMs: 15_000, environment: {} }
  const version = await runTool(folder, 'docker', ['compose', 'version'], limits)
  if (version.kind === 'missing' || version.code !== 0) return false
  const engine = await runTool(folder, 'docker', ['info', '--format', '{{.ID}}'], limits)
  return engine.kind === 'ended' && engine.code === 0
}

function endOf(end: ToolEnd): Result<null, Trouble> {
  if (end.kind === 'missing') return fail('docker is not there')
  return end.code === 0 ? ok(null) : fail(`docker compose: ${end.output}`)
}

const containerSchema = z.object({ Service: z.string(), State: z.string(), Health: z.string() })

function statesOf(end: ToolEnd): readonly ServiceState[] {
  const containers = end.kind === 'ended' && end.code === 0 ? parseContainers(end.output) : []
  return ['prometheus', 'alertmanager', 'grafana'].map((name) => {
    const found = containers.find(({ Service: service }) => service === name)
    if (found === undefined) return { name, state: 'stopped', detail: 'there is no container' }
    const { State: runs, Health: health } = found
    const state = health === 'healthy' ? 'ready' : runs === 'running' ? 'starting' : 'stopped'
    return { name, state, detail: `container ${runs} ${health}`.trim() }
  })
}

/** One object a line; before Compose 2.21 it was one list. What is neither is no container. */
function parseContainers(output: string): z.output<typeof containerSchema>[] {
  return output.split('\n').flatMap((line) => {
    try {
      const content: unknown = JSON.parse(line)
      return z.array(containerSchema).parse(Array.isArray(content) ? content : [content])
    } catch {
      return []
    }
  })
}
