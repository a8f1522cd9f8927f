/** What may be asked of a rollout. Whether it can be done says the controller, which is asked. */
import { useRef, useState } from 'preact/hooks'
import { tell, type Refusal, type RolloutAction } from '../api.ts'
import { token } from '../live/token.ts'

/** Who goes on decides on what is seen; who stops wants it whatever happened since. */
const goesOn: ReadonlySet<RolloutAction> = new Set(['resume', 'promote'])

/** What will happen, as it is repeated before it is asked. */
const actions: readonly (readonly [RolloutAction, string, string])[] = [
  [
    'pause',
    'Pause',
    'Steps that run are finished, and no other device moves until somebody resumes it.',
  ],
  ['resume', 'Resume', 'It goes on where it was left, with all its gates.'],
  [
    'promote',
    'Promote',
    'It goes past what waits for you: the next wave, or the devices that were held back.',
  ],
  [
    'abort',
    'Abort',
    'No other device moves; what was moved is treated as on_abort in fleet.yaml says.',
  ],
  [
    'rollback',
    'Roll back',
    'The old release comes back on all devices that were moved, and this one is blocked.',
  ],
]

function textOf({ detail, hint }: Refusal): string {
  return hint === null ? detail : `${detail}; ${hint}`
}

export function AskRollout({ rollout, etag }: { rollout: string; etag: string | null }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [chosen, setChosen] = useState(actions[0])
  const [why, setWhy] = useState('')
  const [said, setSaid] = useState('')
  if (chosen === undefined) return null
  const [action, name, what] = chosen
  const send = (event: Event): void => {
    event.preventDefault()
    dialog.current?.close()
    const asker = { token: token.value ?? '', signal: new AbortController().signal }
    const path = `/rollouts/${encodeURIComponent(rollout)}/requests`
    const seen = goesOn.has(action) ? etag : null
    void tell(path, { body: { action, why }, etag: seen }, asker).then((answer) => {
      setWhy('')
      setSaid(`${name}: ${answer.ok ? 'asked' : textOf(answer.failure)}`)
    })
  }
  return (
    <>
      <div class="actions" role="group" aria-label={`Ask of ${rollout}`}>
        {actions.map((each) => (
          <button
            key={each[0]}
            type="button"
            onClick={() => {
              setChosen(each)
              dialog.current?.showModal()
            }}
          >
            {each[1]}
          </button>
        ))}
        <span role="status">{said}</span>
      </div>
      <dialog ref={dialog} aria-label={name}>
        <form onSubmit={send}>
          <h3>
            {name} {rollout}?
          </h3>
          <p>{what}</p>
          <label>
            Why
            <input
              value={why}
              maxLength={500}
              onInput={(event) => setWhy(event.currentTarget.value)}
            />
          </label>
          <p class="actions">
            <button type="submit">{name}</button>
            <button type="button" onClick={() => dialog.current?.close()}>
              Leave it
            </button>
          </p>
        </form>
      </dialog>
    </>
  )
}
