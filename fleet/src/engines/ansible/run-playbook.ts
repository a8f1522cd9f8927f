/** One run of `ansible-playbook`: it asks for what there is for each host, and tells what came of it. */
import { randomUUID } from 'node:crypto'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunProcess } from '@timeball/lib/run-process.ts'
import { makePrivateFolder } from '../ssh/control-folder.ts'
import { whyMissing } from './ansible-words.ts'
import { openExchange } from './exchange.ts'
import type { Job } from './job.ts'
import { copyPlaybook } from './playbook-files.ts'
import { runJobs, type RunJobs } from './run-jobs.ts'

export interface AnsiblePlace {
  /** As after each `-i`. */
  readonly inventories: readonly string[]
  readonly vaultPasswordFiles: readonly string[]
  /** A folder of this user alone, with a short path. */
  readonly runtimeFolder: string
  /** Where `deliver.yml` and its programs are. */
  readonly playbookFolder: string
  readonly program: string
}

export interface PlaybookRun {
  /** Takes a delivery in; `false`: nobody asks for that host any more. */
  add(job: Job): boolean
  /** Nothing of it is left, and all its deliveries are settled. Never rejects. */
  readonly done: Promise<void>
  end(): void
}

interface RunOptions {
  readonly place: AnsiblePlace
  readonly run: RunProcess
  /** Hosts at once. */
  readonly forks: number
  /** Told of the socket of each connection that stays open for a while. */
  readonly onShared: (path: string) => void
}

/** For Ansible to start, with an inventory that is slow to read. */
const startMs = 120_000
/** Of what Ansible says, the end is kept. */
const maxSaid = 64 * 1024

export function runPlaybook(first: readonly Job[], options: RunOptions): PlaybookRun {
  const stop = new AbortController()
  const { onShared } = options
  const jobs = runJobs(first, { onIdle: () => stop.abort(), onShared })
  const done = work(jobs, options, stop.signal)
    .catch((error: unknown) => (error instanceof Error ? error.message : String(error)))
    .then((why) => jobs.end(typeof why === 'string' ? () => why : why))
  return { done, add: (job) => jobs.add(job), end: () => stop.abort() }
}

/** Why nothing was heard of a host, for each of which that is so. */
async function work(
  jobs: RunJobs,
  { place, run, forks }: RunOptions,
  signal: AbortSignal,
): Promise<(device: string) => string> {
  const made = await makePrivateFolder(place.runtimeFolder)
  if (!made.ok) throw new Error(made.failure.detail)
  const folder = join(place.runtimeFolder, `ansible-${randomUUID().slice(0, 8)}`)
  await mkdir(folder, { mode: 0o700 })
  const exchange = await openExchange(join(folder, 's'), jobs.answer)
  try {
    await copyPlaybook(place.playbookFolder, folder)
    await writeFile(join(folder, 'hosts'), `${jobs.devices.join('\n')}\n`)
    let said = ''
    const end = await run({
      file: 'env',
      args: [...variables(folder), place.program, ...argumentsOf(place, folder, forks)],
      stdin: new Uint8Array(),
      timeoutMs: Math.min(2 ** 31 - 1, startMs + jobs.patienceMs()),
      signal,
      onStdout(chunk) {
        said = (said + chunk.toString('utf8')).slice(-maxSaid)
        return 'more'
      },
    })
    return whyMissing(`${said}\n${end.stderr}`, end.code)
  } finally {
    exchange.close()
    await rm(folder, { recursive: true, force: true })
  }
}

function variables(folder: string): readonly string[] {
  return [
    `TIMEBALL_SOCKET=${join(folder, 's')}`,
    'ANSIBLE_NOCOLOR=1',
    'ANSIBLE_FORCE_COLOR=0',
    'ANSIBLE_RETRY_FILES_ENABLED=0',
  ]
}

function argumentsOf(place: AnsiblePlace, folder: string, forks: number): readonly string[] {
  return [
    ...place.inventories.flatMap((source) => ['-i', source]),
    ...place.vaultPasswordFiles.flatMap((file) => ['--vault-password-file', file]),
    ...['--forks', String(forks), '--limit', `@${join(folder, 'hosts')}`],
    join(folder, 'deliver.yml'),
  ]
}
