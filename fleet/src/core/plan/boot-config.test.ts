import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { deviceOf, fleetOf } from '../../../test/make-fleet.ts'
import { bootLines } from '../desired/gpsd.ts'
import { withBootLines } from './boot-config.ts'

const wanted = bootLines(deviceOf(fleetOf(), 'pi-gps-01'))
const all = 'dtoverlay=disable-bt\nenable_uart=1\ndtoverlay=pps-gpio,gpiopin=4\n'

const cases = [
  { name: 'an empty file gets all lines', before: '', after: all },
  { name: 'a file that has them all is not touched', before: all, after: all },
  {
    name: 'a file that has them all and ends without a line break is not touched',
    before: all.trimEnd(),
    after: all.trimEnd(),
  },
  {
    name: 'other lines, their order and comments stay',
    before: '# mine\ndtparam=audio=on\n\n#enable_uart=0\n',
    after: `# mine\ndtparam=audio=on\n\n#enable_uart=0\n${all}`,
  },
  {
    name: 'a line that says otherwise gives way',
    before: 'enable_uart=0\ndtoverlay=pps-gpio,gpiopin=18\ndtoverlay=w1-gpio\n',
    after: `dtoverlay=w1-gpio\n${all}`,
  },
  {
    name: 'a line that is there already stays in its place',
    before: 'enable_uart=1\ndtparam=spi=on\n',
    after: 'enable_uart=1\ndtparam=spi=on\ndtoverlay=disable-bt\ndtoverlay=pps-gpio,gpiopin=4\n',
  },
  {
    name: 'a line that is there twice is kept once',
    before: `enable_uart=1\n${all}`,
    after: 'enable_uart=1\ndtoverlay=disable-bt\ndtoverlay=pps-gpio,gpiopin=4\n',
  },
  {
    name: 'a conditional section is left alone, and the lines go below [all]',
    before: '[pi4]\nenable_uart=1\narm_boost=1\n',
    after: `[pi4]\nenable_uart=1\narm_boost=1\n[all]\n${all}`,
  },
  {
    name: 'no second [all] where the file ends in one',
    before: '[pi4]\narm_boost=1\n\n[all]\ndtparam=audio=on\n',
    after: `[pi4]\narm_boost=1\n\n[all]\ndtparam=audio=on\n${all}`,
  },
  {
    name: 'the lines of an [ALL] section count',
    before: `[cm4]\notg_mode=1\n[ALL]\n${all}`,
    after: `[cm4]\notg_mode=1\n[ALL]\n${all}`,
  },
  {
    name: 'a file with the line ends of Windows keeps them',
    before: 'enable_uart=1\r\ndtparam=audio=on\r\n',
    after:
      'enable_uart=1\r\ndtparam=audio=on\r\ndtoverlay=disable-bt\ndtoverlay=pps-gpio,gpiopin=4\n',
  },
]
for (const { name, before, after } of cases) {
  test(name, () => assert.equal(withBootLines(before, wanted), after))
}

const lines = fc.constantFrom(
  '',
  '[pi4]',
  '[all]',
  '[EDID=x]',
  '# note',
  'enable_uart=0',
  'enable_uart=1',
  ' enable_uart=1',
  'dtoverlay=disable-bt',
  'dtoverlay=pps-gpio',
  'dtoverlay=pps-gpio,gpiopin=4',
  'dtparam=audio=on',
)
const files = fc
  .tuple(fc.array(lines), fc.constantFrom('', '\n'))
  .map(([content, end]) => `${content.join('\n')}${end}`)

test('doing it again changes nothing', () => {
  fc.assert(
    fc.property(files, (text) => {
      const once = withBootLines(text, wanted)
      assert.equal(withBootLines(once, wanted), once)
    }),
    { numRuns: 2000 },
  )
})

function isForeign(line: string): boolean {
  return /^(?:#|dtparam)/.test(line)
}

test('every line is there once for all models, and foreign lines stay in order', () => {
  fc.assert(
    fc.property(files, (text) => {
      let section = 'all'
      const counts = new Map(wanted.map(({ line }) => [line, 0]))
      for (const line of withBootLines(text, wanted).split('\n')) {
        section = /^\[(.*)\]/.exec(line)?.[1]?.toLowerCase() ?? section
        const count = counts.get(line.trim())
        if (section === 'all' && count !== undefined) counts.set(line.trim(), count + 1)
      }
      assert.deepEqual([...counts.values()], [1, 1, 1])
      assert.deepEqual(
        withBootLines(text, wanted).split('\n').filter(isForeign),
        text.split('\n').filter(isForeign),
      )
    }),
    { numRuns: 2000 },
  )
})
