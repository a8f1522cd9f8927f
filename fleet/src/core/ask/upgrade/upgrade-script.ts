/** What `upgrade` has a device do: first say what would be upgraded, then do exactly that. */
import { quoteAll } from '../shell-words.ts'

export interface UpgradeWish {
  /** Only what comes from an archive of security fixes. */
  readonly security: boolean
  /** `NAME`, or `NAME=VERSION`, which may be older; empty: whatever there is. */
  readonly packages: readonly string[]
  /** Where there is nothing to upgrade: what the device has counts as known from now on. */
  readonly remember: boolean
}

const common = `export LC_ALL=C DEBIAN_FRONTEND=noninteractive
r=\${TIMEBALL_ROOT:-}
say() { printf '%s=%s\\n' "$1" "$2"; }
errors() { grep -E '^(E|W|Err|dpkg)[:[]' | tail -n 4 | tr '\\n' ' '; }
halves() { dpkg --audit 2>/dev/null | head -c 2000 | tr '\\n' ' '; }
`

const simulate = 'apt-get -s -q --no-remove --no-install-recommends'

/** Of what comes from elsewhere too, only what those need. */
const onlySecurity = `words=$(printf '%s\\n' "$planned" | sed -n 's/^Inst \\([^ ]*\\) \\[[^]]*\\] (\\([^ ]*\\) [^)]*[Ss]ecurity.*/\\1=\\2/p')
planned=
[ -z "$words" ] || planned=$(${simulate} install --only-upgrade $words 2>&1) || { say trouble "$(printf %s "$planned" | errors)"; exit 0; }`

/**
 * Prints a line `Inst …` for each package, as apt has it. The lists are fetched; nothing else changes.
 * `apt-get check` takes the lock of dpkg for a moment, which fails while another one holds it.
 */
export function upgradePlanScript({ security, packages, remember }: UpgradeWish): string {
  const what =
    packages.length === 0
      ? 'upgrade --with-new-pkgs'
      : `install --only-upgrade --allow-downgrades ${quoteAll(packages)}`
  return `${common}command -v apt-get >/dev/null || { say trouble 'it has no apt-get'; exit 0; }
half=$(halves)
[ -z "$half" ] || { say half "$half"; exit 0; }
free=$(apt-get check -q -o DPkg::Lock::Timeout=0 2>&1) || { say trouble "$(printf %s "$free" | errors)"; exit 0; }
lists=$(timeout -k 5 300 apt-get update -q --error-on=any 2>&1) || say lists "$(printf %s "$lists" | errors)"
[ ! -e "$r/run/reboot-required" ] || say reboot_required yes
planned=$(${simulate} ${what} 2>&1) || { say trouble "$(printf %s "$planned" | errors)"; exit 0; }
printf '%s\\n' "$planned" | sed -n 's/.* \\([0-9]*\\) not upgraded\\.$/held=\\1/p'
${security ? onlySecurity : ''}
printf '%s\\n' "$planned" | grep '^Inst '
printf '%s\\n' "$planned" | sed -n '/^The following packages will be DOWNGRADED:/,/^[^ T]/s/^ \\{1,\\}//p' | tr -s ' ' '\\n' | sed 's/^/older=/'
${remember ? rememberNothing : ''}
say end planned
`
}

const rememberNothing = `if ! printf '%s\\n' "$planned" | grep -q '^Inst '; then
  mkdir -p -m 0700 "$r/var/lib/timeball/upgrade" && date +%s >"$r/var/lib/timeball/upgrade/known"
fi`

/**
 * Apt runs apart from the connection: whoever asks again under the same id, which is a word of
 * letters, digits and dashes, waits for the same run. `words` are `NAME=VERSION`.
 */
export function upgradeScript(id: string, words: readonly string[]): string {
  const names = words.map((word) => word.replace(/=.*/, ''))
  return `${common}kept=$r/var/lib/timeball/upgrade
job=$kept/${id}
if [ ! -e "$job" ]; then
  mkdir -p "$kept" && rm -rf "$job.new" && mkdir -m 0700 "$job.new" || { say trouble 'no place for its log'; exit 0; }
  ls -dt "$kept"/up-* 2>/dev/null | tail -n +6 | while read -r old; do rm -rf "$old"; done
  cat >"$job.new/run" <<'RUN'
job=$1 r=$2
exec >"$job/log" 2>&1 </dev/null
export LC_ALL=C DEBIAN_FRONTEND=noninteractive
echo $$ >"$job/pid"
end() { echo "$1" >"$job/exit.new"; sync "$job/exit.new"; mv "$job/exit.new" "$job/exit"; exit 0; }
lock=$r/var/lib/timeball/lock
if [ -e "$lock" ]; then exec 9<"$lock"; flock -w 10 9 || end 75; fi
apt-mark showmanual >"$job/manual"
apt-get install -y -q --no-remove --no-install-recommends --allow-downgrades -o DPkg::Lock::Timeout=60 \\
  -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold ${quoteAll(words)} 9<&-
status=$?
for name in ${quoteAll(names)}; do
  grep -qxF "$name" "$job/manual" || echo "$name"
done | xargs -r apt-mark auto >/dev/null
[ $status != 0 ] || date +%s >"$r/var/lib/timeball/upgrade/known"
end $status
RUN
  mv "$job.new" "$job"
  if command -v systemd-run >/dev/null; then
    systemd-run --quiet --collect --unit='timeball-${id}' sh "$job/run" "$job" "$r" 2>&1
  else
    setsid sh "$job/run" "$job" "$r" </dev/null >/dev/null 2>&1 &
  fi
fi
waited=0
is_at_it() { tr '\\0' ' ' <"/proc/$(cat "$job/pid")/cmdline" 2>/dev/null | grep -qF '${id}'; }
while [ ! -e "$job/exit" ]; do
  if [ -e "$job/pid" ]; then
    is_at_it || { sleep 1; [ -e "$job/exit" ] || { say cut yes; break; }; }
  elif [ $waited -ge 30 ]; then
    say trouble 'apt could not be started'
    exit 0
  fi
  sleep 1
  waited=$((waited + 1))
done
[ ! -e "$job/exit" ] || say exit "$(cat "$job/exit")"
say errors "$(errors <"$job/log")"
half=$(halves)
[ -z "$half" ] || say half "$half"
[ ! -e "$r/run/reboot-required" ] || say reboot_required yes
say end done
`
}
