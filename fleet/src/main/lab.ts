/** `timeball lab`: virtual Pis, for tests and for trying things out. */
import type { LabFailure } from '@timeball/lab/pis/lab-error.ts'
import { labDown } from '@timeball/lab/pis/lab-down.ts'
import { labStatus } from '@timeball/lab/pis/lab-status.ts'
import { labUp } from '@timeball/lab/pis/lab-up.ts'
import type { OnProgress } from '@timeball/lab/pis/progress.ts'
import { exitCodes, type ExitCode } from '../api/exit-codes.ts'
import type { Result } from '@timeball/lib/result.ts'
import type { Terminal } from '../cli/terminal.ts'

export async function labCommand(
  terminal: Terminal,
  action: 'up' | 'down' | 'status',
  options: { readonly purge?: boolean },
): Promise<ExitCode> {
  const done = await perform(terminal, action, options)
  if (done.ok) return exitCodes.done
  terminal.say(`timeball: lab ${action}: ${done.failure.detail}`)
  return exitCodes.failed
}

async function perform(
  terminal: Terminal,
  action: 'up' | 'down' | 'status',
  options: { readonly purge?: boolean },
): Promise<Result<unknown, LabFailure>> {
  const onProgress = showSteps(terminal)
  if (action === 'down')
    return await labDown({ onProgress, purge: options.purge === true ? 'yes' : 'no' })
  if (action === 'up') {
    const up = await labUp({ hosts: 0, onProgress })
    if (up.ok) for (const line of howToGoOn) terminal.out(line)
    return up
  }
  const status = await labStatus()
  if (status.ok) {
    const { engine, network, registry, devices } = status.value
    terminal.out(`engine ${engine}, network ${network}, registry ${registry}`)
    for (const { name, address, state } of devices) terminal.out(`${name}  ${address}  ${state}`)
  }
  return status
}

const howToGoOn = [
  '',
  'The lab is up. Its fleet is the folder lab/guide, with the inventory of the guide:',
  '  export API_KEY_1=$(openssl rand -hex 16)',
  '  ./timeball plan   -i lab/guide/inventory.yml',
  '  ./timeball apply  -i lab/guide/inventory.yml',
  '  ./timeball health -i lab/guide/inventory.yml',
]

function showSteps(terminal: Terminal): OnProgress {
  return ({ step, state, detail, tookMs }) => {
    if (tookMs === null) terminal.progress(`${step} …`)
    else terminal.say(`${step}: ${state} in ${(tookMs / 1000).toFixed(1)} s  ${detail}`)
  }
}
