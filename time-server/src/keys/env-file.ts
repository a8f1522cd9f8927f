/** The lines of an `.env` file. Pure. Docker Compose's grammar, as far as `docs/device-contract.md` uses it. */

/** `NAME=value` lines; quotes around a value and `export ` are taken off, comments left out. */
export function parseEnvFile(text: string): Record<string, string> {
  const variables: Record<string, string> = Object.create(null)
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=')
    const name = line
      .slice(0, Math.max(0, equals))
      .trim()
      .replace(/^export\s+/, '')
    if (/^[A-Za-z_]\w*$/.test(name)) variables[name] = unquote(line.slice(equals + 1).trim())
  }
  return variables
}

function unquote(value: string): string {
  const first = value[0]
  if ((first === "'" || first === '"') && value.length >= 2 && value.endsWith(first)) {
    return value.slice(1, -1)
  }
  return value.replace(/\s#.*$/s, '').trimEnd()
}
