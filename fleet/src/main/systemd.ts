/** systemd of this machine, for `timeball service`. */
import { rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { printable } from '@timeball/lib/printable.ts'
import type { Context } from '../cli/context.ts'
import { findProgram } from './find-program.ts'
import { runTool } from './run-tool.ts'

const limits = { timeoutMs: 90_000, environment: {} }

export const systemd: Context['systemd'] = {
  here: () => process.cwd(),
  absolute: (path) => resolve(path),
  program() {
    const installed = findProgram(['timeball'])
    return installed === null ? [process.execPath, process.argv[1] ?? ''] : [installed]
  },
  write: async (path, text) => tried(path, () => writeFileSync(path, text, { mode: 0o644 })),
  remove: async (path) => tried(path, () => rmSync(path, { force: true })),
  async control(args) {
    const end = await runTool('/', 'systemctl', args, limits)
    if (end.kind === 'missing') return 'there is no systemctl on this machine'
    return end.code === 0 ? null : `systemctl ${args.join(' ')}: ${printable(end.output, 400)}`
  },
  async status(unit) {
    const end = await runTool('/', 'systemctl', ['status', '--no-pager', '--full', unit], limits)
    if (end.kind === 'missing') {
      return { isActive: false, text: 'there is no systemctl on this machine' }
    }
    const text = end.output.split('\n').map((line) => printable(line, 400))
    return { isActive: end.code === 0, text: text.join('\n') }
  },
}

function tried(path: string, work: () => void): string | null {
  try {
    work()
    return null
  } catch (error) {
    return `${path}: ${error instanceof Error ? error.message : String(error)}`
  }
}
