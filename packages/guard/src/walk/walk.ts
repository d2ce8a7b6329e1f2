import type {
  AndOr,
  Case,
  CommandNode,
  CompoundCommand,
  CompoundList,
  If,
  ParsedScript,
  Pipeline,
  PipelineNode,
  Redirected,
  Script,
  Statement,
} from 'unbash'
import { runSimple } from './command.ts'
import { EXPAND, expandWord, runSubstitutions } from './expand.ts'
import { runFor, runWhile } from './loops.ts'
import { redirected, stageOutput } from './output.ts'
import { isOver, type State } from './state.ts'

/** Runs every statement of a script. */
export function runScript(script: Script | ParsedScript, state: State) {
  const { errors } = script as ParsedScript
  if (errors?.some(({ message }) => message.includes('nesting depth'))) state.session.ranOut = true
  for (const statement of script.commands) runStatement(statement, state)
}

function runList(list: CompoundList, state: State) {
  for (const statement of list.commands) runStatement(statement, state)
}

function runStatement({ command, background }: Statement, state: State) {
  if (isOver(state.session)) return
  const here = background ? state.fork() : state
  if (command.type === 'AndOr') runAndOr(command, here)
  else runPipelineNode(command, here)
}

/** What `&&` leads to is taken as run. What `||` leads to may or may not run. */
function runAndOr({ commands, operators }: AndOr, state: State) {
  for (const [at, command] of commands.entries()) {
    if (isOver(state.session)) return
    const here = operators[at - 1] === '||' ? state.fork() : state
    runPipelineNode(command, here)
    if (here !== state) state.merge(here)
  }
}

function runPipelineNode(node: PipelineNode, state: State) {
  if (node.type === 'Pipeline') runPipeline(node, state)
  else runCommand(node, state)
}

function runPipeline({ commands }: Pipeline, state: State) {
  const [only, more] = commands
  if (only && !more) return runCommand(only, state)
  let { stdin } = state
  for (const command of commands) {
    if (isOver(state.session)) return
    const stage = state.fork()
    stage.stdin = stdin
    stdin = stageOutput(command, stage, stdin, EXPAND)
    runCommand(command, stage)
  }
}

/** Runs one command of any kind. */
function runCommand(node: CommandNode | CompoundList, state: State) {
  switch (node.type) {
    case 'Command':
      return runSimple(node, state)
    case 'Redirected':
      return runRedirected(node, state)
    case 'Function': {
      const name = node.name.value
      state.functions.set(name, { node, at: state.at, shift: state.shift, isInFile: state.isInFile })
      return
    }
    case 'Coproc':
      return runCommand(node.body, state.fork())
    case 'CompoundList':
      return runList(node, state)
    default:
      return runCompound(node, state)
  }
}

/** The body of a function, which its call runs. */
export function runBody(node: CompoundCommand | Redirected | CompoundList, state: State) {
  runCommand(node, state)
}

function runRedirected({ command, redirects }: Redirected, state: State) {
  for (const redirect of redirects) if (redirect.type !== 'HereDoc') runSubstitutions(redirect, state)
  const before = state.stdin
  state.stdin = redirected(redirects, state, before, EXPAND)
  runCompound(command, state)
  state.stdin = before
}

function runCompound(node: CompoundCommand, state: State) {
  switch (node.type) {
    case 'Subshell':
      return runList(node.body, state.fork())
    case 'BraceGroup':
      return runList(node.body, state)
    case 'If':
      return runIf(node, state)
    case 'Case':
      return runCase(node, state)
    case 'For':
    case 'Select':
      return runFor(node, state, runList)
    case 'While':
      return runWhile(node, state, runList)
    case 'ArithmeticFor':
      for (const part of [node.initialize, node.test, node.update]) if (part) runSubstitutions(part, state)
      return runFor(node, state, runList)
    default:
      return runSubstitutions(node, state)
  }
}

function runIf(node: If, state: State) {
  runList(node.clause, state)
  const branches = [node.then, ...node.elif.map(each => each.then), ...(node.else ? [node.else] : [])]
  for (const { clause } of node.elif) runList(clause, state)
  runBranches(branches, state, node.else !== undefined)
}

function runCase(node: Case, state: State) {
  expandWord(node.word, state)
  for (const item of node.items) for (const pattern of item.pattern) runSubstitutions(pattern, state)
  runBranches(
    node.items.map(item => item.body),
    state,
    node.items.some(item => item.pattern.some(pattern => pattern.text === '*')),
  )
}

/** Runs branches of which one comes to pass, or none if they aren't complete. */
function runBranches(branches: readonly CompoundList[], state: State, isComplete: boolean) {
  const states = branches.map(branch => {
    const fork = state.fork()
    runList(branch, fork)
    return fork
  })
  const [first, ...others] = states
  if (!first) return
  if (!isComplete) return state.merge(...states)
  state.vars = first.vars
  state.exported = first.exported
  state.functions = first.functions
  state.cwd = first.cwd
  state.merge(...others)
}
