#!/usr/bin/env node
/**
 * The time server. Without arguments it serves until SIGTERM or SIGINT. `prepare FILE` writes ntpd's
 * configuration to FILE and prints the user that ntpd should have: the entry point of the image asks
 * for it. Exit 64: a wrong variable or argument; 1: a port or file cannot be had.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { logger } from './log.ts'
import { formatNtpConf } from './ntp-conf.ts'
import { decideNtpdUser } from './ntpd-user.ts'
import { serve } from './serve.ts'
import { readSettings } from './settings.ts'
import type { Settings } from './settings.ts'
import { version } from './version.ts'

const usageExit = 64

async function run(settings: Settings): Promise<void> {
  const log = logger(settings.logLevel, (line) => process.stderr.write(line))
  const server = await serve(settings)
  const { httpPort, metricsPort } = server
  log('info', 'time server started', { version, device: settings.device, httpPort, metricsPort })
  const stop = (signal: string): void => {
    log('info', 'time server stops', { signal })
    void server.close().then(() => process.exit(0))
  }
  process.once('SIGTERM', stop)
  process.once('SIGINT', stop)
}

function prepare(settings: Settings, file: string): void {
  writeFileSync(file, formatNtpConf(settings))
  const user = decideNtpdUser(settings, readFileSync('/proc/self/status', 'utf8'))
  process.stdout.write(`${user}\n`)
}

function end(code: number, problems: readonly string[]): void {
  for (const problem of problems) process.stderr.write(`time-server: ${problem}\n`)
  process.exit(code)
}

async function main([command, file, ...rest]: readonly string[]): Promise<void> {
  const settings = readSettings(process.env)
  if (!settings.ok) return end(usageExit, settings.failure)
  if (command === undefined) return run(settings.value)
  if (command === 'prepare' && file !== undefined && rest.length === 0) {
    return prepare(settings.value, file)
  }
  return end(usageExit, ['usage: time-server [prepare FILE]'])
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  // A port in use is the operator's to solve: a stack would only hide the sentence.
  if (!(error instanceof Error && 'syscall' in error)) throw error
  end(1, [error.message])
}
