import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ControlFragment } from './packet.ts'
import { maxFragments, reassemble } from './reassemble.ts'
import type { Assembly, Step } from './reassemble.ts'

const request = { opcode: 2, sequence: 7, association: 3, data: '' }

function fragment(change: Partial<ControlFragment>): ControlFragment {
  const { opcode, sequence, association } = request
  const empty = { isError: false, hasMore: false, status: 9, offset: 0, data: new Uint8Array() }
  return { opcode, sequence, association, ...empty, ...change }
}

function feed(fragments: readonly ControlFragment[]): Step {
  let assembly: Assembly = []
  let step: Step = { kind: 'ignored' }
  for (const each of fragments) {
    step = reassemble(request, assembly, each)
    if (step.kind === 'complete' || step.kind === 'broken' || step.kind === 'refused') return step
    if (step.kind === 'pending') assembly = step.assembly
  }
  return step
}

test('an answer is put together whatever the order and the repetitions', () => {
  const answers = fc.tuple(
    fc.uint8Array({ minLength: 1, maxLength: 400 }),
    fc.integer({ min: 1, max: 40 }),
    fc.infiniteStream(fc.nat()),
  )
  fc.assert(
    fc.property(answers, ([data, size, random]) => {
      const step = Math.max(size, Math.ceil(data.length / maxFragments))
      const pieces: ControlFragment[] = []
      for (let offset = 0; offset < data.length; offset += step) {
        const hasMore = offset + step < data.length
        pieces.push(fragment({ offset, hasMore, data: data.slice(offset, offset + step) }))
      }
      const order = new Map(pieces.map((piece) => [piece, random.next().value ?? 0]))
      const shuffled = pieces.toSorted((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0))
      const end = feed(shuffled.flatMap((piece) => [piece, piece]))
      assert.ok(end.kind === 'complete')
      assert.deepEqual(new Uint8Array(end.data), data)
      assert.equal(end.status, 9)
    }),
  )
})

for (const [name, change] of [
  ['sequence', { sequence: 8 }],
  ['association', { association: 4 }],
  ['operation', { opcode: 1 }],
] as const) {
  test(`a fragment of another ${name} is ignored`, () => {
    assert.deepEqual(feed([fragment(change)]), { kind: 'ignored' })
  })
}

test('an error names its code', () => {
  const refusal = fragment({ isError: true, status: 0x0500 })
  assert.deepEqual(feed([refusal]), { kind: 'refused', code: 5 })
})

test('fragments that contradict each other break the answer', () => {
  const end = feed([
    fragment({ hasMore: true, data: new Uint8Array([1, 2, 3, 4]) }),
    fragment({ offset: 2, data: new Uint8Array([9, 9, 9, 9]) }),
  ])
  assert.equal(end.kind, 'broken')
})

test('an endless answer is broken off', () => {
  const endless = Array.from({ length: maxFragments + 1 }, (_, index) =>
    fragment({ hasMore: true, offset: 100 + index * 4, data: new Uint8Array(4) }),
  )
  assert.deepEqual(feed(endless), { kind: 'broken', why: 'too many fragments' })
})
