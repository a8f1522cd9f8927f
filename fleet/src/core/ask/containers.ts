/** `ps`: the containers of devices, as `docker ps` tells them. */
import { printable } from '@timeball/lib/printable.ts'
import { shortDigests } from '../short-digest.ts'

export interface ContainerRow {
  readonly device: string
  readonly name: string
  readonly image: string
  /** As docker says it: `running`, `exited`. */
  readonly state: string
  /** As docker says it: `Up 3 days (healthy)`. */
  readonly status: string
}

export const containersScript = `docker ps --all --format '{{.Names}}|{{.State}}|{{.Status}}|{{.Image}}'
`

/** Lines that are none of these, such as warnings, are left out. */
export function readContainers(device: string, output: string): readonly ContainerRow[] {
  return output.split('\n').flatMap((line) => {
    const [name, state, status, image] = line.split('|').map((cell) => printable(cell, 200))
    if (name === undefined || state === undefined || status === undefined) return []
    return image === undefined ? [] : [{ device, name, state, status, image: shortDigests(image) }]
  })
}
