import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { ScheduleMemory } from '../../core/schedules/memory.ts'
import type { ScheduleName } from '../../core/schedules/schedule.ts'
import type { ScheduleSettings } from '../../core/schedules/settings.ts'
import { keepSchedules, seeSchedules } from './keep-schedules.ts'
import { runSchedule, type Outcome, type ScheduleWorld } from './run-schedule.ts'

const minute = 60_000
const everyMinute = { cron: '* * * * *', zone: 'UTC', jitter: 0 }

/** Time passes only while somebody waits. */
class World implements ScheduleWorld {
  readonly kept = new Map<ScheduleName, ScheduleMemory>()
  readonly turns = new Set<ScheduleName>()
  readonly begun: string[] = []
  readonly said: string[] = []
  readonly stop = new AbortController()
  now = 0
  outcome: () => Promise<Outcome> = () => Promise.resolve({ outcome: 'good', message: 'well' })

  memory(name: ScheduleName) {
    return Promise.resolve(this.kept.get(name) ?? null)
  }
  keep(name: ScheduleName, memory: ScheduleMemory) {
    this.kept.set(name, memory)
    return Promise.resolve()
  }
  takeTurn(name: ScheduleName) {
    if (this.turns.has(name)) return null
    this.turns.add(name)
    return () => void this.turns.delete(name)
  }
  work(name: ScheduleName) {
    this.begun.push(`${name} ${this.now / minute}`)
    return this.outcome()
  }
  nowUnixMs() {
    return this.now
  }
  async runUntil(endMs: number, settings: ScheduleSettings): Promise<void> {
    const wait = async (ms: number): Promise<void> => {
      await setImmediate()
      this.now += ms
      if (this.now > endMs) this.stop.abort()
    }
    const log = (line: string): void => void this.said.push(line)
    await keepSchedules(
      { world: this, settings: () => settings, time: { wait }, log },
      this.stop.signal,
    )
  }
}

test('each schedule runs at its own time, and what it met is kept', async () => {
  const world = new World()
  const drift = { ...everyMinute, cron: '*/2 * * * *' }
  await world.runUntil(4 * minute, { keys: everyMinute, drift })
  assert.deepEqual(world.begun, ['keys 1', 'drift 2', 'keys 2', 'keys 3', 'drift 4', 'keys 4'])
  const [first] = await seeSchedules({ drift }, world)
  assert.equal(first?.memory.good_unix_ms, 4 * minute)
  assert.equal(first?.nextUnixMs, 6 * minute)
  assert.equal(world.said[0], 'schedule keys: good: well')
})

test('a run that takes long is not begun a second time', async () => {
  const world = new World()
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  world.outcome = () => promise
  const running = world.runUntil(5 * minute, { keys: everyMinute })
  world.stop.signal.addEventListener('abort', () =>
    resolve({ outcome: 'interrupted', message: '' }),
  )
  await running
  assert.deepEqual(world.begun, ['keys 1'])
  assert.equal(world.kept.get('keys')?.last?.outcome, 'interrupted')
})

test('while another process has the turn, nothing runs and nothing is forgotten', async () => {
  const world = new World()
  world.turns.add('keys')
  assert.equal(await runSchedule('keys', world), null)
  await world.runUntil(3 * minute, { keys: everyMinute })
  assert.deepEqual(world.begun, [])
  assert.equal(world.kept.get('keys')?.last, null)
})

test('a failure is kept beside the last good run, and the next run comes all the same', async () => {
  const world = new World()
  await world.runUntil(minute, { keys: everyMinute })
  const later = new World()
  later.now = world.now
  for (const [name, memory] of world.kept) later.kept.set(name, memory)
  later.outcome = () => Promise.resolve({ outcome: 'failed', message: 'no repository' })
  await later.runUntil(3 * minute, { keys: everyMinute })
  assert.deepEqual(later.begun, ['keys 2', 'keys 3'])
  const { last, good_unix_ms } = later.kept.get('keys') ?? {}
  assert.deepEqual(
    [last?.outcome, last?.message, good_unix_ms],
    ['failed', 'no repository', minute],
  )
})

test('a store that cannot be written is told, and ends nothing', async () => {
  const world = new World()
  world.takeTurn = () => {
    throw new Error('disk is full')
  }
  await world.runUntil(2 * minute, { keys: everyMinute })
  assert.ok(world.said.includes('schedule keys: disk is full'))
})
