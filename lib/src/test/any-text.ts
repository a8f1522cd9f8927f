/** Texts of any characters, half surrogates among them, for properties. */
import fc, { type Arbitrary, type StringConstraints } from 'fast-check'

const character = fc.integer({ min: 0, max: 0x10ffff }).map((code) => String.fromCodePoint(code))

/** As `unit: 'binary'`, which makes a table of all characters first: a second of each process. */
export function anyText(limits: Pick<StringConstraints, 'maxLength'> = {}): Arbitrary<string> {
  return fc.string({ unit: character, ...limits })
}
