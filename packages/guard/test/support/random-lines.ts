/** Makes random command lines whose only effects are calls of `act NAME`. Equal seeds make equal lines. */
export class RandomLines {
  #seed: number

  constructor(seed: number) {
    this.#seed = seed
  }

  /** A line, with variables and arguments that are known in half of the cases. */
  line(): string {
    const start = this.#below(2) ? 'x=a; y=b-c; z=d; set -- p q; export x\n' : ''
    return start + this.#list(3)
  }

  /** mulberry32 */
  #below(limit: number): number {
    this.#seed = (this.#seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#seed ^ (this.#seed >>> 15), 1 | this.#seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }

  #pick<Item>(items: readonly Item[]): Item {
    return items[this.#below(items.length)] as Item
  }

  #name = () => this.#pick(['a', 'b', 'c', 'd'])
  #variable = () => this.#pick(['x', 'y', 'z'])
  #simple = () => `act ${this.#word()}`

  #word = (): string => {
    const [name, v] = [this.#name, this.#variable]
    return this.#pick([
      name,
      () => `$${v()}`,
      () => `"$${v()}"`,
      () => `'${name()}'`,
      () => `"${name()}-$${v()}"`,
      () => `$(echo ${this.#word()})`,
      () => `\${${v()}:-${name()}}`,
      () => `\${${v()}%%-*}`,
      () => `\${${v()}##*-}`,
      () => `\${${v()}^^}`,
      () => `{${name()},${name()}}`,
      () => `\\${name()}`,
      () => '$1',
      () => '"$@"',
    ])()
  }

  #list(depth: number): string {
    return Array.from({ length: 1 + this.#below(3) }, () => this.#command(depth)).join('\n')
  }

  #command(depth: number): string {
    if (depth === 0) return this.#simple()
    const [name, v, word, simple] = [this.#name, this.#variable, this.#word, this.#simple]
    const list = () => this.#list(depth - 1)
    const plain = () => word().replace(/[{}@'"]/g, '')
    return this.#pick([
      simple,
      simple,
      () => `${v()}=${plain()}`,
      () => `export ${v()}=${name()}`,
      () => `unset ${v()}`,
      () => `${v()}=${name()} ${simple()}`,
      () => `(${list()})`,
      () => `{ ${list()}; }`,
      () => `if ${this.#pick(['true', 'false'])}; then ${list()}; else ${list()}; fi`,
      () => `case ${name()} in ${name()}) ${list()};; *) ${list()};; esac`,
      () => `for ${v()} in ${word()} ${word()}; do ${list()}; done`,
      () => `nodes=(${word()} ${word()}); for ${v()} in "\${nodes[@]}"; do ${list()}; done`,
      () => `printf '${name()}\\n${name()}\\n' | while read -r ${v()}; do ${list()}; done`,
      () => `f() { ${list()}; }; f ${word()}`,
      () => `bash -c ${inSingleQuotes(list())}`,
      () => `bash -c ${inDoubleQuotes(list())} _ ${name()}`,
      () => `eval ${inSingleQuotes(list())}`,
      () => `bash <<'EOF'\n${list()}\nEOF\n`,
      () => `bash <<EOF\nact ${name()}$${v()}\nEOF\n`,
      () => `echo ${name()} ${name()} | xargs act`,
      () => `echo ${name()} ${name()} | xargs -n1 act`,
      () => `printf '%s\\n' ${name()} ${name()} | xargs -I{} act {}`,
      () => `echo act ${name()} | sh`,
      () => `echo act ${name()} > /dev/null`,
      () => `env ${v()}=${name()} ${simple()}`,
      () => `timeout 5 ${simple()}`,
      () => `${this.#pick(['true', 'false'])} ${this.#pick(['&&', '||'])} ${this.#command(depth - 1)}`,
      () => `: $(${list()})`,
      () => `echo "$(${list()})" >/dev/null`,
      () => `set -- ${name()} ${name()}`,
      () => 'shift',
    ])()
  }
}

const inSingleQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
const inDoubleQuotes = (text: string) => `"${text.replace(/(["\\`$])/g, '\\$1')}"`
