import type { Plugin } from 'rolldown'

/**
 * Writes all non-ASCII characters of a bundle as escapes. A single such character makes Node store the whole
 * file as a string with two bytes per character, which takes longer to read at each start.
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

/**
 * Escapes a UTF-16 code unit. The result means the same in a string, a template and a regular expression; a
 * surrogate pair becomes two escapes.
 */
function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
}
