/** Times whole commands: what an operator waits for. */
import { spawnSync } from 'node:child_process'

export interface Command {
  readonly file: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
}

export interface Timing {
  readonly name: string
  /** Seconds, in the order in which they were taken. */
  readonly seconds: readonly number[]
}

/** Runs it `times` times; throws with the command's output when it fails. */
export function measure(name: string, times: number, command: Command): Timing {
  const seconds = Array.from({ length: times }, () => {
    const began = performance.now()
    run(command)
    return (performance.now() - began) / 1000
  })
  process.stderr.write(`${name}: ${seconds.map((value) => value.toFixed(2)).join(', ')} s\n`)
  return { name, seconds }
}

export function run({ file, args, env, cwd }: Command): string {
  const done = spawnSync(file, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 26,
    env: { ...process.env, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  })
  if (done.status === 0) return done.stdout
  throw new Error(`${file} ${args.join(' ')}: ${done.status}\n${done.stdout}\n${done.stderr}`)
}

export function median({ seconds }: Timing): number {
  return seconds.toSorted((a, b) => a - b)[Math.floor(seconds.length / 2)] ?? Number.NaN
}
