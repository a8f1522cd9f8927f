import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addedLines, type RepositoryLine } from './diff-reader.ts'
import { plaintextFinder } from './find-plaintext.ts'
import { Secret } from './secret.ts'

const key = 'correct+horse/battery=staple'
const find = plaintextFinder([
  { device: 'pi-1', name: 'API_KEY_1', secret: new Secret('API_KEY_1', key) },
])

test('a known value is found in each of its forms, and named', () => {
  const forms = [key, btoa(key), encodeURIComponent(key), JSON.stringify({ key })]
  for (const form of forms) assert.deepEqual(find(`x ${form} y`), ['the value of pi-1/API_KEY_1'])
})

// Put together here, or the line would be found by whoever looks at this repository.
const random = ['3f9a7c1e', 'd24b60f8'].join('')
const looks: readonly (readonly [line: string, what: string | null])[] = [
  [`AGE-SECRET-KEY-1${'Q'.repeat(58)}`, 'an age identity'],
  [['-----BEGIN OPENSSH', 'PRIVATE', 'KEY-----'].join(' '), 'a private key'],
  [`API_KEY_1=${random}`, 'what looks like a key'],
  [`  api_key_1: "${random}"`, 'what looks like a key'],
  ['API_KEY_1=your-key-goes-here', null],
  ["api_key_1: \"{{ lookup('env', 'API_KEY_1') }}\"", null],
  ['api_key_1: !vault |', null],
  ['API_KEY_1=$(openssl rand -hex 16)', null],
  ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq', null],
  [`commit ${random}${random}`, null],
]
for (const [line, what] of looks) {
  test(`${line.slice(0, 40)}: ${what ?? 'nothing'}`, () => {
    assert.deepEqual(find(line), what === null ? [] : [what])
  })
}

test('the lines that commits add are read with their places, whatever they look like', () => {
  const text = `commit aaaa

diff --git a/one b/one
new file mode 100644
--- /dev/null
+++ b/one
@@ -0,0 +1,3 @@
+first
++++ b/not-a-path
+@@ -1 +9 @@
diff --git a/two b/two
--- a/two
+++ b/two
@@ -3 +3 @@ context
-old
+new
commit bbbb
`
  const seen: RepositoryLine[] = []
  const read = addedLines((line) => seen.push(line))
  for (const line of text.split('\n')) read(line)
  assert.deepEqual(
    seen.map(({ commit, path, line, text: added }) => [commit, path, line, added]),
    [
      ['aaaa', 'one', 1, 'first'],
      ['aaaa', 'one', 2, '+++ b/not-a-path'],
      ['aaaa', 'one', 3, '@@ -1 +9 @@'],
      ['aaaa', 'two', 3, 'new'],
    ],
  )
})
