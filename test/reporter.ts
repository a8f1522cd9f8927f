/**
 * Prints what failed, what was measured, and one closing line: `812 passed, 0 failed`. What was
 * slow goes into the file `SLOW_TESTS`, where it is set, for all runs to be sorted together, and the
 * time of each file of tests that had a process of its own into `SLOW_FILES`; the names of files
 * with failures go into `FAILED_TESTS`.
 */
import { appendFileSync } from 'node:fs'
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

/** Tests that took longer are named, at most ten. */
const slowMs = 1_000
const mostNamed = 10

export async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  const slow: { readonly name: string; readonly ms: number }[] = []
  const causes = new Map<string, string>()
  for await (const event of source) {
    switch (event.type) {
      case 'test:pass':
        if (event.data.details.type === 'suite') break
        if (event.data.skip === undefined) counts.passed += 1
        else counts.skipped += 1
        slow.push(timed(event.data))
        break
      case 'test:fail':
        if (event.data.details.type === 'suite') break
        counts.failed += 1
        slow.push(timed(event.data))
        tellFailed(event.data)
        yield `\n✗ ${event.data.name}\n  ${place(event.data)}\n${toldOnce(causes, event.data)}\n`
        break
      case 'test:summary':
        tellTime(event.data)
        break
      case 'test:diagnostic':
        if (event.data.message.startsWith('measured: ')) yield `${event.data.message}\n`
        break
      default:
        break
    }
  }
  yield* told(slowest(slow))
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  yield `\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`
}

/** Of what kept all tests of a file from running, only the first tells it. */
function toldOnce(
  causes: Map<string, string>,
  { name, details }: { readonly name: string; readonly details: { readonly error: Error } },
): string {
  const cause = inspect(details.error.cause ?? details.error)
  const first = causes.get(cause)
  causes.set(cause, first ?? name)
  return first === undefined ? cause : `as above: ${first}`
}

interface Ended extends Placed {
  readonly name: string
  readonly details: { readonly duration_ms: number }
}

function timed(test: Ended): { readonly name: string; readonly ms: number } {
  return { name: `${test.name} (${place(test)})`, ms: test.details.duration_ms }
}

function slowest(tests: readonly { readonly name: string; readonly ms: number }[]): string[] {
  return tests
    .filter(({ ms }) => ms > slowMs)
    .toSorted((a, b) => b.ms - a.ms)
    .slice(0, mostNamed)
    .map(({ name, ms }) => `${seconds(ms)}  ${name}`)
}

/** In the file, or else in what is printed. */
function told(lines: readonly string[]): readonly string[] {
  const file = process.env['SLOW_TESTS']
  if (file === undefined) return lines.length === 0 ? [] : [`\nslowest:\n${lines.join('\n')}\n`]
  appendFileSync(file, lines.map((line) => `${line}\n`).join(''))
  return []
}

function tellTime({
  file,
  duration_ms: ms,
}: {
  file?: string | undefined
  duration_ms: number
}): void {
  const into = process.env['SLOW_FILES']
  if (into === undefined || file === undefined || ms <= slowMs) return
  appendFileSync(into, `${seconds(ms)}  ${relative(process.cwd(), file)}\n`)
}

/** Of one width, for `sort`. */
function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1).padStart(7)} s`
}

function tellFailed({ file = '' }: Placed): void {
  const into = process.env['FAILED_TESTS']
  if (into !== undefined) appendFileSync(into, `${relative(process.cwd(), file)}\n`)
}

interface Placed {
  readonly file?: string
  readonly line?: number
}

function place({ file, line }: Placed): string {
  return file === undefined ? '' : `${relative(process.cwd(), file)}:${line ?? 0}`
}

// oxlint-disable-next-line import/no-default-export -- what node --test-reporter loads
export { reporter as default }
