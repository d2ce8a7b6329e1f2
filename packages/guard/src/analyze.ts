import { forEachChild, parse, type SyntaxNode } from 'unbash'
import { budgetOf } from './budget.ts'
import type { GuardContext } from './context.ts'
import type { Analysis, Effect } from './effect.ts'
import { toolNamed } from './tools/index.ts'
import type { Call, Found, Word } from './tools/tool.ts'

/** Says what a command line would change. It runs nothing, and reads files only through the context. */
export function analyze(line: string, context: GuardContext): Analysis {
  const effects: Effect[] = []
  const budget = budgetOf(200, context.now)
  const follow = (source: string, at: number): readonly Found[] => {
    const found: Found[] = []
    const visit = (node: SyntaxNode) => {
      if (node.type === 'Command' && node.name) {
        const words: Word[] = [node.name, ...node.args].map(each => ({
          text: each.type === 'Word' ? each.value : each.text,
          from: at + each.pos,
          to: at + each.end,
          raw: each.text,
        }))
        found.push(...called(words))
      }
      forEachChild(node, visit)
    }
    visit(parse(source))
    return found
  }
  const called = ([word, ...args]: readonly Word[]): readonly Found[] => {
    const name = word?.text?.split('/').at(-1) ?? ''
    const tool = toolNamed(name)
    if (!tool || !word) return []
    const call: Call = {
      name,
      word,
      args,
      env: context.env,
      cwd: context.cwd,
      host: context.host,
      isRemote: false,
      context,
      budget,
      inner: (text, more) => follow(text, more?.at?.[0] ?? 0),
      innerArgs: words => called(words),
      read: path => context.readText(path.startsWith('/') ? path : `${context.cwd}/${path}`),
      list: path => context.listFolder?.(path.startsWith('/') ? path : `${context.cwd}/${path}`),
    }
    return tool.effects(call).map(each => ({ ...each, tool: each.tool ?? tool.names[0] }))
  }
  for (const { label, tool, verb, effect, target, words, note } of follow(line, 0))
    effects.push({
      label: label ?? null,
      tool: tool ?? '',
      verb,
      effect,
      target,
      words,
      ...(note === undefined ? {} : { note }),
    })
  return { effects, ranOut: false }
}
