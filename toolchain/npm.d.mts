type Name =
  | 'gitlab-ci-local'
  | 'claude-code'
  | 'codex'
  | 'gemini-cli'
  | 'node-20'
  | 'node-22'
  | 'node-26'
  | 'vitepress'
export function versionOf(name: Name): string
export function hasNpmProgram(name: Name): boolean
export function npmProgram(name: Name, say?: (line: string) => void): string
