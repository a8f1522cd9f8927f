import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fail, ok } from '@timeball/lib/result.ts'
import {
  baseOf,
  contractLabel,
  proveImage,
  versionLabel,
  type ImageFacts,
  type Statement,
} from './image-facts.ts'

const labels = new Map([
  [versionLabel, '1.0.0'],
  [contractLabel, '1'],
])
const [index, arm, amd] = ['a', 'b', 'c'].map((digit) => `sha256:${digit.repeat(64)}`)
assert.ok(index !== undefined && arm !== undefined && amd !== undefined)

function platform(name: string, digest: string, own = labels): ImageFacts['platforms'][number] {
  return { platform: name, digest, sizeBytes: 1, labels: own }
}

function statement(predicateType: string, change: Partial<Statement> = {}): Statement {
  return {
    predicateType,
    about: [arm ?? '', amd ?? ''],
    place: 'inside',
    signedBy: null,
    ...change,
  }
}

const spdx = 'https://spdx.dev/Document'
const slsa = 'https://slsa.dev/provenance/v1'
const good: ImageFacts = {
  digest: index,
  sizeBytes: 2,
  platforms: [platform('linux/arm64', arm), platform('linux/amd64', amd)],
  statements: [statement(spdx), statement(slsa)],
  signatures: 1,
  signedBy: ok('cosign.pub'),
}

/** `proof: what is wrong`. */
function wrongIn(change: Partial<ImageFacts>): readonly string[] {
  return proveImage({ ...good, ...change })
    .filter(({ state }) => state !== 'kept')
    .map(({ proof, state, text }) => `${proof} ${state}: ${text}`)
}

test('an image that has all of it is as it should be', () => {
  assert.deepEqual(wrongIn({}), [])
})

const beside = { place: 'beside', about: [index] } as const
const cases: readonly (readonly [string, Partial<ImageFacts>, readonly RegExp[]])[] = [
  [
    'it is not for a Pi',
    { platforms: [platform('linux/amd64', amd)] },
    [/^platforms broken: .*a Pi/],
  ],
  [
    'it has no labels',
    { platforms: [platform('linux/arm64', arm, new Map())] },
    [/^version broken/, /^contract broken: it has no label/],
  ],
  [
    'its platforms have two versions',
    {
      platforms: [
        platform('linux/arm64', arm),
        platform('linux/amd64', amd, new Map([...labels, [versionLabel, '2']])),
      ],
    },
    [/^version broken: its platforms have no one/],
  ],
  [
    'it keeps another contract',
    { platforms: [platform('linux/arm64', arm, new Map([...labels, [contractLabel, '2']]))] },
    [/^contract broken: it keeps 2, and 1 is wanted/],
  ],
  ['no key is known', { signedBy: null }, [/^signature unknown: fleet\.yaml names neither/]],
  ['nobody signed it', { signedBy: fail('it is not signed') }, [/^signature broken: it is not/]],
  [
    'the SBOM is of one platform alone',
    { statements: [statement(spdx, { about: [arm] }), statement(slsa)] },
    [/^sbom broken: none for linux\/amd64$/],
  ],
  [
    'a stranger put an SBOM and provenance beside it',
    { statements: [statement(spdx, beside), statement(slsa, beside)] },
    [/^sbom broken: .* that a known key has signed/, /^provenance broken/],
  ],
  [
    'a known key put them there',
    {
      statements: [spdx, slsa].map((type) =>
        statement(type, { ...beside, signedBy: 'cosign.pub' }),
      ),
    },
    [],
  ],
]
for (const [name, change, expected] of cases) {
  test(`where ${name}, that is said and nothing else`, () => {
    const wrong = wrongIn(change)
    assert.equal(wrong.length, expected.length, wrong.join('\n'))
    for (const [at, pattern] of expected.entries()) assert.match(wrong[at] ?? '', pattern)
  })
}

test('a base is its name with its digest, once', () => {
  const name = 'org.opencontainers.image.base.name'
  const digest = ['org.opencontainers.image.base.digest', arm] as const
  const base = (own: ReadonlyMap<string, string>): string | null =>
    baseOf({ ...good, platforms: [platform('linux/arm64', arm, new Map(own))] })
  assert.equal(base(new Map([[name, 'debian:13'], digest])), `debian:13@${arm}`)
  assert.equal(base(new Map([[name, `debian@${amd}`], digest])), `debian@${amd}`)
  assert.equal(base(new Map()), null)
})
