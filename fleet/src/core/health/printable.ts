/**
 * Text of a device as text that can be printed: control characters, line breaks and the marks that
 * turn the direction of writing become spaces, and the length is bounded (in characters).
 */
export function printable(text: string, maxLength: number): string {
  const clean = text
    .slice(0, maxLength * 4)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
  const characters = Array.from(clean)
  return characters.length <= maxLength ? clean : `${characters.slice(0, maxLength - 1).join('')}…`
}
