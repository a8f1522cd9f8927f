/**
 * Reaches devices by the site's own Ansible: `ansible-playbook` with its ansible.cfg, inventory,
 * connection and become plugins. Deliveries that are asked for together are one run of it.
 *
 * INVARIANTS:
 * - a bundle is in no file and in no argument: Ansible's side asks for it over a socket;
 * - whatever Ansible does, each delivery is settled: one of which nothing was heard has failed;
 * - `fresh` never uses a connection that was there.
 */
import { fail } from '@timeball/lib/result.ts'
import { runProcess, type RunProcess } from '@timeball/lib/run-process.ts'
import type { Broadcast, Delivered, Delivery, Engine, Target } from '../../ports/engine.ts'
import { deliveryTo } from '../deliver-each.ts'
import { endSharedConnection } from '../ssh/control-folder.ts'
import { openJob, type Job } from './job.ts'
import { runPlaybook, type AnsiblePlace, type PlaybookRun } from './run-playbook.ts'

/** How long deliveries are gathered for one run. */
const gatherMs = 20

export function ansibleEngine(place: AnsiblePlace, run: RunProcess = runProcess): Engine {
  const running = new Set<PlaybookRun>()
  const shared = new Set<string>()
  let gathered: Job[] = []

  function start(jobs: readonly Job[], forks: number): void {
    const started = runPlaybook(jobs, { place, run, forks, onShared: (path) => shared.add(path) })
    running.add(started)
    void started.done.then(() => running.delete(started))
  }
  function startGathered(): void {
    const jobs = gathered
    gathered = []
    start(jobs, new Set(jobs.map(({ target }) => target.device)).size)
  }
  function deliver(target: Target, delivery: Delivery): Job['result'] {
    const job = openJob(target, delivery)
    if (job.isSettled() || running.values().some((each) => each.add(job))) return job.result
    if (gathered.push(job) === 1) setTimeout(startGathered, gatherMs)
    return job.result
  }
  async function* deliverAll(
    targets: readonly Target[],
    broadcast: Broadcast,
  ): AsyncGenerator<Delivered, void, void> {
    const jobs = targets.map((target) => openJob(target, deliveryTo(target, broadcast)))
    if (jobs.length > 0) start(jobs, broadcast.parallel)
    const left = new Map(
      jobs.map(({ target, result }) => [
        target,
        result.then((known) => ({ target, result: known })),
      ]),
    )
    while (left.size > 0) {
      const delivered = await Promise.race(left.values())
      left.delete(delivered.target)
      yield delivered
    }
  }
  return {
    name: 'ansible',
    deliver,
    deliverAll,
    lend: () =>
      Promise.resolve(
        fail({
          code: 'image-failed',
          detail: 'the engine ansible carries no images: bring this one into a registry',
        }),
      ),
    async close(connections) {
      for (const each of running) each.end()
      await Promise.all(Array.from(running, ({ done }) => done))
      if (connections === 'keep') return
      await Promise.all(Array.from(shared, (path) => endSharedConnection(path, run)))
    },
  }
}
