import { expect, it } from 'vitest'
import { Contact } from './contact.ts'

const at = (seconds: number) => new Date(Date.parse('2030-01-02T03:00:00Z') + seconds * 1_000)

it('a follower reads at least the last 10 s of events again, also at its first look', () => {
  const contact = new Contact()
  expect(contact.since).toBeUndefined()
  for (let seconds = 0; seconds < 60; seconds++) {
    contact.made(at(seconds))
    expect(contact.since?.getTime()).toBeLessThanOrEqual(at(seconds - 10).getTime())
    expect(contact.since?.getTime()).toBeGreaterThanOrEqual(at(seconds - 20).getTime())
  }
})

it('after an outage, a follower rereads events from before the outage, until the board has answered for long enough', () => {
  const contact = new Contact()
  for (let seconds = 0; seconds <= 30; seconds++) contact.made(at(seconds))
  for (let seconds = 600; seconds <= 605; seconds++) {
    contact.made(at(seconds))
    expect(contact.since?.getTime()).toBeLessThanOrEqual(at(25).getTime())
  }
  for (let seconds = 606; seconds <= 640; seconds++) contact.made(at(seconds))
  expect(contact.since?.getTime()).toBeGreaterThanOrEqual(at(620).getTime())
})
