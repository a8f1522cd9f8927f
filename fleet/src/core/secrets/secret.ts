/**
 * A value that cannot print itself: string conversion, JSON and `util.inspect` give `[secret NAME]`.
 * Only `reveal` gives the value; bundles are the one place that calls it.
 */
export class Secret {
  readonly name: string
  readonly #value: string

  constructor(name: string, value: string) {
    this.name = name
    this.#value = value
  }

  reveal(): string {
    return this.#value
  }

  toString(): string {
    return `[secret ${this.name}]`
  }

  toJSON(): string {
    return this.toString()
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

/** Characters on which every reader of `.env` files agrees; see docs/device-contract.md. */
const safeValue = /^[A-Za-z0-9._~+/=:@%^,-]{8,512}$/

/** What is wrong with a secret's value, without showing it; `null` when nothing is. */
export function secretProblem(value: string): string | null {
  if (value === '') return 'is empty'
  if (value.length < 8) return 'is shorter than 8 characters'
  if (value.length > 512) return 'is longer than 512 characters'
  if (!safeValue.test(value)) return 'has characters other than A-Z a-z 0-9 . _ ~ + / = : @ % ^ , -'
  return null
}
