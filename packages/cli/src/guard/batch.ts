import { StringDecoder } from 'node:string_decoder'
import { EXIT, type ExitStatus } from '../exit-status.ts'
import type { Io } from '../io.ts'
import { toJson } from '../ui/json.ts'

/** In characters. Nobody types a longer command line, and a line is kept in memory. */
const LINE_MAX = 8 << 20

/**
 * Answers each line of standard input, a JSON string, with a line of JSON. A line that is something else, or whose
 * answer fails, is answered by an error object, and the next lines are read.
 */
export async function answerBatch(
  answerOf: (line: string) => unknown,
  io: Io,
  input: AsyncIterable<Buffer> = process.stdin,
): Promise<ExitStatus> {
  let number = 0
  for await (const text of linesOf(input)) io.out(toJson(answerLine(text, ++number, answerOf)))
  return EXIT.done
}

function answerLine(text: string | undefined, number: number, answerOf: (line: string) => unknown): unknown {
  const line = text === undefined ? undefined : stringIn(text)
  if (line === undefined)
    return failed(
      'invalid_line',
      text === undefined ? `line ${number} is too long` : `line ${number} is not a JSON string`,
    )
  try {
    return answerOf(line)
  } catch (error) {
    return failed('failed', `line ${number}: ${error instanceof Error ? error.message : 'unknown'}`)
  }
}

function failed(code: string, message: string) {
  return { error: { code, message, remedy: 'give each command line as a JSON string on a line of its own' } }
}

function stringIn(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : undefined
  } catch {
    return undefined
  }
}

/** Only a line feed ends a line: a JSON string may contain U+2028. A line that is too long is undefined. */
async function* linesOf(input: AsyncIterable<Buffer>): AsyncGenerator<string | undefined> {
  const decoder = new StringDecoder('utf8')
  let parts: string[] = []
  let length = 0
  const taken = () => {
    const line = length > LINE_MAX ? undefined : parts.join('')
    parts = []
    length = 0
    return line
  }
  const keep = (part: string) => {
    length += part.length
    if (length <= LINE_MAX) parts.push(part)
    else parts = []
  }
  for await (const bytes of input) {
    const [first = '', ...more] = decoder.write(bytes).split('\n')
    keep(first)
    for (const part of more) {
      yield taken()
      keep(part)
    }
  }
  keep(decoder.end())
  if (length > 0) yield taken()
}
