import { presence } from '../cli.ts'

/** The commands of the program, as its help lists them. */
export async function commandsIn(...of: readonly string[]): Promise<readonly string[]> {
  const { stdout } = await presence([...of, '--help'])
  const [, listed = ''] = stdout.split('Commands:\n')
  const names = [...listed.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name)
  const parts = await Promise.all(
    names
      .filter(name => name !== 'help')
      .map(async name => {
        if (of.length > 0) return [`${of.join(' ')} ${name}`]
        const below = await commandsIn(name)
        return below.length > 0 ? below : [name]
      }),
  )
  return parts.flat()
}
