/** Asks for a token. */
import { useState } from 'preact/hooks'
import { refusal } from './live/state.ts'
import { signIn } from './live/token.ts'
import { Command } from './parts/parts.tsx'

export function SignIn() {
  const [given, setGiven] = useState('')
  const submit = (event: Event): void => {
    event.preventDefault()
    if (given.trim() !== '') signIn(given.trim())
  }
  return (
    <main class="sign-in">
      <h1>Timeball</h1>
      <form onSubmit={submit}>
        <label>
          Token
          <input
            type="password"
            autocomplete="current-password"
            value={given}
            onInput={(event) => setGiven(event.currentTarget.value)}
          />
        </label>
        <button type="submit">Sign in</button>
      </form>
      {refusal.value !== null && (
        <p class="problem" role="alert">
          {refusal.value.detail}
        </p>
      )}
      <p>Who may use the controller’s machine makes one that may look and change nothing:</p>
      <Command text="timeball token create me --role viewer" />
    </main>
  )
}
