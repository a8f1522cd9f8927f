/** The lines of an `.env` file. Pure. Docker Compose's grammar, as far as `docs/device-contract.md` uses it. */

/** `NAME=value` lines; quotes around a value and `export ` are taken off, comments left out. */
export function parseEnvFile(text: string): Record<string, string> {
  const variables: Record<string, string> = Object.create(null)
  for (const line of text.split('\n')) {
    const match = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/.exec(line.replace(/\r$/, ''))
    const [, name, value] = match ?? []
    if (name !== undefined && value !== undefined) variables[name] = unquote(value)
  }
  return variables
}

function unquote(value: string): string {
  const first = value[0]
  if ((first === "'" || first === '"') && value.length >= 2 && value.endsWith(first)) {
    return value.slice(1, -1)
  }
  return value.replace(/\s+#.*$/, '')
}
