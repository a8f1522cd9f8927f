/** Prints what failed, what was measured, and one closing line: `812 passed, 0 failed`. */
import { relative } from 'node:path'
import type { TestEvent } from 'node:test/reporters'
import { inspect } from 'node:util'

export async function* reporter(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 }
  for await (const event of source) {
    switch (event.type) {
      case 'test:pass':
        if (event.data.details.type === 'suite') break
        if (event.data.skip === undefined) counts.passed += 1
        else counts.skipped += 1
        break
      case 'test:fail':
        if (event.data.details.type === 'suite') break
        counts.failed += 1
        yield `\n✗ ${event.data.name}\n  ${place(event.data)}\n${inspect(event.data.details.error.cause ?? event.data.details.error)}\n`
        break
      case 'test:diagnostic':
        if (event.data.message.startsWith('measured: ')) yield `${event.data.message}\n`
        break
      default:
        break
    }
  }
  const skipped = counts.skipped === 0 ? '' : `, ${counts.skipped} skipped`
  yield `\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`
}

function place({ file, line }: { readonly file?: string; readonly line?: number }): string {
  return file === undefined ? '' : `${relative(process.cwd(), file)}:${line ?? 0}`
}

// oxlint-disable-next-line import/no-default-export -- what node --test-reporter loads
export { reporter as default }
