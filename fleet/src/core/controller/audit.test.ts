import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { auditMistakes, beginning, sealEntry, type AuditEntry, type AuditHead } from './audit.ts'

function entry(number: number): AuditEntry {
  return {
    atUnixMs: 1_795_000_000_000 + number,
    who: 'ada@ops-1',
    from: 'command line',
    action: 'rollout.pause',
    what: `r-${number}`,
    result: 'done',
  }
}

function logOf(count: number): { readonly texts: readonly string[]; readonly head: AuditHead } {
  const texts: string[] = []
  let head = beginning
  for (let number = 1; number <= count; number += 1) {
    const line = sealEntry(entry(number), head)
    texts.push(JSON.stringify(line))
    head = line
  }
  return { texts, head }
}

const { texts, head } = logOf(6)

test('a log is whole as it was written, also one that grew since its head was noted', () => {
  assert.deepEqual(auditMistakes(texts, head), [])
  assert.deepEqual(auditMistakes([], null), [])
  const earlier = logOf(4).head
  assert.deepEqual(auditMistakes(texts, earlier), [])
})

describe('whatever is done to any line is found, and the line is named', () => {
  for (const [index, text] of texts.entries()) {
    const seq = index + 1
    test(`line ${seq} altered, in each of its parts`, () => {
      const parts = Object.keys(JSON.parse(text))
      for (const part of parts) {
        const changed = { ...JSON.parse(text), [part]: part.startsWith('at') ? 1 : 'other' }
        if (part === 'seq') changed.seq = seq + 20
        const found = auditMistakes(texts.with(index, JSON.stringify(changed)), head).join('\n')
        assert.match(found, new RegExp(`\\b${part === 'seq' ? seq + 20 : seq}\\b`), part)
      }
    })

    test(`line ${seq} altered, and its own hash made anew`, () => {
      const before = index === 0 ? beginning : JSON.parse(texts[index - 1] ?? '')
      const forged = sealEntry({ ...entry(seq), result: 'never' }, before)
      const found = auditMistakes(texts.with(index, JSON.stringify(forged)), head)
      assert.match(found.join('\n'), new RegExp(`line ${seq} `))
    })

    test(`line ${seq} spoilt`, () => {
      const found = auditMistakes(texts.with(index, text.slice(1)), head)
      assert.match(found.join('\n'), new RegExp(`line ${seq} cannot be read`))
    })

    test(`line ${seq} removed`, () => {
      const found = auditMistakes(texts.toSpliced(index, 1), head)
      assert.match(found.join('\n'), new RegExp(`line ${seq} is missing`))
    })

    test(`line ${seq} twice`, () => {
      const found = auditMistakes(texts.toSpliced(index, 0, text), head)
      assert.match(found.join('\n'), new RegExp(`line ${seq} is not in its place`))
    })

    test(`all from line ${seq} on cut`, () => {
      const found = auditMistakes(texts.slice(0, index), head)
      const gone = seq === 6 ? 'line 6 is missing' : `lines ${seq} to 6 are missing`
      assert.deepEqual(found, [`${gone} at the end`])
    })

    for (const other of texts.keys().filter((each) => each > index)) {
      test(`lines ${seq} and ${other + 1} exchanged`, () => {
        const moved = texts.with(index, texts[other] ?? '').with(other, text)
        assert.match(auditMistakes(moved, head).join('\n'), /not in its place/)
      })
    }
  }
})

test('a log that was made anew is not what was noted of it', () => {
  let last = beginning
  const forged = [1, 2, 3, 4, 5, 6].map((number) => {
    last = sealEntry({ ...entry(number), who: 'nobody' }, last)
    return JSON.stringify(last)
  })
  assert.deepEqual(auditMistakes(forged, null), [])
  assert.deepEqual(auditMistakes(forged, head), [
    'line 6 is not what was noted of it: the log was written anew',
  ])
})
