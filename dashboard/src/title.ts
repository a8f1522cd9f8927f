/** The verdict in the window's title and icon, for who has the page among many. */
import { effect } from '@preact/signals'
import type { Level } from './fleet/verdict.ts'
import { devices, fleet, link, sentence } from './live/state.ts'
import { verdictOf } from './fleet/verdict.ts'

const icons: Readonly<Record<Level, { readonly colour: string; readonly shape: string }>> = {
  good: { colour: '#00755b', shape: '<circle cx="8" cy="8" r="7"/>' },
  warn: { colour: '#b36b00', shape: '<path d="M8 1 15 15H1z"/>' },
  bad: {
    colour: '#c02626',
    shape: '<path d="M3 1 8 6l5-5 2 2-5 5 5 5-2 2-5-5-5 5-2-2 5-5-5-5z"/>',
  },
  unknown: {
    colour: '#777777',
    shape: '<circle cx="8" cy="8" r="6" fill="none" stroke="#777" stroke-width="2"/>',
  },
}

export function showVerdict(): () => void {
  return effect(() => {
    const level = link.value === 'lost' ? 'unknown' : (sentence.value?.level ?? 'unknown')
    const wrong = devices.value.filter((device) => verdictOf(device).level === 'bad').length
    const count = wrong === 0 ? '' : `✗${wrong} · `
    document.title = `${count}${fleet.value?.fleet ?? 'Timeball'} · Timeball`
    const { colour, shape } = icons[level]
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16" fill="${colour}">${shape}</svg>`
    const icon = document.querySelector<HTMLLinkElement>('link[rel=icon]')
    if (icon !== null) icon.href = `data:image/svg+xml,${encodeURIComponent(svg)}`
  })
}
