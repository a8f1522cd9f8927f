import assert from 'node:assert/strict'
import { test } from 'node:test'
import { printableText } from './printable-text.ts'

const cases: readonly (readonly [what: string, text: string, shown: string])[] = [
  ['lines stay', 'a\nb\n\nc\n', 'a\nb\n\nc\n'],
  ['colours go', '\u001b[31;1mred\u001b[0m', 'red'],
  ['a title of the window goes, whatever ends it', '\u001b]0;evil\u0007a\u001b]2;x\u001b\\b', 'ab'],
  ['a title that does not end takes its line', 'a\u001b]0;evil\nb', 'a\nb'],
  ['what moves the cursor goes', 'a\u001b[2J\u001b[H\u001bcb', 'ab'],
  ['C1 controls go', 'a\u009b31mb', 'a31mb'],
  ['what hides or reorders goes', 'a\u202eb\u200bc', 'abc'],
  ['progress is as it was last', '10%\r20%\r100%\r\ndone', '100%\ndone'],
  ['tabs are blanks', 'a\tb\n12345678\tc', 'a       b\n12345678        c'],
  ['other languages stay', 'Grüße, 時間\n', 'Grüße, 時間\n'],
]

for (const [what, text, shown] of cases) {
  test(what, () => assert.equal(printableText(text), shown))
}
