export function hasGo(): boolean
export function doltBinary(say?: (line: string) => void): string
