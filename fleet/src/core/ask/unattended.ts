/** Packages that `unattended-upgrades` installed on a device, as the log of apt has it. */
import { printable } from '@timeball/lib/printable.ts'
import type { Drift } from './drift.ts'

/**
 * Prints `unattended SECONDS UPGRADES` for each run after the last `timeball upgrade`. It is appended
 * to the script of `since.ts`, and uses its functions.
 */
export const unattendedScript = `known=$(cat "$r/var/lib/timeball/upgrade/known" 2>/dev/null)
awk 'BEGIN { RS = ""; FS = "\\n" }
/\\nCommandline: [^\\n]*unattended-upgrade/ {
  at = ""; what = ""
  for (i = 1; i <= NF; i++) {
    if (index($i, "Start-Date: ") == 1) at = substr($i, 13)
    if (index($i, "Upgrade: ") == 1) what = substr($i, 10, 8000)
  }
  if (what != "") print at "|" what
}' "$r/var/log/apt/history.log" 2>/dev/null | tail -n 20 | while IFS='|' read -r at what; do
  began=$(seconds "$at")
  [ "\${began:-0}" -le "\${known:-0}" ] || echo "unattended $began $what"
done
`

/** `libc6:arm64 (2.41-12, 2.41-12+deb13u1`, with the parenthesis cut off. */
const upgraded =
  /^([a-z0-9][a-z0-9+.-]{0,100})(?::[a-z0-9]{1,20})? \(([^,() ]{1,100}), ([^,() ]{1,100})/

const mostNamed = 4

/** One for each run. */
export function readUnattended(device: string, output: string): readonly Drift[] {
  return output.split('\n').flatMap((text): Drift[] => {
    const [, seconds, what = ''] = /^unattended (\d{1,12}) (.*)$/.exec(text) ?? []
    if (seconds === undefined) return []
    const packages = what
      .slice(0, 8_000)
      .split('), ')
      .flatMap((each) => {
        const [, name, from = '', to = ''] = upgraded.exec(each) ?? []
        return name === undefined ? [] : [printable(`${name} ${from} → ${to}`)]
      })
    const more = packages.length - mostNamed
    const named = packages.slice(0, mostNamed).join(', ')
    return [
      {
        ...{ device, resource: 'packages', cause: 'unattended' },
        what: `were upgraded: ${named}${more > 0 ? `, and ${more} more` : ''}`,
        sinceUnixMs: Number(seconds) * 1000,
      },
    ]
  })
}
