import { describe, expect, it } from 'vitest'
import { presence } from './support/cli.ts'
import { PAGES, textOf, wordsOf } from './support/pages.ts'

/** The commands of presence that a page shows: lines of code blocks, and code in its text. */
function shown(page: string): readonly string[] {
  const text = textOf(page)
  const code = [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)].flatMap(([, block = '']) =>
    block.split('\n'),
  )
  const lines = code.map(line => line.trim()).filter(line => line.startsWith('presence '))
  const inText = [...text.replaceAll(/^ *```[\s\S]*?^ *```/gm, '').matchAll(/`(presence [^`]+)`/g)]
  return [...lines, ...inText.map(([, command = '']) => command.replaceAll('\n', ' '))].filter(
    // In these something is left out: a message, or an option's value.
    command => !command.includes('…'),
  )
}

const helps = new Map<string, Promise<string>>()
/** The help of a verb, empty if there is no such verb. */
function helpOf(verb: string): Promise<string> {
  const asked =
    helps.get(verb) ??
    presence([...verb.split(' '), '--help'], { within: 20_000 }).then(({ stdout, stderr }) =>
      // `hook` isn't meant for people: its help is an error with the usage.
      verb === 'hook' ? stdout + stderr : stdout.startsWith(`Usage: presence ${verb} `) ? stdout : '',
    )
  helps.set(verb, asked)
  return asked
}

/** What is wrong with a command; undefined if its verb and options exist. */
async function wrongWith(command: string): Promise<string | undefined> {
  const own = command.replace(/ (--|&&|\|\|) .*/, '')
  const words = wordsOf(own).slice(1)
  const given = own.replaceAll(/"[^"]*"/g, '').match(/(?<= |\[)--[a-z][a-z-]*/g) ?? []
  const [verb = '', sub = ''] = words.filter(word => /^[a-z]+(-[a-z]+)*$/.test(word))
  if (words[0] !== verb) return undefined
  const help = await helpOf(verb)
  if (help === '') return `no verb ${verb}`
  const isSub = new RegExp(`^  ${sub} `, 'm').test(/\nCommands:\n([\s\S]*?)(?:\n\n|$)/.exec(help)?.[1] ?? '')
  const whole = sub !== '' && words[1] === sub && isSub ? await helpOf(`${verb} ${sub}`) : help
  const missing = given.filter(option => !new RegExp(`${option}\\b`).test(whole))
  return missing.length === 0 ? undefined : `${verb} has no ${missing.join(', ')}`
}

describe('the commands in the documentation', () => {
  it.each(PAGES)('have verbs and options that exist: %s', async page => {
    for (const command of shown(page)) {
      expect(await wrongWith(command), command).toBeUndefined()
    }
  })
})
