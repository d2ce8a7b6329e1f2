import type { Plugin } from 'rolldown'

/**
 * Writes what is not ASCII in a bundle as escapes. A single such character makes of a whole file a string of two bytes a
 * character, which Node takes longer to read at each start.
 */
export function asciiPlugin(): Plugin {
  return {
    name: 'ascii',
    generateBundle(_, bundle) {
      for (const chunk of Object.values(bundle))
        if (chunk.type === 'chunk') chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped)
    },
  }
}

/** Stands for the same in a string, a template and a regular expression, with its half of a pair in either. */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
