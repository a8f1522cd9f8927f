import { encodeTar } from '../../core/bundle/tar.ts'
import { applierContract } from '../../device/test/applier-contract.ts'
import { parseReportLine, readReport, type ReportLine } from '../../device/report.ts'
import { DeviceModel } from './device-model.ts'

applierContract('its model', () => {
  let nowMs = 0
  const model = new DeviceModel('pi-1', () => nowMs)
  return {
    async run(manifest, files = []) {
      const nonce = /nonce (\S+)/.exec(manifest.join('\n'))?.[1] ?? ''
      const encoder = new TextEncoder()
      const archive = encodeTar([
        { path: 'applier.sh', content: encoder.encode('') },
        { path: 'manifest', content: encoder.encode(`${manifest.join('\n')}\n`) },
        ...files.map((text, index) => ({ path: `files/${index}`, content: encoder.encode(text) })),
      ])
      const bundle = Buffer.concat([Buffer.from('bundle\n'), archive])
      const lines: ReportLine[] = []
      for await (const text of model.answer({ bundle, nonce, connection: 'reuse' })) {
        if (typeof text !== 'string') throw new Error(text.detail)
        const line = parseReportLine(text.trimEnd())
        if (!line.ok) throw new Error(`${line.failure}: ${text}`)
        lines.push(line.value)
      }
      const report = readReport(lines, nonce)
      if (!report.ok) throw new Error(report.failure.detail)
      return report.value
    },
    restart: () => Promise.resolve(model.powerCycle()),
    expire() {
      nowMs += 120_000
      return Promise.resolve()
    },
    read: (path) => model.state.machine.files.get(path)?.content ?? null,
    dispose: () => {},
  }
})
