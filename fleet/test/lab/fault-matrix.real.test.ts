/**
 * Each fault at each step of a rollout: see `fault-suite.ts`. Needs root on Debian.
 * `TIMEBALL_WRITE_DOCS=1` writes the table of docs/reliability.md anew.
 */
import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { faultSuite } from './fault-suite.ts'
import { matrix, tableOf, type FaultRow } from './fault-table.ts'

const document = join(import.meta.dirname, '../../../docs/reliability.md')
const rows: FaultRow[] = []

faultSuite(matrix, rows)

test('docs/reliability.md shows each of them', (context) => {
  const text = readFileSync(document, 'utf8')
  if (process.env['TIMEBALL_WRITE_DOCS'] === '1') {
    const [head = '', , tail = ''] = text.split(/<!-- matrix -->\n/)
    writeFileSync(document, `${head}<!-- matrix -->\n${tableOf(rows)}<!-- matrix -->\n${tail}`)
  }
  context.diagnostic(`\n${tableOf(rows)}`)
  for (const { fault, step } of matrix) {
    assert.ok(text.includes(`| ${fault} | ${step} |`), `${fault}, ${step}`)
  }
})
