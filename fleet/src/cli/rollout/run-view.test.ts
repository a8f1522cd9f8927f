import assert from 'node:assert/strict'
import { once } from 'node:events'
import { test } from 'node:test'
import { replay } from '../../core/rollout/evolve.ts'
import { everyEvent, started } from '../../core/rollout/test/events.ts'
import type { Terminal } from '../terminal.ts'
import { openRunView, type RunView } from './run-view.ts'

interface Seen {
  readonly view: RunView
  /** What is on stdout since it was cleared last. */
  readonly shown: string[]
  readonly said: string[]
  readonly records: unknown[]
}

/** Time stands still: nothing is drawn but what was caused. */
function watching(kind: 'terminal' | 'pipe' | 'json'): Seen {
  const [shown, said, records]: [string[], string[], unknown[]] = [[], [], []]
  const terminal: Terminal = {
    color: false,
    width: kind === 'terminal' ? 100 : null,
    isInteractive: kind === 'terminal',
    out: (line) => void shown.push(line),
    say: (line) => void said.push(line),
    outStyled: () => {},
    progress: () => {},
    clear: () => void shown.splice(0),
    hide: () => {},
    confirm: () => Promise.resolve(null),
    askHidden: () => Promise.resolve(null),
    readHidden: () => Promise.resolve(null),
  }
  const screen = {
    terminal,
    stop: new AbortController().signal,
    nowUnixMs: () => started.atUnixMs + 5_000,
    async wait(_ms: number, signal: AbortSignal) {
      if (!signal.aborted) await once(signal, 'abort')
    },
  }
  const kept =
    kind === 'json'
      ? { write: (record: unknown) => void records.push(record), result: () => 0 as const }
      : null
  return { view: openRunView(screen, kept), shown, said, records }
}

const before = replay([started])
const events = [everyEvent['wave-started'], everyEvent['move-intended']]
const after = replay([started, ...events])
assert.ok(before !== null && after !== null)

test('on a terminal the table is drawn anew, with the newest events below it', () => {
  const { view, shown, said } = watching('terminal')
  view.onChange(before, [started], null)
  assert.match(shown.join('\n'), /^Rollout r-1 of fleet guide: running/)
  assert.match(shown.join('\n'), /^pi-1 +canary +waiting/m)
  for (let n = 0; n < 20; n += 1) view.onChange(after, events, null)
  view.end(after)
  assert.match(shown.join('\n'), /^pi-1 +canary +moving/m)
  assert.match(shown.at(-1) ?? '', /pi-1: moves$/)
  assert.ok(shown.length < 20, 'the list of events does not grow')
  assert.deepEqual(said, [])
})

test('in a pipe each event is a line for people, and the table comes at the end', () => {
  const { view, shown, said } = watching('pipe')
  view.onChange(after, events, null)
  view.onChange(after, [], null)
  assert.deepEqual(
    said.map((line) => line.slice('2026-11-18 11:06:41Z '.length)),
    ['canary: begins with 1 device', 'pi-1: moves'],
  )
  assert.deepEqual(shown, [])
  view.end(after)
  assert.match(shown.join('\n'), /^pi-1 +canary +moving/m)
})

test('for a program each event is a record, and the end is one', () => {
  const { view, records, shown } = watching('json')
  view.onChange(after, events, null)
  view.end(after)
  assert.deepEqual(
    records.map((record) => Reflect.get(Object(record), 'type')),
    ['event', 'event', 'rollout'],
  )
  assert.deepEqual(shown, [])
})

test('nothing is claimed of an end that is not known', () => {
  const { view, shown } = watching('pipe')
  view.end(null)
  assert.deepEqual(shown, [])
})
