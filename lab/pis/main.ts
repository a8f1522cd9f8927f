/** `node lab/pis/main.ts up|down|status [--devices N] [--no-server-images] [--purge]`, as root. */
import { parseArgs } from 'node:util'
import { labDown } from './lab-down.ts'
import { labStatus } from './lab-status.ts'
import { labUp } from './lab-up.ts'
import type { Progress } from './progress.ts'

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    devices: { type: 'string', default: '0' },
    'no-server-images': { type: 'boolean', default: false },
    purge: { type: 'boolean', default: false },
  },
})

function onProgress({ step, state, detail, tookMs }: Progress): void {
  if (tookMs === null) process.stderr.write(`${step} …\n`)
  else process.stderr.write(`${step}: ${state} (${(tookMs / 1000).toFixed(1)} s) ${detail}\n`)
}

async function main(): Promise<number> {
  const [command] = positionals
  const result = await perform(command)
  if (result === null) {
    process.stderr.write(
      'usage: main.ts up|down|status [--devices N] [--no-server-images] [--purge]\n',
    )
    return 64
  }
  if (!result.ok) {
    process.stderr.write(`lab ${command}: ${result.failure.detail}\n`)
    return 1
  }
  process.stdout.write(`${JSON.stringify(result.value, null, 2)}\n`)
  return 0
}

function perform(command: string | undefined) {
  if (command === 'up') {
    const serverImages = values['no-server-images'] ? 'no' : 'yes'
    return labUp({ hosts: Number(values.devices), onProgress, serverImages })
  }
  if (command === 'down') return labDown({ onProgress, purge: values.purge ? 'yes' : 'no' })
  if (command === 'status') return labStatus()
  return null
}

process.exitCode = await main()
