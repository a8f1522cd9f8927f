/** Clients of an embedded fleet that keep asking with the keys that they were told. */
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { EmbeddedFleet } from '@timeball/lab/embedded/start.ts'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { withRecipients } from '../../src/core/secrets/sealed-file.ts'
import type { SecretStore } from '../../src/ports/secret-store.ts'
import { ageStore } from '../../src/stores/secrets/age/age-store.ts'

export const ageSettings = 'secrets: { store: age, identity_file: identity }\n'

/** The store of the fleet, with nothing in it; each call gives a handle of its own. */
export async function ageStoreOf(embedded: EmbeddedFleet): Promise<() => SecretStore> {
  const folder = dirname(embedded.fleetYamlPath)
  const identities = await Promise.all([generateX25519Identity(), generateX25519Identity()])
  const recipients = await Promise.all(identities.map(identityToRecipient))
  const path = join(folder, 'secrets.age.yaml')
  const identity = join(folder, 'identity')
  await writeFile(path, withRecipients('', recipients))
  await writeFile(identity, `${identities[0]}\n`, { mode: 0o600 })
  return () => ageStore({ path, identities: { file: identity, environment: {}, askPassphrase } })
}

const askPassphrase = (): Promise<null> => Promise.resolve(null)

export interface KeyClients {
  /** Anything but 200, as `pi-1: 401`. */
  readonly refusals: readonly string[]
  readonly answers: () => number
  /** From now on it uses this key. */
  tell(device: string, key: string): void
  stop(): Promise<void>
}

/** One for each device, asking every 20 ms. */
export function startClients(
  embedded: EmbeddedFleet,
  httpPort: (device: string) => number,
  first: string,
): KeyClients {
  const refusals: string[] = []
  const keys = new Map(embedded.devices.map(({ name }) => [name, first]))
  let answers = 0
  const over = new AbortController()
  const clients = embedded.devices.map(async ({ name, address }) => {
    while (!over.signal.aborted) {
      const status = await ask(address, httpPort(name), keys.get(name) ?? '').catch(String)
      if (status === 200) answers += 1
      else refusals.push(`${name}: ${status}`)
      await pause(20)
    }
  })
  return {
    refusals,
    answers: () => answers,
    tell: (device, key) => void keys.set(device, key),
    async stop() {
      over.abort()
      await Promise.all(clients)
    },
  }
}

export async function ask(address: string, port: number, key: string): Promise<number> {
  const headers = { authorization: `Bearer ${key}` }
  const answer = await fetch(`http://${address}:${port}/api/time`, { headers })
  await answer.body?.cancel()
  return answer.status
}
