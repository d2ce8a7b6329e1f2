import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type Line, lineSchema } from './format.ts'

/**
 * Reads a saved history: a file, or a folder with a file for each process.
 *
 * @throws Error that names the file and the line that can't be read. The last line of a file may be
 * incomplete, because its process may have been killed during the write.
 */
export function readHistory(path: string): readonly Line[] {
  const files = statSync(path).isDirectory()
    ? readdirSync(path)
        .filter(name => name.endsWith('.jsonl'))
        .sort()
        .map(name => join(path, name))
    : [path]
  if (files.length === 0) throw new Error(`${path} holds no *.jsonl file`)
  return files.flatMap(file => linesOf(readFileSync(file, 'utf8'), file))
}

function linesOf(text: string, file: string): readonly Line[] {
  const lines = text.split('\n')
  const last = lines.pop() ?? ''
  const read = lines.filter(line => line !== '').map((line, at) => parse(line, `${file}:${at + 1}`))
  try {
    if (last !== '') read.push(parse(last, file))
  } catch {}
  return read
}

function parse(line: string, where: string): Line {
  let value: unknown
  try {
    value = JSON.parse(line)
  } catch (error) {
    throw new Error(`${where} is not JSON`, { cause: error })
  }
  const parsed = lineSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
  throw new Error(`${where} is not a line of a history: ${problems.join('; ')}`)
}
