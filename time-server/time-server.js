#!/usr/bin/env node
// Starts the time server from a clone, once it is sure that this Node can run it: written in what every
// Node understands, because an old one cannot even read the sources.
import { readFileSync } from 'node:fs'

const manifest = JSON.parse(readFileSync(new URL('package.json', import.meta.url), 'utf8'))
const needed = parseInt(manifest.engines.node.replace('>=', ''), 10)
if (parseInt(process.versions.node, 10) < needed) {
  console.error(
    `time-server: this is Node ${process.versions.node}, and Node ${needed} or newer is needed: get it from https://nodejs.org, or run ./timeball once and take node_modules/node/bin/node`,
  )
  process.exit(1)
}
await import('./src/main.ts')
