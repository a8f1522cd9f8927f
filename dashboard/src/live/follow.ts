/** Keeps what the page shows as the controller knows it: reads it, then follows the events. */
import { batch } from '@preact/signals'
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { ask, askAll, type Answer, type Asker, type Fleet } from '../api.ts'
import type { DevicePage, Refusal, RolloutPage, Sweep } from '../api.ts'
import { remember } from './history.ts'
import * as state from './state.ts'
import { signOut } from './token.ts'

type Topic = 'sweep' | 'devices' | 'rollout'
const everything: readonly Topic[] = ['sweep', 'devices', 'rollout']

/** Events of one sweep come together: what they tell is read once. */
const gatherMs = 250
const firstPauseMs = 1_000
const longestPauseMs = 30_000

/** Until `signal` fires, whatever happens to the controller or the network. */
export async function follow(asker: Asker): Promise<void> {
  let pauseMs = firstPauseMs
  while (!asker.signal.aborted) {
    const failure = await read(everything, asker)
    if (failure === null) {
      pauseMs = firstPauseMs
      await followEvents(asker)
    } else if (failure.status === 401) {
      batch(() => {
        state.refusal.value = failure
        signOut()
      })
      return
    }
    state.link.value = 'lost'
    await pause(pauseMs, asker.signal)
    pauseMs = Math.min(pauseMs * 2, longestPauseMs)
  }
}

/** Ends when the stream does. */
async function followEvents(asker: Asker): Promise<void> {
  const ended = new AbortController()
  const signal = AbortSignal.any([asker.signal, ended.signal])
  const due = new Set<Topic>()
  let reading: Promise<unknown> = Promise.resolve()
  try {
    const answer = await fetch('/api/v1/events', {
      headers: { authorization: `Bearer ${asker.token}` },
      signal,
    })
    if (!answer.ok || answer.body === null) return
    state.link.value = 'live'
    const events = answer.body
      .pipeThrough(new TextDecoderStream())
      .pipeThrough(new EventSourceParserStream())
      .getReader()
    for (;;) {
      const { done, value } = await events.read()
      if (done) return
      const news = topicsOf(value.event)
      const isFirst = due.size === 0
      for (const topic of news) due.add(topic)
      if (!isFirst || due.size === 0) continue
      reading = reading
        .then(() => pause(gatherMs, signal))
        .then(async () => {
          const topics = [...due]
          due.clear()
          await read(topics, asker)
        })
    }
  } catch {
    // The connection was lost, which is told by `link`.
  } finally {
    ended.abort()
    await reading
  }
}

function topicsOf(event: string | undefined): readonly Topic[] {
  if (event === 'resync') return everything
  return everything.filter((topic) => topic === event)
}

/** The failure of the first that fails; what is shown stays. */
async function read(topics: readonly Topic[], asker: Asker): Promise<Refusal | null> {
  const wants = new Set(topics)
  const [fleet, devices, sweep, rollouts] = await Promise.all([
    ask<Fleet>('/fleet', asker),
    askAll<DevicePage>('/devices?limit=500', asker),
    wants.has('sweep') ? askAll<Sweep>('/clocks?limit=500', asker) : null,
    wants.has('rollout') ? ask<RolloutPage>('/rollouts?limit=50', asker) : null,
  ])
  const answers: readonly (Answer<unknown> | null)[] = [fleet, devices, sweep, rollouts]
  const failed = answers.find((each) => each?.ok === false)
  if (failed?.ok === false) return failed.failure
  batch(() => {
    if (fleet.ok) state.fleet.value = fleet.value
    if (devices.ok) state.devices.value = devices.value.items
    if (rollouts?.ok === true) state.rollouts.value = rollouts.value.items
    if (sweep?.ok === true) {
      const { items, swept_unix_ms: sweptUnixMs, time } = sweep.value
      state.servers.value = items
      state.sweptUnixMs.value = sweptUnixMs
      state.fleetTime.value = time
      remember(items, sweptUnixMs)
    }
    state.readUnixMs.value = Date.now()
    state.refusal.value = null
  })
  return null
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const timer = setTimeout(resolve, ms)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      resolve()
    })
  })
}
