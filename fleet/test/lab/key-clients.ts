/**
 * Clients of devices in the lab's network, each asking every 20 ms with the key that it was told.
 * A program of its own, because the lab's addresses exist only there. Standard input has lines
 * `ADDRESS KEY`; when it ends, what was answered is written as JSON.
 */
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'

const keys = new Map<string, string>()
const lost: string[] = []
let answers = 0
const over = new AbortController()
const clients: Promise<void>[] = []

async function client(address: string): Promise<void> {
  while (!over.signal.aborted) {
    const key = keys.get(address) ?? ''
    const answer = await fetch(`http://${address}:3000/api/time`, {
      headers: { authorization: `Bearer ${key}` },
    }).catch(String)
    if (typeof answer === 'string') lost.push(`${address}: ${answer}`)
    else {
      await answer.body?.cancel()
      if (answer.status === 200) answers += 1
      else lost.push(`${address}: HTTP ${answer.status}`)
    }
    await pause(20)
  }
}

for await (const line of createInterface(process.stdin)) {
  const [address = '', key = ''] = line.split(' ')
  const isNew = !keys.has(address)
  keys.set(address, key)
  if (isNew) clients.push(client(address))
}
over.abort()
await Promise.all(clients)
process.stdout.write(JSON.stringify({ answers, lost: [...new Set(lost)] }))
