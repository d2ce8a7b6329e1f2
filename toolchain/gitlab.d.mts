export function hasGitlab(): boolean
export function gitlabProgram(say?: (line: string) => void): string
