import { span } from '../../src/tools/support/flags.ts'
import { lineOf } from '../../src/tools/support/line.ts'
import type { Call, Tool } from '../../src/tools/tool.ts'

/** The calls of `see`, in order. */
export const seen: Call[] = []

/** Tools that only pass on what they get: `see`, `far HOST COMMAND…` like ssh, `box NAME COMMAND…` like docker exec. */
export const TOOLS: readonly Tool[] = [
  {
    names: ['see'],
    effects: call => {
      seen.push(call)
      // Asked for now, because the variables in front of the command are over after it.
      void [call.env, call.unknownEnv]
      const label = call.args[0]?.text
      return [
        {
          label: label && `node:${label}`,
          verb: 'see',
          effect: 'changes',
          target: 'exact',
          words: span(call.word, ...call.args),
        },
      ]
    },
  },
  {
    names: ['far'],
    effects: ({ args, inner }) => inner(lineOf(args.slice(1)), { host: args[0]?.text, isRemote: true }),
  },
  {
    names: ['box'],
    effects: ({ args, innerArgs }) => innerArgs(args.slice(1), { isRemote: true, host: 'engine' }),
  },
  {
    names: ['broken'],
    effects: () => {
      throw new TypeError('a fault of the tool')
    },
  },
]

export const toolNamed = (name: string) => TOOLS.find(tool => tool.names.includes(name))
