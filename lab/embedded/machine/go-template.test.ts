import assert from 'node:assert/strict'
import { test } from 'node:test'
import { renderGoTemplate } from './go-template.ts'

const container = { Id: 'c1', Image: 'sha256:1', RestartCount: 0, State: { Status: 'running' } }
const image = { Id: 'i1', RepoDigests: ['a@sha256:1', 'b@sha256:1'] }

const cases: readonly { template: string; data: unknown; text: string }[] = [
  { template: '{{.State.Status}} {{.Id}}', data: container, text: 'running c1' },
  { template: '{{json .State}}', data: container, text: '{"Status":"running"}' },
  { template: '{{.Nothing.There}}', data: container, text: '<no value>' },
  { template: '{{.RepoDigests}}', data: image, text: '[a@sha256:1 b@sha256:1]' },
  { template: '{{if .RestartCount}}again{{else}}never{{end}}', data: container, text: 'never' },
  { template: '{{if .Missing}}yes{{end}}.', data: container, text: '.' },
  { template: '{{index . "Id"}}', data: image, text: 'i1' },
]
for (const { template, data, text } of cases) {
  test(`${template} gives ${text}`, () => {
    assert.equal(renderGoTemplate(template, data), text)
  })
}

test('blocks nest, and `with` changes what the dot is until its `else`', () => {
  const template =
    '{{with index . "State"}}container {{index . "Status"}} {{with index . "Health"}}{{index . "Status"}}{{else}}none{{end}}{{else}}image -{{end}} {{with index . "Image"}}{{.}}{{else}}-{{end}}'
  assert.equal(renderGoTemplate(template, container), 'container running none sha256:1')
  assert.equal(renderGoTemplate(template, image), 'image - -')
})
