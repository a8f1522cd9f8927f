/** Keys that open more than one device. */
import type { Secret } from './secret.ts'

/** One warning for each of them; the devices are told by number, since it may be the whole fleet. */
export function sharedSecrets(byDevice: ReadonlyMap<string, readonly Secret[]>): string[] {
  const held = [...byDevice].flatMap(([device, secrets]) =>
    secrets
      .filter(({ name }) => /_KEY_[12]$/.test(name))
      .map((secret) => ({ device, name: secret.name, value: secret.reveal() })),
  )
  return [...Map.groupBy(held, ({ value }) => value).values()].flatMap((those) => {
    const devices = new Set(those.map(({ device }) => device))
    const [first] = those
    if (first === undefined || devices.size < 2) return []
    return [
      `${first.name} is the same on ${devices.size} devices: whoever takes one of them can use all (docs/keys.md)`,
    ]
  })
}
