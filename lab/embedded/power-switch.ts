/** Switches something on and off, one after the other, whoever asks and whenever. */
export interface PowerSwitch {
  on(): Promise<void>
  off(): Promise<void>
  /** Off and on again, in the background. Does nothing to what is switched off by then. */
  cycle(): void
}

export interface Switched {
  /** Resolves with what switches it off again. */
  readonly on: () => Promise<() => Promise<void>>
  readonly changed: (isOn: boolean) => void
}

export function powerSwitch({ on, changed }: Switched): PowerSwitch {
  let switchOff: (() => Promise<void>) | null = null
  let queue: Promise<void> = Promise.resolve()

  async function turnOn(): Promise<void> {
    if (switchOff !== null) return
    switchOff = await on()
    changed(true)
  }

  async function turnOff(): Promise<void> {
    if (switchOff === null) return
    const off = switchOff
    switchOff = null
    await off()
    changed(false)
  }

  async function turnOffAndOn(): Promise<void> {
    if (switchOff === null) return
    await turnOff()
    await turnOn()
  }

  function enqueue(step: () => Promise<void>): Promise<void> {
    const result = queue.then(step)
    queue = result.catch(() => {})
    return result
  }

  return {
    on: () => enqueue(turnOn),
    off: () => enqueue(turnOff),
    // A port that was taken in between leaves the device switched off, as seen from outside.
    cycle: () => void enqueue(turnOffAndOn).catch(() => {}),
  }
}
