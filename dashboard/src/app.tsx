/** The frame of all views: the sentence, how live it is, the way to the views, and the keys. */
import { useEffect } from 'preact/hooks'
import { ClocksView } from './clocks/clocks-view.tsx'
import { DeviceView } from './device/device-view.tsx'
import { watchFilter } from './fleet/filter.ts'
import { FleetView } from './fleet/fleet-view.tsx'
import { watchKeys } from './keys.ts'
import { follow } from './live/follow.ts'
import { route } from './live/route.ts'
import { fleet, link, nowUnixMs, readUnixMs, sentence, sweptUnixMs } from './live/state.ts'
import { signOut, token } from './live/token.ts'
import { formatAge } from './parts/format.ts'
import { Mark, Nothing } from './parts/parts.tsx'
import { RolloutsView } from './rollouts/rollouts-view.tsx'
import { SignIn } from './sign-in.tsx'
import { showVerdict } from './title.ts'

export function App() {
  const who = token.value
  useEffect(() => {
    if (who === null) return
    const stop = new AbortController()
    void follow({ token: who, signal: stop.signal })
    return () => stop.abort()
  }, [who])
  useEffect(() => {
    const timer = setInterval(() => (nowUnixMs.value = Date.now()), 1_000)
    const ends = [watchKeys(), watchFilter(), showVerdict(), () => clearInterval(timer)]
    return () => ends.forEach((end) => end())
  }, [])
  if (who === null) return <SignIn />
  return (
    <>
      <Header />
      <main id="main">{readUnixMs.value === null ? <Waiting /> : <View />}</main>
      <footer>
        <span>Keys: / filter, j and k devices, Enter open, g then f, c or r</span>
        <button type="button" onClick={signOut}>
          sign out
        </button>
      </footer>
    </>
  )
}

function View() {
  const [view, name] = route.value.path
  if (view === 'clocks') return <ClocksView />
  if (view === 'rollouts') return <RolloutsView />
  if (view === 'devices' && name !== undefined) return <DeviceView name={name} />
  return <FleetView />
}

function Waiting() {
  return (
    <Nothing>
      {link.value === 'lost'
        ? 'The controller does not answer. It is asked again.'
        : 'Reading the fleet.'}
    </Nothing>
  )
}

const views = [
  { path: '', name: 'Fleet' },
  { path: 'clocks', name: 'Clocks' },
  { path: 'rollouts', name: 'Rollouts' },
] as const

function Header() {
  const said = sentence.value
  const past = pastOf(nowUnixMs.value)
  const [here = ''] = route.value.path
  return (
    <header>
      <nav aria-label="Views">
        <strong>{fleet.value?.fleet ?? 'Timeball'}</strong>
        {views.map(({ path, name }) => (
          <a key={path} href={`#/${path}`} aria-current={here === path ? 'page' : undefined}>
            {name}
          </a>
        ))}
        <Link />
      </nav>
      {said !== null && (
        <div class={`sentence ${past === null ? said.level : 'unknown'}`} role="status">
          <Mark level={past === null ? said.level : 'unknown'}>
            {past ?? ''}
            {said.text}
          </Mark>
          {said.more.map((text) => (
            <p key={text}>{text}</p>
          ))}
        </div>
      )}
    </header>
  )
}

/** A sweep that is older than that is history: the controller sweeps every 15 s unless told otherwise. */
const staleMs = 60_000

/** The present is never mixed with the past: `null` is now. */
function pastOf(now: number): string | null {
  const swept = sweptUnixMs.value
  if (swept === null || (link.value !== 'lost' && now - swept <= staleMs)) return null
  return `As of ${formatAge(now - swept)} ago: `
}

function Link() {
  const now = nowUnixMs.value
  const age = sweptUnixMs.value === null ? null : now - sweptUnixMs.value
  if (link.value === 'lost') return <span class="link bad">✗ reconnecting</span>
  if (age === null) return <span class="link unknown">○ no sweep yet</span>
  if (age > staleMs) return <span class="link warn">▲ stale: swept {formatAge(age)} ago</span>
  return <span class="link good">● live, swept {formatAge(age)} ago</span>
}
