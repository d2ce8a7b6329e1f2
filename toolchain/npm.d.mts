type Name = 'gitlab-ci-local' | 'claude-code'
export function hasNpmProgram(name: Name): boolean
export function npmProgram(name: Name, say?: (line: string) => void): string
