/** The deliveries of one run, and what Ansible's side of it is answered. */
import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { remoteCommand } from '../../device/command.ts'
import { versionFailure, refusal } from './ansible-words.ts'
import type { Answerer, Head } from './exchange.ts'
import { hostQueue } from './host-queue.ts'
import type { Job } from './job.ts'

export interface RunJobs {
  readonly devices: readonly string[]
  readonly answer: Answerer
  /** `false`: nobody asks for that host any more. */
  add(job: Job): boolean
  /** The longest that they may take, one after another. */
  patienceMs(): number
  /** The run is over: what is not settled has failed. */
  end(whyMissing: (device: string) => string): void
}

interface Listener {
  /** All are settled, and nobody has come with another one for a while. */
  readonly onIdle: () => void
  /** Of the socket of each connection that stays open for a while. */
  readonly onShared: (path: string) => void
}

/** For Ansible to end by itself after the last delivery. */
const endMs = 5_000

export function runJobs(first: readonly Job[], { onIdle, onShared }: Listener): RunJobs {
  const jobs = new Map<string, Job>()
  const queues = new Map(first.map(({ target }) => [target.device, hostQueue()]))
  let idle: NodeJS.Timeout | null = null
  let unsettled = 0

  function add(job: Job): boolean {
    if (queues.get(job.target.device)?.push(job) !== true) return false
    jobs.set(job.id, job)
    unsettled += 1
    if (idle !== null) clearTimeout(idle)
    void job.result.then(() => {
      unsettled -= 1
      if (unsettled === 0) idle = setTimeout(onIdle, endMs)
    })
    return true
  }
  async function hand({ device, ansible }: Asking, socket: Socket): Promise<void> {
    const failure = versionFailure(ansible)
    if (failure !== null) return queues.get(device)?.close(failure)
    const job = await queues.get(device)?.next()
    if (job !== undefined && job !== null) await send(job, socket)
  }
  for (const job of first) add(job)
  return {
    devices: [...queues.keys()],
    add,
    async answer(head, socket, rest) {
      if (head.kind === 'next') return await hand(head, socket)
      const job = jobs.get(head.job)
      if (head.kind === 'refused') return job?.giveUp(refusal(head.why))
      if (head.kind === 'end') return await job?.end(head)
      if (head.control !== null) onShared(head.control)
      return await job?.hear(rest, () => socket.destroy())
    },
    patienceMs: () => jobs.values().reduce((sum, { delivery }) => sum + delivery.timeoutMs, 0),
    end(whyMissing) {
      for (const queue of queues.values()) queue.close(null)
      for (const job of jobs.values()) job.miss(whyMissing(job.target.device))
      if (idle !== null) clearTimeout(idle)
      onIdle()
    },
  }
}

type Asking = Extract<Head, { kind: 'next' }>

async function send(job: Job, socket: Socket): Promise<void> {
  job.send()
  const mark = randomUUID()
  const { connection, bundle } = job.delivery
  const order = { job: job.id, mark, connection, command: remoteCommand }
  const parts = bundle instanceof Uint8Array ? [bundle] : bundle()
  await pipeline(framed(`${JSON.stringify(order)}\n`, parts, mark), socket)
}

/** Whoever reads it knows by the mark that it is whole. */
async function* framed(
  head: string,
  parts: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  mark: string,
): AsyncGenerator<Uint8Array, void, void> {
  yield Buffer.from(head)
  yield* parts
  yield Buffer.from(mark)
}
