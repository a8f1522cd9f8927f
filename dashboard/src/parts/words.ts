/** What each figure is, and what is normal: said on hover or tap. */
export const words = {
  verdict: 'What the newest sweep found when it asked this server for the time like a client.',
  stratum: 'How many steps from a reference clock. Normal: 1 with a receiver, 2 or 3 without.',
  offset: 'How far the server is from the fleet’s time. Normal: well within its error.',
  error: 'How wrong the offset can be: half the round trip and the root distance of the server.',
  release: 'What its container runs: the first digits of the digest.',
  ssh: 'Whether the newest check over ssh got an answer.',
  ntp: 'Answers to the packets of the newest sweep. Normal: all.',
  rootDistance: 'How far it can be from UTC by its own account. Clients reject 1.5 s and more.',
  jitter: 'How much single measurements differ. Normal: below a millisecond on a local network.',
  delay: 'Round trip to it. Normal: below a millisecond on a local network.',
  score: 'Over the last sweeps, as the NTP pool counts: 100 is the best.',
} as const

export type Word = keyof typeof words
